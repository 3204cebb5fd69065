"""What a withdrawal takes of the versions of a dataset's files: bytes that were replaced, and the words that came with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from ..columns import now
from .files import release, replaced_file
from .model import FileVersion


def replaced_of(package_id: str) -> Iterator[tuple[str, Path]]:
    """Name and place of each replaced file whose bytes are kept; equal bytes of one file come once."""
    seen: set[Path] = set()
    for row in _versions(package_id):
        path = replaced_file(row.resource_id, row.sha256)
        if path not in seen and path.is_file():
            seen.add(path)
            yield f"version {row.resource_id} {row.sha256}", path


def forget(package_id: str) -> None:
    """Delete the bytes of replaced files, and of each version what is called by it and where it came from.

    Number, digest and size stay: the ledger's deliveries are told by them. Call it when the evidence is committed.
    """
    for row in _versions(package_id):
        release(row.resource_id, row.sha256)
        row.name, row.address, row.released_at = "", "", row.released_at or now()


def _versions(package_id: str) -> list[FileVersion]:
    found = sa.select(FileVersion).where(FileVersion.package_id == package_id).order_by(FileVersion.number)
    return list(model.Session.scalars(found))
