"""Reads the ledger's tables: entries, tiles, checkpoints, proofs; through any connection."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from .checkpoint import Checkpoint
from .note import parse_note
from .receipt import Receipt
from .tiles import WIDTH, TileBuilder, nodes_of_tiles, split_hashes, tile_width
from .tree import Nodes, inclusion_proof, leaf_hash, root_at

# Runs a statement with psycopg2's %s places and gives its rows.
Run = Callable[[str, Sequence[Any]], Sequence[Sequence[Any]]]


def run_on(connection: Any) -> Run:
    """Statements on a psycopg2 connection."""

    def run(statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)
            return cursor.fetchall() if cursor.description else []

    return run


def run_in(session: Any) -> Run:
    """Statements in the transaction of an SQLAlchemy session."""

    def run(statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        result = session.connection().exec_driver_sql(statement, tuple(values))
        return result.fetchall() if result.returns_rows else []

    return run


class Reader:
    """The ledger as it stands in the database; it trusts nothing of it and checks nothing, that is `verify`'s work."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def head(self) -> tuple[int, bytes | None]:
        """How many entries the log has, and the last one's hash in the chain."""
        rows = self._run("SELECT seq, hash FROM govdata_ledger.log ORDER BY seq DESC LIMIT 1", ())
        return (int(rows[0][0]) + 1, bytes(rows[0][1])) if rows else (0, None)

    def entry(self, seq: int) -> bytes | None:
        rows = self._run("SELECT entry FROM govdata_ledger.log WHERE seq = %s", (seq,))
        return bytes(rows[0][0]) if rows else None

    def find(self, entry_id: uuid.UUID) -> tuple[int, bytes] | None:
        """Place and bytes of an entry; None while it is not in the log."""
        rows = self._run("SELECT seq, entry FROM govdata_ledger.log WHERE id = %s", (str(entry_id),))
        return (int(rows[0][0]), bytes(rows[0][1])) if rows else None

    def entry_of(self, entry_id: uuid.UUID) -> bytes | None:
        """The bytes of an entry, from the log or from the intake where it waits."""
        found = self.find(entry_id)
        if found is not None:
            return found[1]
        rows = self._run("SELECT entry FROM govdata_ledger.intake WHERE id = %s", (str(entry_id),))
        return bytes(rows[0][0]) if rows else None

    def waiting(self) -> tuple[int, float]:
        """How many entries are in the intake, and for how many seconds the oldest has been."""
        rows = self._run(
            "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)"
            " FROM govdata_ledger.intake",
            (),
        )
        return int(rows[0][0]), float(rows[0][1])

    def checkpoint_seconds(self) -> float | None:
        """How many seconds ago the newest checkpoint was published; None before the first."""
        rows = self._run(
            "SELECT extract(epoch FROM clock_timestamp() - made_at) FROM govdata_ledger.checkpoint"
            " ORDER BY size DESC LIMIT 1",
            (),
        )
        return float(rows[0][0]) if rows else None

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile; LookupError while the log has not as many."""
        rows = self._run("SELECT hashes FROM govdata_ledger.tile WHERE level = %s AND index = %s", (level, index))
        if rows:
            return bytes(rows[0][0])[: width * 32]
        first = index * WIDTH
        hashes = self._leaves(first, width) if level == 0 else self._roots(level - 1, first, width)
        if len(hashes) != width or width == WIDTH:
            raise LookupError(f"there is no tile {index} of width {width} at level {level}")
        return b"".join(hashes)

    def _leaves(self, first: int, count: int) -> list[bytes]:
        rows = self._run(
            "SELECT entry FROM govdata_ledger.log WHERE seq >= %s AND seq < %s ORDER BY seq", (first, first + count)
        )
        return [leaf_hash(bytes(row[0])) for row in rows]

    def _roots(self, level: int, first: int, count: int) -> list[bytes]:
        rows = self._run(
            "SELECT root FROM govdata_ledger.tile WHERE level = %s AND index >= %s AND index < %s ORDER BY index",
            (level, first, first + count),
        )
        return [bytes(row[0]) for row in rows]

    def nodes(self, size: int) -> Nodes:
        """The complete subtrees of the tree of the first `size` entries."""
        return nodes_of_tiles(self.tile, size)

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries, from the tiles."""
        return root_at(self.nodes(size), size)

    def builder(self, size: int) -> TileBuilder:
        """The unfinished tiles of the tree of `size` entries, ready to grow."""
        partials: list[list[bytes]] = []
        level = 0
        while size >> (8 * level):
            index = size >> (8 * (level + 1))
            width = tile_width(level, index, size)
            partials.append(split_hashes(self.tile(level, index, width)) if width else [])
            level += 1
        return TileBuilder(partials, size)

    def checkpoint(self, least: int = 0) -> str | None:
        """The newest signed checkpoint with its cosignatures, or the oldest one of at least `least` entries, if given."""
        order = "ASC" if least else "DESC"
        rows = self._run(
            f"SELECT size, note FROM govdata_ledger.checkpoint WHERE size >= %s ORDER BY size {order} LIMIT 1",  # noqa: S608
            (least,),
        )
        if not rows:
            return None
        lines = self._run(
            "SELECT line FROM govdata_ledger.cosignature WHERE size = %s ORDER BY witness", (int(rows[0][0]),)
        )
        return str(rows[0][1]) + "".join(f"{row[0]}\n" for row in lines)

    def checkpoints(self) -> list[tuple[int, str]]:
        """Every checkpoint that the database has, by size."""
        rows = self._run("SELECT size, note FROM govdata_ledger.checkpoint ORDER BY size", ())
        return [(int(size), str(note)) for size, note in rows]

    def checkpoint_of(self, size: int) -> str | None:
        rows = self._run("SELECT note FROM govdata_ledger.checkpoint WHERE size = %s", (size,))
        return str(rows[0][0]) if rows else None

    def receipt(self, entry_id: uuid.UUID) -> Receipt | None:
        """Proof that the entry is in the log; None until a checkpoint covers it."""
        found = self.find(entry_id)
        note = self.checkpoint(found[0] + 1) if found else None
        if found is None or note is None:
            return None
        seq, entry = found
        size = Checkpoint.parse(parse_note(note).text).size
        return Receipt(entry, seq, tuple(inclusion_proof(self.nodes(size), seq, size)), note)
