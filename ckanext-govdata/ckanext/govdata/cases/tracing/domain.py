"""What is found out about a leaked file, and how sure it is. Pure.

The threshold stands here and was fixed before anything was measured. The bound holds for whatever file is examined: to
whoever has not the portal's key, the numbers behind a delivery are fair coins, so of a file that does not come from it the
sum of m comparisons exceeds z times the root of m with a probability of at most exp(-z*z/2) (Hoeffding 1963, theorem 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

THRESHOLD = 6.0


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
    """How one delivery fits the file: the strongest channel, its z, and out of how many comparisons."""

    holder: str
    channel: Channel
    z: float
    comparisons: int


@dataclass(frozen=True)
class Finding:
    """The answer: the deliveries above the threshold, strongest first; the best below it; how many were compared.

    `bound` is the chance, at most, that any delivery from which the file does not come would have reached the threshold.
    `rows` are the file's, `matched` those that the source has exactly once.
    """

    answer: Answer
    named: tuple[Evidence, ...]
    best_other: Evidence | None
    candidates: int
    rows: int
    matched: int
    bound: float


def score(agreeing: int, comparisons: int) -> float:
    """By how many standard deviations the agreements differ from those of fair coins."""
    return (2 * agreeing - comparisons) / math.sqrt(comparisons) if comparisons else 0.0


def bound(candidates: int, z: float = THRESHOLD) -> float:
    """The chance, at most, that one of so many innocent deliveries reaches z, in any channel and either direction."""
    return min(1.0, 2 * len(Channel) * candidates * math.exp(-z * z / 2))


def judge(evidence: list[Evidence], rows: int, matched: int) -> Finding:
    """Name whoever is above the threshold; where nobody is, say that it cannot be told."""
    ranked = sorted(evidence, key=lambda one: -abs(one.z))
    named = tuple(one for one in ranked if abs(one.z) >= THRESHOLD)
    others = ranked[len(named) :]
    answer = Answer.CONSISTENT if named else Answer.CANNOT_TELL
    return Finding(answer, named, others[0] if others else None, len(evidence), rows, matched, bound(len(evidence)))
