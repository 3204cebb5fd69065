"""Checks the whole ledger of a database against its chain, its tiles, and the checkpoints kept outside of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .checkpoint import Checkpoint, open_checkpoint
from .errors import NoteError
from .evidence import Evidence, Mark, Row, gather
from .findings import Finding, Kind, conclude
from .mode import mode
from .note import Verifier, parse_note
from .reading import Reader, run_on
from .tiles import Tile

_AT_ONCE = 5000
_WAITING_SECONDS = 300


@dataclass(frozen=True)
class Report:
    """`sound` when nothing was done to the log; warnings do not make it unsound."""

    evidence: Evidence
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return all(finding.is_warning for finding in self.findings)


def verify(
    connection: Any, keys: Sequence[Verifier], anchors: Iterable[str] = (), held: Iterable[tuple[str, str]] = ()
) -> Report:
    """Read the whole log in one snapshot and name what was done to it.

    `keys` are the log's public keys, `anchors` the signed notes kept beside them, `held` what others hold: name and signed
    note. Entries behind the newest checkpoint are covered by the chain alone. Leaves no transaction open.
    """
    keys = list(keys)
    connection.rollback()
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    try:
        with connection:
            run = run_on(connection)
            reader = Reader(run)
            stored = [("database", note) for _size, note in reader.checkpoints()]
            notes = [*stored, *(("anchors", note) for note in anchors), *held]
            marks = [mark_of(source, note, keys) for source, note in notes]
            evidence = gather(_rows(connection), _tiles(connection), marks)
            found = [*conclude(evidence), *_guards(run), *_waiting(reader)]
    finally:
        connection.set_session(isolation_level="DEFAULT", readonly=False)
    return Report(evidence, tuple(found))


def mark_of(source: str, note: str, keys: Sequence[Verifier]) -> Mark:
    """A checkpoint that somebody holds, trusted or with the reason why not."""
    try:
        return Mark(source, open_checkpoint(note, keys))
    except NoteError as error:
        return Mark(source, _claimed(note), str(error))


def _claimed(note: str) -> Checkpoint:
    try:
        return Checkpoint.parse(parse_note(note).text)
    except NoteError:
        return Checkpoint("unreadable", 0, b"")


def _rows(connection: Any) -> Iterator[Row]:
    statement = "SELECT seq, prev_hash, hash, entry FROM govdata_ledger.log ORDER BY seq"
    for seq, previous, own, data in _stream(connection, "govdata_ledger_rows", statement):
        yield seq, bytes(previous), bytes(own), bytes(data)


def _tiles(connection: Any) -> Iterator[Tile]:
    statement = "SELECT level, index, hashes, root FROM govdata_ledger.tile ORDER BY level, index"
    for level, index, hashes, root in _stream(connection, "govdata_ledger_tiles", statement, 200):
        yield Tile(level, index, bytes(hashes), bytes(root))


def _stream(connection: Any, name: str, statement: str, at_once: int = _AT_ONCE) -> Iterator[Sequence[Any]]:
    with connection.cursor(name=name) as cursor:
        cursor.itersize = at_once
        cursor.execute(statement)
        yield from cursor


def _guards(run: Any) -> list[Finding]:
    """Weak mode is a state, not an attack; a guard that is gone is one."""
    words = [sentence for sentence in mode(run).shortcomings if sentence.startswith("The guard ")]
    return [Finding(Kind.GUARDS_DOWN, sentence) for sentence in words]


def _waiting(reader: Reader) -> list[Finding]:
    count, seconds = reader.waiting()
    if seconds < _WAITING_SECONDS:
        return []
    words = f"{count} entries wait in the intake, the oldest for {seconds:.0f} s: see that ckan govdata ledger run is running."
    return [Finding(Kind.WAITING, words)]
