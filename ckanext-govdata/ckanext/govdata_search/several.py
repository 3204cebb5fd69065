"""Work shared out among several processes that are forked from this one, so that they have CKAN's settings and plugins.

They end with the process that began them, however that one ends; when one of them is killed the work fails, and does not
wait for it without end.
"""

from __future__ import annotations

import gc
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Semaphore
from typing import Any, TypeVar

from ckan import model

from .engines.base import ALONE, Workers
from .errors import EngineFailure

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 3
"""How many shares of each process are on their way or wait to be fetched; it bounds the memory."""
_PATIENCE = 60.0
"""Seconds within which all processes must have begun."""


class _Several:
    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self._pool = pool
        self._most = processes * _AHEAD

    def map(self, work: Callable[[T], R], items: Iterable[T], share: int = 1) -> Iterator[tuple[T, R]]:
        coming = iter(items)
        waiting: deque[tuple[list[T], Future[list[bytes]]]] = deque()
        while part := list(islice(coming, share)):
            waiting.append((part, self._pool.submit(_each, work, part)))
            if len(waiting) >= self._most:
                yield from _fetched(*waiting.popleft())
        while waiting:
            yield from _fetched(*waiting.popleft())


def _each(work: Callable[[T], object], items: list[T]) -> list[bytes]:
    """What comes of each, packed and unpacked by itself: the many small objects of a whole share would leave the caches of
    the processor before anybody came back to them.
    """
    return [pickle.dumps(work(item), pickle.HIGHEST_PROTOCOL) for item in items]


def _fetched(items: list[T], made: Future[list[bytes]]) -> Iterator[tuple[T, Any]]:
    try:
        return zip(items, map(pickle.loads, made.result()), strict=True)
    except BrokenProcessPool as error:
        raise EngineFailure("working in several processes", error) from error


@contextmanager
def workers(processes: int) -> Iterator[Workers]:
    """So many processes for as long as it lasts; with one it is this process itself."""
    if processes <= 1:
        yield ALONE
        return
    model.Session.remove()
    context = get_context("fork")
    begun = context.Semaphore(0)
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(begun,))
    try:
        _see_them_begin(pool, begun, processes)
        yield _Several(pool, processes)
    finally:
        pool.shutdown(cancel_futures=True)


def _see_them_begin(pool: ProcessPoolExecutor, begun: Semaphore, processes: int) -> None:
    """All are forked at the first task: now, while nothing is open that a child would hold on to. What other threads had
    locked meanwhile a child has let go of once it has begun, so nobody works before all have.
    """
    try:
        pool.submit(_nothing).result()
    except BrokenProcessPool as error:
        raise EngineFailure("beginning several processes", error) from error
    if not all(begun.acquire(timeout=_PATIENCE) for _ in range(processes)):
        raise EngineFailure("beginning several processes", f"not all have begun within {_PATIENCE:.0f} s")


def _nothing() -> None:
    """Does nothing."""


def _begin(begun: Semaphore) -> None:
    """A child talks over no connection of its parent's, looks for garbage in nothing it has from there, and ends with it."""
    gc.freeze()
    model.Session.remove()
    if model.meta.engine is not None:
        model.meta.engine.dispose(close=False)
    threading.Thread(target=_end_with_parent, name="govdata-search-parent", daemon=True).start()
    begun.release()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
