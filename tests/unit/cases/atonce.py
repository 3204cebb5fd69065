"""The scores of many files at once: the same comparisons as the portal makes file by file, by whole tables of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ckanext.govdata.cases.tracing.scoring import Candidate
from ckanext.govdata.cases.tracing.streams import ORDER, numbers


class Scores:
    """A register whose deliveries' numbers are drawn once; a file is a list of rows of the source in the file's order."""

    def __init__(self, register: Sequence[Candidate], size: int) -> None:
        self._drawn = np.array([numbers(one.key, ORDER, size) for one in register], dtype=np.uint64)

    def highest(self, files: Iterable[Sequence[int]]) -> Iterator[float]:
        """Of each file the strongest score of any delivery, by neighbours or by rows half a file apart."""
        return (self._of(np.asarray(file)) for file in files)

    def _of(self, file: np.ndarray) -> float:
        picked, half = self._drawn[:, file], len(file) // 2
        pairs = (
            (picked[:, 0 : 2 * half : 2], picked[:, 1 : 2 * half : 2]),
            (picked[:, :half], picked[:, half : 2 * half]),
        )
        return max(float(np.abs(2 * (before < after).sum(axis=1) - half).max()) / half**0.5 for before, after in pairs)
