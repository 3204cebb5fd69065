"""What other rooms ask of the versions of files: which has become which since a moment, and what a version held."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from .files import newest_file, replaced_file
from .model import FileVersion


@dataclass(frozen=True)
class Replaced:
    """A file whose version `before` has become version `after`, stored at a moment of UTC."""

    resource_id: str
    before: int
    after: int
    stored_at: datetime.datetime


def is_version(package_id: str, resource_id: str, number: int) -> bool:
    """Whether a file of this dataset has, or had, a version of this number."""
    known = _versions(package_id).where(FileVersion.resource_id == resource_id, FileVersion.number == number)
    return model.Session.scalars(known).first() is not None


def replaced_since(package_id: str, moment: datetime.datetime) -> list[Replaced]:
    """The files of a dataset that have another version now than at that moment; a file that is new since then is none of them."""
    rows: dict[str, list[FileVersion]] = {}
    for row in model.Session.scalars(_versions(package_id)):
        rows.setdefault(row.resource_id, []).append(row)
    found: list[Replaced] = []
    for resource_id, versions in rows.items():
        then, newest = [one for one in versions if one.stored_at <= moment], versions[-1]
        if then and newest.number > then[-1].number:
            found.append(Replaced(resource_id, then[-1].number, newest.number, newest.stored_at))
    return found


def replaced_after(resource_id: str, number: int) -> list[Replaced]:
    """How the version of this number has become the newest; nothing where it is the newest."""
    newest = _of_file(resource_id)[-1:]
    return [Replaced(resource_id, number, one.number, one.stored_at) for one in newest if one.number > number]


def digest_of(resource_id: str, number: int) -> str:
    """The SHA-256 of a version, in hex; empty where there is none."""
    return next((one.sha256 for one in _of_file(resource_id) if one.number == number), "")


def digests_before(resource_id: str, number: int) -> set[str]:
    """The SHA-256 of all versions before the one of this number."""
    return {one.sha256 for one in _of_file(resource_id) if one.number < number}


def _of_file(resource_id: str) -> list[FileVersion]:
    found = sa.select(FileVersion).where(FileVersion.resource_id == resource_id).order_by(FileVersion.number)
    return list(model.Session.scalars(found))


def _versions(package_id: str) -> sa.Select[tuple[FileVersion]]:
    found = sa.select(FileVersion).where(FileVersion.package_id == package_id)
    return found.order_by(FileVersion.resource_id, FileVersion.number)


def content_of(resource_id: str, number: int, most: int) -> bytes | None:
    """The bytes of a version; None where they are not kept, or more than `most`."""
    row = model.Session.scalars(
        sa.select(FileVersion).where(FileVersion.resource_id == resource_id, FileVersion.number == number)
    ).first()
    resource = model.Session.get(model.Resource, resource_id)
    if row is None or row.bytes > most:
        return None
    newest = newest_file(resource) if resource is not None else None
    path = newest[0] if newest is not None and newest[1] == row.sha256 else replaced_file(resource_id, row.sha256)
    return path.read_bytes() if path.is_file() else None
