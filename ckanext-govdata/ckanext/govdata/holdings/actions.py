"""Actions: push data into a dataset; the versions of its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from werkzeug.datastructures import FileStorage

from ..catalogue.domain import OpenTier
from ..catalogue.standing import standing_of
from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from . import schema, words
from .domain import CannotHold, Origin, Way
from .keeping import Incoming, put
from .model import FileVersion


def _package(reference: str) -> model.Package:
    package = model.Package.get(reference)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    return package


@validate(schema.push)
def govdata_data_push(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Put a file into a dataset of one's agency, by its key: a new file, or the next version of one that is there (LYG-15).

    Called by POST as multipart/form-data. The same bytes again change nothing. A push that breaks off, or is refused, leaves
    everything as it was. The entry's tier, its review and its withdrawal hold for the file as they do for any.

    :param dataset: name or id of the dataset
    :param upload: the file
    :param name: what people call it, and by which it is known again; the file's own name unless given
    :param format: such as CSV; by the file's ending unless given
    :param resource: id of the file in whose place it comes, where two have one name
    :param sha256: of the file in hex; what arrives otherwise is refused
    :returns: `resource`, `version`, `sha256`, `bytes`, `changed` (false where these bytes are there already)
    """
    tk.check_access("govdata_data_push", context, data_dict)
    package = _package(data_dict["dataset"])
    upload = data_dict.get("upload")
    try:
        held = put(package, _incoming(package, upload, data_dict), _in_the_same_name(context))
    except CannotHold as error:
        raise tk.ValidationError({"upload": [words.message(error)], "cause": [error.cause]}) from error
    return {
        "resource": held.resource_id,
        "version": held.number,
        "sha256": held.sha256,
        "bytes": held.bytes,
        "changed": held.changed,
    }


def _incoming(package: model.Package, upload: object, data_dict: DataDict) -> Incoming:
    if not isinstance(upload, FileStorage) or not upload.filename:
        raise CannotHold("file_missing")
    return Incoming(
        cast("Any", upload.stream),
        upload.filename,
        Origin(Way.PUSHED),
        title=data_dict.get("name") or "",
        format=data_dict.get("format") or "",
        resource_id=_known(package, data_dict.get("resource")),
        sha256=data_dict.get("sha256") or "",
    )


def _in_the_same_name(context: Context) -> dict[str, Any]:
    return {"user": context.get("user"), "ignore_auth": bool(context.get("ignore_auth"))}


def _known(package: model.Package, resource: str | None) -> str:
    """Only a file that is there is named by its id: nobody chooses the id of a new one."""
    if resource and resource not in {one.id for one in package.resources}:
        raise CannotHold("resource_elsewhere")
    return resource or ""


@tk.side_effect_free
@validate(schema.one)
def govdata_data_version_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The versions of a dataset's files, newest first: number, digest, size, when and how each came.

    `address` (where it was fetched from) is for everybody where the data is open without conditions, and else for the agency
    and the supervisors alone. A replaced version is had at `GET /dataset/<id>/resource/<resource>/version/<number>`, by its
    agency, by inspections, and by whoever received it, who names the delivery: `?delivery=<number>`.

    :param id: name or id of the dataset
    :returns: by the id of each file a list of `number`, `sha256`, `bytes`, `name`, `way`, `way_label`, `address`,
        `stored_at`, `replaced_at`, `kept` (whether its bytes are still here)
    """
    tk.check_access("govdata_data_version_list", context, data_dict)
    package = _package(data_dict["id"])
    officer = permits(actor_of_context(context), Permission.CATALOGUE_READ_UNPUBLISHED, package.owner_org).allowed
    told = officer or standing_of(package).tier is OpenTier.UNCONDITIONAL
    here = [one.id for one in package.resources]
    rows = sa.select(FileVersion).where(FileVersion.resource_id.in_(here)).order_by(FileVersion.number.desc())
    found: dict[str, list[dict[str, Any]]] = {}
    for row in model.Session.scalars(rows):
        found.setdefault(row.resource_id, []).append(_shown(row, told))
    return found


def _shown(row: FileVersion, told: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "sha256": row.sha256,
        "bytes": row.bytes,
        "name": row.name,
        "way": row.way,
        "way_label": words.way(row.way),
        "address": row.address if told else "",
        "stored_at": f"{row.stored_at.isoformat(timespec='seconds')}Z",
        "replaced_at": f"{row.replaced_at.isoformat(timespec='seconds')}Z" if row.replaced_at else None,
        "kept": row.released_at is None,
    }


ACTIONS: dict[str, Callable[[Context, DataDict], Any]] = {
    "govdata_data_push": govdata_data_push,
    "govdata_data_version_list": govdata_data_version_list,
}
