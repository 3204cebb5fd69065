"""What is found out about a leaked file, and how sure it is. Pure.

The threshold stands here and was fixed before anything was measured. The bound holds for whatever file is examined: to
whoever has not the portal's key, the numbers behind a delivery are fair coins, so of a file that does not come from it the
sum of m comparisons exceeds z times the root of m with a probability of at most exp(-z*z/2) (Hoeffding 1963, theorem 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

THRESHOLD = 6.0
# Fewer rows than this of the stretch that they stand in are no copy any more but somebody's selection, and the answer is
# that it cannot be told, whatever the statistics say: docs/decisions/0021. Of a whole file 10 % are enough and 5 % are not.
LEAST_SHARE = 0.075


class Channel(str, Enum):
    """In what a mark can be seen. `near` and `far` read the order of rows: of neighbours, and of rows half a file apart."""

    NEAR = "near"
    FAR = "far"
    FORMAT = "format"
    DIGITS = "digits"


class Answer(str, Enum):
    """The answer speaks of consistency, never of proof."""

    CONSISTENT = "consistent"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Evidence:
    """How one delivery fits the file: the strongest channel, its z, out of how many comparisons, and how thin the file is."""

    holder: str
    channel: Channel
    z: float
    comparisons: int
    share: float = 1.0


@dataclass(frozen=True)
class Finding:
    """The answer: the deliveries above the threshold, strongest first; the best below it; how many were compared.

    `bound` is the chance, at most, that any delivery from which the file does not come would have reached the threshold.
    `rows` are the file's, `matched` those that the source has exactly once. `thin` says that the file has too few of the
    rows of whatever stretch it was taken from.
    """

    answer: Answer
    named: tuple[Evidence, ...]
    best_other: Evidence | None
    candidates: int
    rows: int
    matched: int
    bound: float
    thin: bool = False


def share(drawn: Sequence[int], rows: int, size: int) -> float:
    """How many of the rows around its own a file has, by the places of its rows in a delivery's order (64 bits each).

    The half-way gap between neighbours tells it, so that a stretch taken whole is 1 however short it is, and a few rows from
    elsewhere change nothing. `rows` are the file's, found in the source or not, `size` the source's.
    """
    placed = sorted(drawn)
    gaps = sorted(after - before for before, after in pairwise(placed))
    if not gaps:
        return 1.0
    middle = max(gaps[len(gaps) // 2], 1) * size / 2.0**64
    return min(1.0, math.log(2) / middle * rows / len(placed))


def score(agreeing: int, comparisons: int) -> float:
    """By how many standard deviations the agreements differ from those of fair coins."""
    return (2 * agreeing - comparisons) / math.sqrt(comparisons) if comparisons else 0.0


def bound(candidates: int, z: float = THRESHOLD) -> float:
    """The chance, at most, that one of so many innocent deliveries reaches z, in any channel and either direction."""
    return min(1.0, 2 * len(Channel) * candidates * math.exp(-z * z / 2))


def judge(evidence: list[Evidence], rows: int, matched: int) -> Finding:
    """Name whoever is above the threshold by a file that is no thin selection; else say that it cannot be told."""
    ranked = sorted(evidence, key=lambda one: -abs(one.z))
    above = [one for one in ranked if abs(one.z) >= THRESHOLD]
    named = tuple(one for one in above if one.share >= LEAST_SHARE)
    others = ranked[len(above) :]
    answer = Answer.CONSISTENT if named else Answer.CANNOT_TELL
    best = others[0] if others else None
    thin = bool(above) and not named
    return Finding(answer, named, best, len(evidence), rows, matched, bound(len(evidence)), thin)
