"""What a withdrawal takes of the versions of a dataset's files: bytes that were replaced, and the words that came with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from ..columns import now
from .files import replaced_files
from .model import FileVersion


def replaced_of(package_id: str) -> Iterator[tuple[str, Path]]:
    """Name and place of each replaced file whose bytes are kept."""
    for resource_id in _files_of(package_id):
        for path in replaced_files(resource_id):
            yield f"version {resource_id} {path.name}", path


def forget(package_id: str) -> None:
    """Delete the bytes of replaced files, and of each version what it is called and where it came from.

    Number, digest and size stay: the ledger's deliveries are told by them. Call it when the evidence is committed.
    """
    for _, path in replaced_of(package_id):
        path.unlink(missing_ok=True)
    for row in model.Session.scalars(sa.select(FileVersion).where(FileVersion.package_id == package_id)):
        row.name, row.address, row.released_at = "", "", row.released_at or now()


def _files_of(package_id: str) -> list[str]:
    """Each file that the dataset has or had."""
    here = sa.select(model.Resource.id).where(model.Resource.package_id == package_id)
    had = sa.select(FileVersion.resource_id).where(FileVersion.package_id == package_id)
    return sorted(model.Session.scalars(here.union(had)))
