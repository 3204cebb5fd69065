"""Taking a file into a dataset, as its next version, through CKAN's own actions and the portal's own storage.

Guarantee: the gate, the ledger and the tables find it like any uploaded file; the same bytes again write nothing; what is
refused, or breaks off, leaves nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO, Any
from uuid import uuid4

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ..access.gate import is_shut
from ..catalogue.domain import Publication
from ..catalogue.standing import standing_of
from .domain import CannotHold, Origin, plain_name
from .files import newest_file
from .recording import ORIGIN, newest

_PIECE = 1 << 20
_LOCK = sa.text("select pg_advisory_xact_lock(hashtext('govdata_data:' || :package))")


@dataclass(frozen=True)
class Incoming:
    """A file that arrived whole, open at its beginning. `title` is what people call it, and by which it is known again.

    `resource_id` names the file in whose place it comes; one that is not there yet gets this id. `sha256` is what its sender
    says it is.
    """

    stream: IO[bytes]
    name: str
    origin: Origin
    title: str = ""
    format: str = ""
    resource_id: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Held:
    """What a file has become."""

    resource_id: str
    number: int
    sha256: str
    bytes: int
    changed: bool


def largest() -> int:
    """The most bytes of a file that the storage takes."""
    return int(tk.config.get("ckan.max_resource_size") or 10) << 20


def put(package: model.Package, given: Incoming, context: dict[str, Any]) -> Held:
    """Take a file into a dataset, committed when this returns. `context` says who acts, as CKAN's actions want it.

    Raises CannotHold, and CKAN's own errors; nothing is changed then.
    """
    name = plain_name(given.name)
    size, sha256 = _measured(given.stream)
    if given.sha256 and given.sha256.strip().lower().removeprefix("sha256:").removeprefix("sha-256:") != sha256:
        raise CannotHold("digest_differs", sha256)
    try:
        model.Session.execute(_LOCK, {"package": package.id})
        model.Session.refresh(package)
        refuse_closed(package)
        resource = _resource(package, given, name)
        if resource is not None and _is_that(resource, sha256):
            before = newest(resource.id)
            model.Session.rollback()
            return Held(str(resource.id), before.number if before else 1, sha256, size, False)
        resource_id = _written(package, resource, given, name, context)
    except BaseException:
        model.Session.rollback()
        raise
    stored = newest(resource_id)
    return Held(resource_id, stored.number if stored else 1, sha256, size, True)


def refuse_closed(package: model.Package) -> None:
    """Raises CannotHold for a dataset that takes no data: shut, withdrawn or deleted."""
    if is_shut(package.id):
        raise CannotHold("dataset_shut")
    if package.state != "active" or standing_of(package).publication is Publication.WITHDRAWN:
        raise CannotHold("dataset_withdrawn")


def _measured(stream: IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256. Raises CannotHold for an empty file, and for one that the storage would not take."""
    digest, size, limit = hashlib.sha256(), 0, largest()
    stream.seek(0)
    while piece := stream.read(_PIECE):
        size += len(piece)
        if size > limit:
            raise CannotHold("file_too_large", str(limit >> 20))
        digest.update(piece)
    if not size:
        raise CannotHold("file_empty")
    stream.seek(0)
    return size, digest.hexdigest()


def _resource(package: model.Package, given: Incoming, name: str) -> model.Resource | None:
    """The file in whose place this one comes: by id, else by its title."""
    if given.resource_id:
        found = next((one for one in package.resources if one.id == given.resource_id), None)
        other = model.Resource.get(given.resource_id)
        if found is None and other is not None and other.package_id != package.id:
            raise CannotHold("resource_elsewhere")
        return found
    title = given.title or name
    named = [one for one in package.resources if one.name == title]
    if len(named) > 1:
        raise CannotHold("name_ambiguous", title)
    return named[0] if named else None


def _is_that(resource: model.Resource, sha256: str) -> bool:
    found = newest_file(resource) if resource.url_type == "upload" else None
    return found is not None and found[1] == sha256


def _written(
    package: model.Package, resource: model.Resource | None, given: Incoming, name: str, context: dict[str, Any]
) -> str:
    upload = FileStorage(given.stream, filename=name)
    ending = name.rpartition(".")[2].upper() if "." in name else ""
    fields: dict[str, Any] = {"upload": upload, "url": name, "url_type": "upload"}
    own: Any = {**context, ORIGIN: Origin(given.origin.way, given.origin.address, name)}
    if resource is not None:
        more = {"format": given.format or ending} if given.format or not resource.format else {}
        tk.get_action("resource_patch")(own, {**fields, **more, "id": resource.id})
        return str(resource.id)
    fields |= {"id": given.resource_id or str(uuid4()), "package_id": package.id}
    fields |= {"name": given.title or name, "format": given.format or ending}
    return str(tk.get_action("resource_create")(own, fields)["id"])
