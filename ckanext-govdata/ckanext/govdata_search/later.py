"""Tries again in the background what a server that is gone could not take."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from .errors import SearchEngineError

logger = logging.getLogger(__name__)

_FIRST = 1.0
_LONGEST = 30.0


class Later:
    """At most one thread that tries until it succeeds, or until its process ends; what it is for is kept elsewhere."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._stopped.clear()
                self._thread = threading.Thread(target=self._run, name="govdata-search-later", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        pause = _FIRST
        while not self._stopped.wait(pause):
            try:
                self._work()
            except (SearchEngineError, SQLAlchemyError) as error:
                logger.info("The index still waits: %s", error)
                pause = min(2 * pause, _LONGEST)
            else:
                logger.warning("The index is there again and has what waited for it")
                return
