"""Whatever is sent as a query or a filter is read or refused by our own error, within little time and memory."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.errors import SearchEngineError
from ckanext.govdata_search.request import read_request
from tests.contract.search.grammar import Grammar

ALL = bool(os.environ.get("GOVDATA_TEST_ALL"))
BYTES, FORMED = (1_000_000, 100_000) if ALL else (20_000, 2_000)
MOST_MILLISECONDS = 50
MOST_MEGABYTES = 200
KNOWN = synonyms.current(None)
_WEIGHTS = {"qf": "name^4 title^4 tags^2 groups^2 text", "mm": "2<-1 5<80%", "tie": "0.1", "df": "text", "q.op": "AND"}
MANNERS: tuple[dict[str, Any], ...] = (
    {},
    {"df": "text", "q.op": "AND"},
    {**_WEIGHTS, "defType": "dismax"},
    {**_WEIGHTS, "defType": "edismax"},
)
_PIECES = (
    '"', "(", ")", "[", "]", "{", "}", " TO ", " AND ", " OR ", " NOT ", "+", "-", "!", "^", "~", ":", "\\", "*", "?", "&&", "||",
    "title:", "metadata_modified:[NOW-7DAYS/DAY TO ", "交通", "医院床位", "企業", "（", "🚌", "C++",
    "http://x.example/?a=1", "x", " ",
    "{!func}", "2024", "^=", "\u3000", "\x00", "\ud800", "é", "１",
)  # fmt: skip


def raw(chance: random.Random) -> str:
    """Random bytes read as UTF-8 or Latin-1, or a heap of what has a meaning somewhere in the grammar."""
    if chance.random() < 0.4:
        return "".join(chance.choices(_PIECES, k=chance.randint(1, 30)))
    some = chance.randbytes(chance.choice((3, 12, 40, 200)))
    return some.decode("latin-1") if chance.random() < 0.5 else some.decode("utf-8", "replace")


def formed(chance: random.Random) -> str:
    return Grammar(chance.randrange(10**9)).query()[0]


def asked(make: Callable[[random.Random], str], count: int, seed: int) -> Iterator[tuple[str, float]]:
    """So many queries, each with the time in milliseconds of this process that reading it took."""
    chance = random.Random(seed)
    for number in range(count):
        text = make(chance)
        manner = MANNERS[number % len(MANNERS)]
        parameters = {**manner, "fq": [text]} if number % 5 == 0 else manner
        begun = time.process_time()
        with contextlib.suppress(SearchEngineError):
            read_request(text if number % 5 else "*:*", parameters, KNOWN)
        yield text, 1000 * (time.process_time() - begun)


def _check(make: Callable[[random.Random], str], count: int, seed: int) -> None:
    list(asked(make, 500, 0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slow = [text for text, taken in asked(make, count, seed) if taken > MOST_MILLISECONDS]
    # The clock of a busy machine counts what others do to the caches; what is slow in itself is slow again.
    assert [text for text in slow if _quickest(text) > MOST_MILLISECONDS] == []
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MOST_MEGABYTES


def _quickest(text: str) -> float:
    """The least time of many attempts, over all manners of reading."""
    taken = [milliseconds for _text, milliseconds in asked(lambda _chance: text, 20, 0)]
    return max(min(taken[manner :: len(MANNERS)]) for manner in range(len(MANNERS)))


@pytest.mark.timeout(3600)
def test_random_bytes_are_read_or_refused() -> None:
    _check(raw, BYTES, 1)


@pytest.mark.timeout(3600)
def test_well_formed_queries_are_read() -> None:
    _check(formed, FORMED, 2)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000, '"' * 100_000, "a OR " * 50_000, "\\" * 100_001, "交" * 100_000, "交通的 " * 40_000, "*" * 100_000,
        "-" * 100_000, "title:" * 50_000, "[a TO b] " * 30_000, "NOT " * 50_000, "a:(" * 30_000, "x~2 " * 50_000,
        "{!lucene " * 10_000, "医院床位数" * 20_000, "^" * 100_000, "{!bool must=" + "x" * 200_000 + "}",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_length_and_no_depth_stops_the_process(text: str) -> None:
    for manner in MANNERS if ALL else (MANNERS[0], MANNERS[3]):
        for q, parameters in ((text, manner), ("*:*", {**manner, "fq": text})):
            begun = time.process_time()
            with contextlib.suppress(SearchEngineError):
                read_request(q, parameters, KNOWN)
            assert time.process_time() - begun < 5
