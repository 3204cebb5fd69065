"""Transfers to slow readers: while a piece waits for its reader nobody asks the gate, so a thread of the process does.

Guarantee: within a second of a grant's end a transfer ends too whose reader takes nothing or little, and what lies in the
connection's buffer is thrown away. Transfers that flow ask by themselves (see transfer.py) and cost nothing here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import has_request_context, request

log = logging.getLogger(__name__)
# Two questions fit into the second, and one of them may be slow.
_STALLED_SECONDS, _LOOK_SECONDS = 0.5, 0.2
_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Transfer:
    """Data on its way out: whether it may go on, over which connection, and when the gate was asked last."""

    may_go_on: Callable[[], bool]
    connection: socket.socket | None
    asked: float = field(default_factory=time.monotonic)

    def cut(self) -> None:
        """Break the connection off; what was not read yet is thrown away, and whoever waits in it wakes with an error."""
        if self.connection is None:
            return
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.connection.shutdown(socket.SHUT_RDWR)


def connection_of_request() -> socket.socket | None:
    """The visitor's connection, where the web server tells it: gunicorn's and werkzeug's do."""
    environ: dict[str, Any] = request.environ if has_request_context() else {}
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    return found if isinstance(found, socket.socket) else None


class _Watchman:
    """The transfers of this process, and the thread that looks after those that stall; it runs while there are any."""

    def __init__(self) -> None:
        self._transfers: set[Transfer] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    @contextlib.contextmanager
    def over(self, transfer: Transfer) -> Iterator[None]:
        with self._lock:
            # A worker that was forked has none of its parent's transfers and threads.
            if self._process != os.getpid():
                self._transfers, self._thread, self._process = set(), None, os.getpid()
            self._transfers.add(transfer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="govdata-transfers", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._transfers.discard(transfer)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            with self._lock:
                if not self._transfers:
                    self._thread = None
                    return
                late = time.monotonic() - _STALLED_SECONDS
                stalled = [one for one in self._transfers if one.asked < late]
            for transfer in stalled:
                self._ask(transfer)

    def _ask(self, transfer: Transfer) -> None:
        try:
            allowed = transfer.may_go_on()
        except Exception:
            # Whatever keeps the gate from being asked: without its yes nothing leaves.
            log.exception("a transfer ends because the gate cannot be asked")
            allowed = False
        transfer.asked = time.monotonic()
        if not allowed:
            transfer.cut()


_watchman = _Watchman()


def looked_after(transfer: Transfer) -> contextlib.AbstractContextManager[None]:
    """Have a transfer looked after while it lasts."""
    return _watchman.over(transfer)
