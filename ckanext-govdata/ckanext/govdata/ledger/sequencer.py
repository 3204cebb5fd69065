"""The sequencer: takes entries out of the intake into the log, grows the tree, signs checkpoints. One at a time.

Guarantee: each entry is in the log exactly once, whatever is killed when; a batch is one transaction. It never signs a log
that does not continue what it has signed before: a database that shrank or was exchanged stops it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from psycopg2.extras import execute_values

from . import entry as entries
from .chain import START, chain_hash
from .checkpoint import Checkpoint, sign
from .errors import HistoryMismatch
from .keys import Folder
from .reading import Reader, run_on
from .tiles import Tile, TileBuilder
from .tree import leaf_hash

_LOCK = 7233_0417
BATCH = 2000


class Sequencer:
    """Works on one psycopg2 connection of the keeper's role; the advisory lock lives and dies with that connection."""

    def __init__(self, connection: Any, folder: Folder) -> None:
        self._connection = connection
        self._run = run_on(connection)
        self._reader = Reader(self._run)
        self._folder = folder
        self._builder = TileBuilder()
        self._chain = START

    def acquire(self) -> bool:
        """Become the one sequencer of this database; False while another is. Then read where the log stands.

        Raises HistoryMismatch when the log is not the one whose last checkpoint was signed here.
        """
        with self._connection:
            if not self._run("SELECT pg_try_advisory_lock(%s)", (_LOCK,))[0][0]:
                return False
            self._load()
        return True

    def _load(self) -> None:
        size, chain = self._reader.head()
        self._demand_signed_history(size)
        self._builder, self._chain = self._reader.builder(size), chain or START

    def _demand_signed_history(self, size: int) -> None:
        anchored = self._folder.last_anchor()
        if anchored is None:
            return
        checkpoint, note = anchored
        if size < checkpoint.size:
            raise HistoryMismatch(
                f"The log has {size} entries, but a checkpoint of {checkpoint.size} was signed: its tail was cut off, or an"
                " older backup was restored. Nothing is added to it. Run: ckan govdata ledger verify."
            )
        if self._reader.root(checkpoint.size) != checkpoint.root:
            raise HistoryMismatch(
                f"The first {checkpoint.size} entries of the log are not those whose checkpoint was signed. Nothing is added"
                " to it. Run: ckan govdata ledger verify."
            )
        self._publish(checkpoint.size, note)

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._builder.size

    def step(self, limit: int = BATCH) -> int:
        """Sequence up to `limit` waiting entries in one transaction; returns how many were taken out of the intake."""
        try:
            with self._connection:
                waiting = self._run("SELECT id, entry FROM govdata_ledger.intake ORDER BY id LIMIT %s", (limit,))
                if not waiting:
                    return 0
                self._append(self._not_in_log([(str(row[0]), bytes(row[1])) for row in waiting]))
                ids = [str(row[0]) for row in waiting]
                self._run("DELETE FROM govdata_ledger.intake WHERE id = ANY(%s::uuid[])", (ids,))
        except BaseException:
            self._forget()
            raise
        return len(waiting)

    def _not_in_log(self, waiting: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Leave out what is in the log already. Other bytes under the id of an entry in the log become an entry about that."""
        ids = [identity for identity, _data in waiting]
        rows = self._run("SELECT id, entry FROM govdata_ledger.log WHERE id = ANY(%s::uuid[])", (ids,))
        known = {str(row[0]): bytes(row[1]) for row in rows}
        found: list[tuple[str, bytes]] = []
        for identity, data in waiting:
            if identity not in known:
                found.append((identity, data))
            elif known[identity] != data:
                found.append(_conflict(identity, data))
        return found

    def _append(self, batch: list[tuple[str, bytes]]) -> None:
        rows: list[tuple[int, str, bytes, bytes, bytes]] = []
        full: list[Tile] = []
        for identity, data in batch:
            leaf = leaf_hash(data)
            previous, self._chain = self._chain, chain_hash(self._chain, leaf)
            rows.append((self._builder.size, identity, previous, self._chain, data))
            full.extend(self._builder.append(leaf))
        with self._connection.cursor() as cursor:
            into_log = "INSERT INTO govdata_ledger.log (seq, id, prev_hash, hash, entry) VALUES %s"
            execute_values(cursor, into_log, rows, page_size=500)
            if full:
                values = [(tile.level, tile.index, tile.hashes, tile.root) for tile in full]
                execute_values(cursor, "INSERT INTO govdata_ledger.tile (level, index, hashes, root) VALUES %s", values)

    def _forget(self) -> None:
        """After a batch that failed the memory is ahead of the database: read anew, if the connection still lives."""
        if not self._connection.closed:
            with self._connection:
                self._load()

    def checkpoint(self) -> Checkpoint | None:
        """Sign the log as it stands, remember it outside of the database, then publish it; None for an empty log.

        A log that has not grown gives the checkpoint that it has.
        """
        if self.size == 0:
            return None
        anchored = self._folder.last_anchor()
        if anchored is not None and anchored[0].size == self.size:
            return anchored[0]
        signer = self._folder.signer()
        made = Checkpoint(signer.name, self.size, self._builder.root())
        note = sign(made, signer)
        self._folder.anchor(note)
        with self._connection:
            self._publish(made.size, note.encode())
        return made

    def _publish(self, size: int, note: str) -> None:
        self._run(
            "INSERT INTO govdata_ledger.checkpoint (size, note) VALUES (%s, %s) ON CONFLICT (size) DO NOTHING",
            (size, note),
        )


def drain(sequencer: Sequencer, more: Callable[[], bool] = lambda: True) -> int:
    """Sequence until the intake is empty, or until `more` says no; returns how many entries were taken."""
    total = 0
    while more() and (taken := sequencer.step()):
        total += taken
    return total


def _conflict(identity: str, data: bytes) -> tuple[str, bytes]:
    made = entries.compose(
        "ledger-conflict",
        "failure",
        {
            "event.reason": "other_bytes_under_the_same_id",
            "govdata.conflict.entry.id": identity,
            "govdata.conflict.bytes": base64.b64encode(data[:32_000]).decode(),
        },
    )
    return str(made.id), made.canonical
