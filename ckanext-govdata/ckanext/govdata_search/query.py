"""The tree that every engine answers: fields and ready tokens, no syntax and no analysis left to do."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Everything:
    """Every document."""


@dataclass(frozen=True)
class Nothing:
    """No document."""


@dataclass(frozen=True)
class Term:
    """Documents whose field has exactly this token; for a string field the token is the value itself."""

    field: str
    token: str


@dataclass(frozen=True)
class Phrase:
    """Documents whose field has these tokens one after another, with up to `slop` others between them."""

    field: str
    tokens: tuple[str, ...]
    slop: int = 0
    open_end: bool = False
    """Whether the last token need only be the beginning of the indexed one."""


@dataclass(frozen=True)
class Pattern:
    """Documents with a token that fits; None stands for any run of characters, "?" is the tuple's ANY_ONE marker."""

    field: str
    parts: tuple[str | None, ...]


ANY_ONE = "\ue000"
"""Stands in a Pattern for any one character; a private-use character, so no real token has it."""


@dataclass(frozen=True)
class Fuzzy:
    """Documents with a token at most `distance` edits away."""

    field: str
    token: str
    distance: int


@dataclass(frozen=True)
class Range:
    """Documents with a value between two bounds in the field's canonical writing; None leaves a side open."""

    field: str
    low: str | None
    high: str | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True)
class Exists:
    """Documents that have any value in the field."""

    field: str


@dataclass(frozen=True)
class Combine:
    """All of `must`, none of `must_not`, and at least `minimum` of `should`; the more of `should`, the better the score."""

    must: tuple[Query, ...] = ()
    should: tuple[Query, ...] = ()
    must_not: tuple[Query, ...] = ()
    minimum: int = 0


@dataclass(frozen=True)
class Best:
    """Documents that fit any choice; the best one's score counts, the others' by the share `tie`."""

    choices: tuple[Query, ...]
    tie: float = 0.0
    finds: tuple[Query, ...] = ()
    """Those choices that find whatever any of them finds, where the others only add to the score; none means all."""


@dataclass(frozen=True)
class Boost:
    """The same documents, the score multiplied."""

    query: Query
    factor: float


@dataclass(frozen=True)
class Constant:
    """The same documents, all with one score."""

    query: Query
    score: float = 1.0


Query = Everything | Nothing | Term | Phrase | Pattern | Fuzzy | Range | Exists | Combine | Best | Boost | Constant


def every(queries: tuple[Query, ...] | list[Query]) -> Query:
    """Documents that fit all of the queries; of none, every document."""
    wanted = tuple(query for query in queries if not isinstance(query, Everything))
    if not wanted:
        return Everything()
    return wanted[0] if len(wanted) == 1 else Combine(must=wanted)


def demands(query: Query) -> tuple[Query, ...]:
    """What a query demands, each by itself; the contrary of `every`."""
    if isinstance(query, Combine) and not query.should and not query.must_not:
        return tuple(part for inner in query.must for part in demands(inner))
    return (query,)


def either(queries: tuple[Query, ...] | list[Query]) -> Query:
    """Documents that fit at least one of the queries; of none, no document."""
    if not queries:
        return Nothing()
    return queries[0] if len(queries) == 1 else Combine(should=tuple(queries), minimum=1)


def without(query: Query) -> Query:
    return Combine(must=(Everything(),), must_not=(query,))


def matching(query: Query) -> Query:
    """A query that fits the same documents, for who only counts them: no weights, and no field that another covers."""
    if isinstance(query, (Boost, Constant)):
        return matching(query.query)
    if isinstance(query, Best):
        return either([matching(choice) for choice in query.finds or query.choices])
    if isinstance(query, Combine):
        must, should, must_not = (tuple(map(matching, parts)) for parts in (query.must, query.should, query.must_not))
        return Combine(must, should, must_not, query.minimum)
    return query


def has_score(query: Query) -> bool:
    """Whether documents that fit can score differently; ordering by an equal score is ordering by the next key."""
    if isinstance(query, (Everything, Nothing, Constant, Exists, Range)):
        return False
    if isinstance(query, Combine):
        return bool(query.should) or any(has_score(part) for part in query.must)
    return True


def is_alike(one: str, other: str, distance: int) -> bool:
    """Whether so many edits, or less, make one word the other."""
    return abs(len(one) - len(other)) <= distance and edits(one, other) <= distance


def regex_of(parts: tuple[str | None, ...]) -> str:
    """A pattern as a regular expression for a whole token, which never tries a way twice (re.DOTALL)."""
    runs: list[str] = [""]
    for part in parts:
        if part is None:
            runs.append("")
        else:
            runs[-1] += "." if part == ANY_ONE else re.escape(part)
    first, *between = runs
    last = f".*{between.pop()}" if between else ""
    # A run is found as soon as can be: nothing behind it is found any better for its being found later.
    return first + "".join(f"(?>.*?{run})" for run in between) + last


def edits(one: str, other: str) -> int:
    """How many characters have to be changed, added, dropped or swapped to make one word the other."""
    rows = [list(range(len(other) + 1))]
    for at, char in enumerate(one, 1):
        row = [at]
        for to, target in enumerate(other, 1):
            best = min(rows[-1][to] + 1, row[-1] + 1, rows[-1][to - 1] + (char != target))
            if at > 1 and to > 1 and char == other[to - 2] and one[at - 2] == target:
                best = min(best, rows[-2][to - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
