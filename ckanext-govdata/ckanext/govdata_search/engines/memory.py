"""The plain reference: every document in a dictionary, every query by looking at each; for tests and for being understood."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..analysis import GAP, index_tokens, part_tokens
from ..document import Document, exact_values, facet_values, searched, values_of
from ..fields import WORDED, Kind, kind_of
from ..query import (
    Best,
    Boost,
    Combine,
    Constant,
    Everything,
    Exists,
    Fuzzy,
    Nothing,
    Pattern,
    Phrase,
    Query,
    Range,
    Term,
    is_alike,
    regex_of,
)
from ..request import Answer, Facet, Request
from ..sorting import rank
from ..values import WRITTEN, as_written
from .base import ALONE, Capabilities, Feed, Position, Workers


@dataclass(frozen=True)
class Entry:
    """One document with its tokens by field."""

    document: Document

    @cached_property
    def tokens(self) -> dict[str, list[str]]:
        return {name: tokens_of(name, values) for name, values in searched(self.document).items()}


def tokens_of(name: str, values: list[str]) -> list[str]:
    """A field's tokens in order: words of a text, parts of a name, whole values of anything else."""
    kind = kind_of(name)
    if kind in (Kind.TEXT, Kind.GENERAL):
        return index_tokens(values, english=kind is Kind.TEXT)
    return part_tokens(values) if kind is Kind.PARTS else exact_values(name, values)


def select(documents: Mapping[str, Document], query: Query) -> list[str]:
    """The keys of the documents that fit a query."""
    return [key for key, document in documents.items() if score(Entry(document), query) is not None]


class MemoryEngine:
    """Answers from this process's memory; each process has its own and reads on in the table before it searches."""

    name = "memory"
    capabilities = Capabilities(shared=False, durable=False)

    def __init__(self, settings: Any = None) -> None:
        self._entries: dict[str, Entry] = {}
        self._position = Position()
        self._lock = threading.RLock()

    def catch_up(self, feed: Callable[[Position], Feed | None]) -> Position:
        with self._lock:
            found = feed(self._position)
            if found:
                self._apply(found)
            return self._position

    def catch_up_if_free(self, feed: Callable[[Position], Feed | None]) -> Position:
        return self.catch_up(feed)

    def rebuild(
        self, feed: Callable[[Position], Feed | None], workers: Workers = ALONE, anew: bool = False
    ) -> Position:
        with self._lock:
            self._entries, self._position = {}, Position()
            return self.catch_up(feed)

    def _apply(self, feed: Feed) -> None:
        entries = {} if feed.from_start else dict(self._entries)
        for change in feed.changes:
            if change.key is None:
                entries = {key: entry for key, entry in entries.items() if entry.document.get("site_id") != change.site}
                continue
            entries.pop(change.key, None)
            document = change.document
            if document is not None:
                entries[change.key] = Entry(document)
        self._entries, self._position = entries, feed.until

    def position(self) -> Position:
        return self._position

    def status(self) -> dict[str, Any]:
        return {"engine": self.name, "documents": len(self._entries)}

    def keys(self, query: Query) -> list[str]:
        return [key for key, entry in self._entries.items() if score(entry, query) is not None]

    def search(self, request: Request) -> Answer:
        within = [entry for entry in self._entries.values() if _within(entry, request)]
        found = [(points, entry) for entry in within if (points := score(entry, request.query)) is not None]
        ordered = _ordered(found, request)
        page = ordered[request.start : request.start + request.rows]
        facets = {facet.field: _counted(facet, [entry for _points, entry in found], within) for facet in request.facets}
        return Answer(
            len(found), [entry.document for _points, entry in page], [points for points, _entry in page], facets
        )


def _within(entry: Entry, request: Request) -> bool:
    return all(score(entry, query) is not None for query in request.filters)


def _ordered(found: list[tuple[float, Entry]], request: Request) -> list[tuple[float, Entry]]:
    """Sorted by the keys, the last one first, so that earlier ones leave its order among equals."""
    ordered = sorted(found, key=lambda pair: -pair[0]) if not request.sort else found
    for key in reversed(request.sort):
        if key.field == "score":
            ordered = sorted(ordered, key=lambda pair: pair[0], reverse=key.descending)
            continue
        ordered = sorted(ordered, key=lambda pair, key=key: rank(pair[1].document, key), reverse=key.descending)
    return ordered


