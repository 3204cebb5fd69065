"""What counts as a use: answers, ranges, programs, visitors."""

from __future__ import annotations

import pytest

from ckanext.govdata.uses.agents import known_agents
from ckanext.govdata.uses.domain import Asked, Client, Kind, counts, item_key, starts_at_first_byte, visitor_key

pytestmark = pytest.mark.requirement("LYG-37")

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("asked", "kind", "expected"),
    [
        (Asked("GET", 200), Kind.DOWNLOAD, True),
        (Asked("GET", 304), Kind.DOWNLOAD, True),
        (Asked("HEAD", 200), Kind.DOWNLOAD, False),
        (Asked("GET", 206, "bytes=0-99"), Kind.DOWNLOAD, True),
        (Asked("GET", 206, "bytes=100-"), Kind.DOWNLOAD, False),
        (Asked("GET", 206, "bytes=-500"), Kind.DOWNLOAD, False),
        (Asked("GET", 200, "bytes=100-"), Kind.DOWNLOAD, True),
        (Asked("GET", 403), Kind.DOWNLOAD, False),
        (Asked("GET", 416, "bytes=999-"), Kind.DOWNLOAD, False),
        (Asked("GET", 302), Kind.VIEW, False),
        (Asked("POST", 200), Kind.API, True),
        (Asked("POST", 200), Kind.VIEW, False),
        (Asked("GET", 503), Kind.API, False),
    ],
)
def test_successful_answers_from_the_first_byte_count(asked: Asked, kind: Kind, expected: bool) -> None:
    assert counts(asked, kind) is expected


def test_of_several_ranges_one_has_to_begin_with_the_file() -> None:
    assert starts_at_first_byte("bytes=500-600, 0-99")
    assert not starts_at_first_byte("bytes=500-600, 700-")
    assert not starts_at_first_byte("lines=0-9")
    assert not starts_at_first_byte("")


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        (FIREFOX, Client.PERSON),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 MicroMessenger/8.0", Client.PERSON),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", None),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", None),
        ("Mozilla/5.0 (compatible; 360Spider)", None),
        ("Sogou web spider/4.0", None),
        ("Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.2", None),
        ("curl/8.5.0", Client.SCRIPT),
        ("python-requests/2.32", Client.SCRIPT),
        ("python-httpx/0.27", Client.SCRIPT),
        ("okhttp/4.12", Client.SCRIPT),
        ("", Client.SCRIPT),
    ],
)
def test_robots_are_out_and_scripts_are_told_apart(agent: str, client: Client | None) -> None:
    assert known_agents().client(agent) is client


def test_a_visitors_key_says_nothing_of_the_visitor() -> None:
    key = visitor_key(b"secret", None, "192.0.2.7", FIREFOX)
    assert len(key) == 16 and b"192.0.2.7" not in key
    assert (
        key == visitor_key(b"secret", None, "192.0.2.7", FIREFOX) != visitor_key(b"secret", None, "192.0.2.8", FIREFOX)
    )
    assert key != visitor_key(b"other", None, "192.0.2.7", FIREFOX)
    assert visitor_key(b"s", "u-1", "a", "b") == visitor_key(b"s", "u-1", "c", "d")


def test_the_same_thing_asked_for_has_the_same_key_in_any_order() -> None:
    assert item_key({"a": "1", "b": "2"}) == item_key({"b": "2", "a": "1"}) != item_key({"a": "1", "b": "3"})
