"""How a ledger stands: its tables and its folder looked at together."""

from __future__ import annotations

from pathlib import Path

from .checkpoint import Checkpoint
from .gaps import counted
from .health import Standing
from .mode import mode
from .note import parse_note
from .reading import Reader, Run


def standing(run: Run, folder: Path, portal_role: str | None = None) -> Standing:
    """Look at the ledger as it is now; rights are those of `portal_role`, or of the connection's own role."""
    reader = Reader(run)
    count, seconds = reader.waiting()
    note = reader.checkpoint()
    return Standing(
        size=reader.head()[0],
        waiting=count,
        waiting_seconds=seconds,
        checkpoint_size=Checkpoint.parse(parse_note(note).text).size if note else 0,
        checkpoint_seconds=reader.checkpoint_seconds(),
        gap=counted(folder),
        shortcomings=mode(run, portal_role).shortcomings,
    )