def _counted(facet: Facet, found: Iterable[Entry], within: Iterable[Entry]) -> list[tuple[str, int]]:
    """The counts of a facet; values counted as none come from what the filters let through, so they tell no more."""
    counts = Counter(value for entry in found for value in _facet_values(entry, facet.field))
    if facet.least <= 0:
        counts.update({value: 0 for entry in within for value in _facet_values(entry, facet.field)})
    return cut(facet, counts.items())


def _facet_values(entry: Entry, name: str) -> list[str]:
    values = values_of(entry.document, name)
    return facet_values(values) if kind_of(name) in WORDED else exact_values(name, values)


def cut(facet: Facet, counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The counts in the order and number that a facet asks for, numbers and dates as Solr writes them."""
    kept, kind = list(counts), kind_of(facet.field)
    if facet.least > 1 or facet.prefix:
        begins = facet.prefix
        kept = [pair for pair in kept if pair[1] >= facet.least and as_written(kind, pair[0]).startswith(begins)]
    kept.sort(key=(lambda pair: (0, pair[0])) if facet.by_value else (lambda pair: (-pair[1], pair[0])))
    page = kept[facet.offset :][: facet.limit]
    return [(as_written(kind, value), count) for value, count in page] if kind in WRITTEN else page


def score(entry: Entry, query: Query) -> float | None:
    """How well a document fits, None when it does not."""
    if isinstance(query, Combine):
        return _combined(entry, query)
    if isinstance(query, Best):
        found = sorted((points for part in query.choices if (points := score(entry, part)) is not None), reverse=True)
        return found[0] + query.tie * sum(found[1:]) if found else None
    if isinstance(query, (Boost, Constant)):
        inner = score(entry, query.query)
        return inner if inner is None else (inner * query.factor if isinstance(query, Boost) else query.score)
    fits = _FITS[type(query)](entry, query)
    return 1.0 if fits else None


def _combined(entry: Entry, query: Combine) -> float | None:
    if any(score(entry, part) is not None for part in query.must_not):
        return None
    needed = 0.0
    for part in query.must:
        points = score(entry, part)
        if points is None:
            return None
        needed += points
    optional = [points for part in query.should if (points := score(entry, part)) is not None]
    if len(optional) < query.minimum or (query.should and not query.must and not optional):
        return None
    return needed + sum(optional)


def _phrase(entry: Entry, query: Phrase) -> bool:
    tokens = entry.tokens.get(query.field, [])
    if len(query.tokens) > 1 and query.tokens[0] not in tokens:
        return False
    return any(_follows(tokens, at, query) for at in range(len(tokens)))


def _follows(tokens: list[str], at: int, query: Phrase) -> bool:
    """Whether the phrase begins at a place; each further token may come up to `slop` places late in all."""
    spare = query.slop
    for number, wanted in enumerate(query.tokens):
        open_end = query.open_end and number == len(query.tokens) - 1
        while at < len(tokens) and tokens[at] != GAP and not _equal(tokens[at], wanted, open_end):
            if number == 0 or not spare:
                return False
            spare, at = spare - 1, at + 1
        if at >= len(tokens) or tokens[at] == GAP:
            return False
        at += 1
    return True


def _equal(token: str, wanted: str, open_end: bool) -> bool:
    return token.startswith(wanted) if open_end else token == wanted


def _pattern(entry: Entry, query: Pattern) -> bool:
    wanted = re.compile(regex_of(query.parts), re.DOTALL)
    return any(wanted.fullmatch(token) for token in entry.tokens.get(query.field, ()) if token != GAP)


def in_range(token: str, query: Range) -> bool:
    if query.low is not None and (token < query.low or (token == query.low and not query.include_low)):
        return False
    return query.high is None or token < query.high or (token == query.high and query.include_high)


_FITS: dict[type, Callable[[Entry, Any], bool]] = {
    Everything: lambda _entry, _query: True,
    Nothing: lambda _entry, _query: False,
    Term: lambda entry, query: query.token in entry.tokens.get(query.field, ()),
    Phrase: _phrase,
    Pattern: _pattern,
    Fuzzy: lambda entry, query: any(
        is_alike(t, query.token, query.distance) for t in entry.tokens.get(query.field, ())
    ),
    Range: lambda entry, query: any(
        in_range(token, query) for token in entry.tokens.get(query.field, ()) if token != GAP
    ),
    Exists: lambda entry, query: any(token != GAP for token in entry.tokens.get(query.field, ())),
}
