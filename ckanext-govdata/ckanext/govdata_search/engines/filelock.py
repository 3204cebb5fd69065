"""One writer at a time among the threads and processes of a machine; a killed holder's lock is free at once."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import EngineBusy, EngineFailure

_PAUSES = (0.002, 0.005, 0.01, 0.02, 0.05)


@contextmanager
def file_lock(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock on a file while the block runs.

    Raises EngineBusy after waiting `seconds`, and EngineFailure where the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    except OSError as error:
        raise EngineFailure("locking it", error) from error
    try:
        _wait(handle, seconds)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    for attempt in range(1_000_000_000):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise EngineBusy(seconds) from None
            time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
