"""How well each delivery fits a leaked file. Pure.

The order is read twice, by fixed pairs of rows: of neighbours, which survive cutting and moving of blocks, and of rows half a
file apart, which survive disturbance in the small. Each pair of an innocent delivery is a fair coin, whatever the file.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .domain import THRESHOLD, Channel, Evidence, Finding, judge, score, share
from .marking import last_bit, unit_of
from .matching import match
from .streams import DIGITS, FORMAT, ORDER, bits, numbers
from .tables import Table

# Below this share of either kind a writer of its own has quoted the file, and the quotes are no longer the portal's.
_LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Candidate:
    """A delivery that the file may come from, and the key of its marks."""

    holder: str
    key: bytes


@dataclass(frozen=True)
class Leaked:
    """What of a file can be compared: rows of the source in the file's order, quotes seen, last digits by column."""

    rows: Sequence[int]
    total: int
    size: int
    quotes: Sequence[tuple[int, bool]] = ()
    digits: Mapping[str, Sequence[tuple[int, int]]] | None = None


def examine(source: Table, leaked: Table, tolerant: Sequence[str] = ()) -> Leaked:
    """Find a file's rows in the source, and what their marks could be read from."""
    found = match((source.heading, source.rows), (leaked.heading, leaked.rows), tolerant)
    quotes = [
        (row, flag)
        for row, flag in zip(found, leaked.quoted or [None] * len(found), strict=True)
        if row is not None and flag is not None
    ]
    share = sum(flag for _, flag in quotes) / len(quotes) if quotes else 0.0
    digits = {name: _digits(source, leaked, found, name) for name in tolerant if name in leaked.heading}
    rows = [row for row in found if row is not None]
    kept = quotes if _LEAST_SHARE <= share <= 1 - _LEAST_SHARE else []
    return Leaked(rows, len(found), len(source.rows), kept, digits)


def _digits(source: Table, leaked: Table, found: Sequence[int | None], name: str) -> list[tuple[int, int]]:
    """Last digits of a column, where the file has as many as the source."""
    ours, theirs = source.heading.index(name), leaked.heading.index(name)
    seen: list[tuple[int, int]] = []
    for place, row in enumerate(found):
        text = leaked.rows[place][theirs]
        if row is not None and (unit := unit_of(text)) is not None and unit == unit_of(source.rows[row][ours]):
            seen.append((row, last_bit(text)))
    return seen


def trace(leaked: Leaked, candidates: Sequence[Candidate]) -> Finding:
    """Score every delivery, and name those above the threshold."""
    pairs = _pairs(leaked.rows)
    return judge([_strongest(leaked, pairs, one) for one in candidates], leaked.total, len(leaked.rows))


Pairs = Mapping[Channel, tuple[Sequence[int], Sequence[int]]]


def _pairs(rows: Sequence[int]) -> Pairs:
    half = len(rows) // 2
    return {
        Channel.NEAR: (rows[0 : 2 * half : 2], rows[1 : 2 * half : 2]),
        Channel.FAR: (rows[:half], rows[half : 2 * half]),
    }


def _strongest(leaked: Leaked, pairs: Pairs, candidate: Candidate) -> Evidence:
    drawn = numbers(candidate.key, ORDER, leaked.size)
    pick = drawn.__getitem__
    found = [
        _evidence(candidate, channel, sum(map(operator.lt, map(pick, before), map(pick, after))), len(before))
        for channel, (before, after) in pairs.items()
    ]
    if leaked.quotes:
        ours = bits(candidate.key, FORMAT, leaked.size)
        agreeing = sum(ours[row] == flag for row, flag in leaked.quotes)
        found.append(_evidence(candidate, Channel.FORMAT, agreeing, len(leaked.quotes)))
    found.append(_of_digits(leaked, candidate))
    best = max(found, key=lambda one: abs(one.z))
    if abs(best.z) < THRESHOLD:
        return best
    return replace(best, share=share(list(map(pick, leaked.rows)), leaked.total, leaked.size))


def _of_digits(leaked: Leaked, candidate: Candidate) -> Evidence:
    agreeing = comparisons = 0
    for name, seen in (leaked.digits or {}).items():
        ours = bits(candidate.key, DIGITS + name, leaked.size)
        agreeing += sum(ours[row] == bit for row, bit in seen)
        comparisons += len(seen)
    return _evidence(candidate, Channel.DIGITS, agreeing, comparisons)


def _evidence(candidate: Candidate, channel: Channel, agreeing: int, comparisons: int) -> Evidence:
    return Evidence(candidate.holder, channel, score(agreeing, comparisons), comparisons)
