"""One writer at a time among the threads and processes of a machine; a killed holder's lock is free at once."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import BadIndexPath, EngineBusy, WriteHeldUp

_PAUSES = (0.002, 0.005, 0.01, 0.02, 0.05)
_held: set[int] = set()


class FileLock:
    """A held lock on a file; any thread may release it. Made by `acquire`."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def acquire(cls, path: Path, seconds: float, busy: Callable[[float], EngineBusy] = WriteHeldUp) -> FileLock:
        """Wait for the lock. Raises `busy` after `seconds`, and BadIndexPath where the folder cannot be written."""
        while True:
            handle = _opened(path)
            try:
                _wait(handle, seconds, busy)
                if _is_at(handle, path):
                    _held.add(handle)
                    return cls(handle)
            except BaseException:
                os.close(handle)
                raise
            # The file was taken away meanwhile: who comes next would lock another one.
            os.close(handle)

    def release(self) -> None:
        """Let others write; releasing again does nothing."""
        if self._handle in _held:
            _held.discard(self._handle)
            os.close(self._handle)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    except OSError as error:
        raise BadIndexPath("locking it", path.parent, error) from error


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _wait(handle: int, seconds: float, busy: Callable[[float], EngineBusy]) -> None:
    until = time.monotonic() + seconds
    attempt = 0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise busy(seconds) from None
        time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        attempt += 1


def _after_fork() -> None:
    """A child inherits its parent's open files, and would hold the lock on for as long as it lives."""
    for handle in _held:
        os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_after_fork)
