"""The sequencer as a service: one at a time, taken up again after any failure, checkpoints by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2

from .checkpoint import Checkpoint
from .entry import compose
from .errors import HistoryMismatch
from .gaps import gap_entries
from .keeping import keep
from .keys import Folder
from .purging import purge
from .sequencer import Sequencer, drain

_PAUSE = 0.5
_DAY = 86_400.0
_STANDBY = 5.0


class Service:
    """Runs the sequencer of one database. `connect` opens the keeper's connection, `tell` takes lines for the log."""

    def __init__(self, connect: Callable[[], Any], folder: Folder, every: float, tell: Callable[[str], None]) -> None:
        self._connect = connect
        self._folder = folder
        self._every = every
        self._tell = tell

    def run_once(self) -> Checkpoint | None:
        """Sequence what waits, then sign a checkpoint; None where there is nothing, or where another sequencer works."""
        with closing(self._connect()) as connection:
            sequencer = Sequencer(connection, self._folder)
            if not sequencer.acquire():
                self._tell("Another sequencer works on this database; it signs the next checkpoint.")
                return None
            self._take(connection, sequencer)
            return sequencer.checkpoint()

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Work until `goes_on` says no. A lost connection is opened anew; a log that was tampered with ends the service.

        Raises HistoryMismatch, KeyMissing.
        """
        self._folder.signer()
        while goes_on():
            try:
                with closing(self._connect()) as connection:
                    self._work(connection, goes_on)
            except HistoryMismatch:
                raise
            except psycopg2.Error as error:
                self._tell(f"The database does not answer, trying again in {_STANDBY:.0f} s: {str(error).strip()}")
                time.sleep(_STANDBY)

    def _work(self, connection: Any, goes_on: Callable[[], bool]) -> None:
        sequencer = Sequencer(connection, self._folder)
        while not sequencer.acquire():
            if not goes_on():
                return
            time.sleep(_STANDBY)
        self._tell(f"Sequencing from entry {sequencer.size} on.")
        due = purge_due = time.monotonic()
        while goes_on():
            taken = self._take(connection, sequencer)
            if time.monotonic() >= purge_due:
                self._purge(connection)
                purge_due = time.monotonic() + _DAY
            if time.monotonic() >= due:
                self._checkpoint(connection, sequencer)
                due = time.monotonic() + self._every
            if not taken:
                time.sleep(_PAUSE)

    def _take(self, connection: Any, sequencer: Sequencer) -> int:
        for file, entry in gap_entries(self._folder.path):
            keep(connection, entry)
            file.unlink()
        return drain(sequencer)

    def _purge(self, connection: Any) -> None:
        """Personal values whose term is over go every day, whoever forgets the command."""
        count = purge(connection)
        if count:
            self._tell(f"Purged the personal values of {count} entries.")

    def _checkpoint(self, connection: Any, sequencer: Sequencer) -> None:
        """A log that has not grown gets an entry that says so, or a witness could not tell it from one that has stopped."""
        anchored = self._folder.last_anchor()
        if anchored is not None and anchored[0].size == sequencer.size:
            keep(connection, compose("ledger-heartbeat"))
            drain(sequencer)
        made = sequencer.checkpoint()
        if made:
            self._tell(f"Signed a checkpoint of {made.size} entries.")
