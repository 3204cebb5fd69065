"""Work that another thread of the process does meanwhile; only what lets go of Python's lock gains by it, as tantivy does."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), "govdata-search-beside")


def beside(work: Callable[[], T]) -> Callable[[], T]:
    """Begin some work; what is returned waits for its outcome, and raises what it raised."""
    return _threads().submit(work).result


# A child of a fork has none of its parent's threads.
os.register_at_fork(after_in_child=_threads.cache_clear)
