"""The PDF library runs an event loop of its own, which a thread that has one already refuses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def apart(work: Callable[[], Result]) -> Result:
    """What the work returns or raises, done in a thread of its own: so it goes under any server and any event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work).result()
