"""SHA-256 of stored files, each read once: kept in the process and, for the others, in a table."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ckan import model
from sqlalchemy.dialects.postgresql import insert

from .model import FileDigest

_KEPT: dict[tuple[str, str], str] = {}
_MOST_KEPT = 4096


def sha256_of(path: Path, location: str) -> str:
    """The digest of the file as it is now, in hex; FileNotFoundError when there is none.

    A replaced file has another inode, size or moment of change, and is read anew.
    """
    state = path.stat()
    stamp = f"{state.st_ino}-{state.st_size}-{state.st_mtime_ns}"
    known = _KEPT.get((location, stamp)) or _from_table(location, stamp)
    if known is None:
        known = _read(path)
        _into_table(location, stamp, known)
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.clear()
    _KEPT[location, stamp] = known
    return known


def _read(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while piece := file.read(1 << 20):
            digest.update(piece)
        return digest.hexdigest()


def _from_table(location: str, stamp: str) -> str | None:
    row = model.Session.get(FileDigest, location)
    return row.sha256 if row is not None and row.stamp == stamp else None


def _into_table(location: str, stamp: str, sha256: str) -> None:
    """In a transaction of its own, as reading a file changes nothing of the caller's."""
    table: Any = FileDigest.__table__
    values = {"stamp": stamp, "sha256": sha256}
    row = insert(table).values(location=location, **values)
    with model.meta.engine.begin() as connection:  # pyright: ignore[reportOptionalMemberAccess]
        connection.execute(row.on_conflict_do_update(index_elements=[table.c.location], set_=values))
