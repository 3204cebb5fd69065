"""Only pages of this portal are ways to go on."""

from __future__ import annotations

import pytest

from ckanext.govdata_login.addresses import is_secure, safe_next


@pytest.mark.parametrize("target", ["/", "/dataset/a?x=1#y", "/zh_Hans_CN/user/li-si", "/a:b", "/?next=https://x.org"])
def test_a_path_of_the_portal_is_kept(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "dataset",
        "https://x.org",
        "//x.org",
        "///x.org",
        "/\\x.org",
        "\\/x.org",
        "/\t/x.org",
        "/a\nb",
        " //x.org",
        "javascript:alert(1)",
        "http:x.org",
        "/" + "a" * 3000,
        "/a\u2028b",
        "/\x00",
        "https:/x.org",
    ],
)
def test_everything_else_leads_home(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"


@pytest.mark.parametrize(
    ("address", "allowed", "good"),
    [
        ("https://a.org/x", False, True),
        ("http://a.org", True, False),
        ("http://127.0.0.1:1/x", True, True),
        ("http://127.0.0.1:1/x", False, False),
        ("https://u:p@a.org", False, False),
        ("https:///x", False, False),
        ("ftp://a.org", True, False),
    ],
)
def test_addresses_of_services_are_https_or_on_this_machine(address: str, allowed: bool, good: bool) -> None:
    assert is_secure(address, allowed) is good
