"""The route of a version: the newest like any file, a replaced one through the same gate and then some."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import base
from ckan.plugins import toolkit as tk
from flask import Blueprint, request

from ..access.delivery import Delivery, Denied
from ..access.domain import Reason
from ..access.files import deliver_file, stored_file
from ..access.gate import asker, is_absent_for, was_shut_since
from ..access.manifest import manifest_of
from ..access.serving import StoredFile
from ..access.views import denial
from ..catalogue.record import has_moved_since
from .domain import may_have_replaced
from .files import replaced_file
from .model import FileVersion

blueprint = Blueprint("govdata_data", __name__)


@blueprint.get("/dataset/<id>/resource/<resource_id>/version/<int:number>")
def version(id: str, resource_id: str, number: int) -> Any:
    """The bytes of a version."""
    resource = model.Resource.get(resource_id)
    package = resource.package if resource else None
    if resource is None or package is None or id not in (package.id, package.name) or is_absent_for(package, asker()):
        return base.abort(404)
    found = sa.select(FileVersion).where(FileVersion.resource_id == resource_id, FileVersion.number == number)
    row = model.Session.scalar(found)
    if row is None or resource.state != "active" or resource.url_type != "upload":
        return base.abort(404)
    try:
        if row.replaced_at is None:
            return deliver_file(resource, asker())
        return deliver_file(resource, asker(), _replaced(resource, row), lambda delivery: _demand(delivery, row))
    except Denied as denied:
        return denial(denied)
    except FileNotFoundError:
        return base.abort(404, tk._("The bytes of this version are no longer kept. Its number and digest stay."))


def _replaced(resource: model.Resource, row: FileVersion) -> StoredFile:
    path = replaced_file(row.resource_id, row.sha256)
    if row.released_at is not None or not path.is_file():
        raise FileNotFoundError(path)
    now_there = stored_file(resource)
    return StoredFile(path, row.name or now_there.name, now_there.content_type, row.sha256)


def _demand(delivery: Delivery, row: FileVersion) -> None:
    """Raises Denied for whoever may have today's file, but not this one."""
    received = _is_receipt(request.args.get("delivery", ""), delivery, row)
    if not may_have_replaced(delivery.verdict.reason, received=received, closed_since=_closed_since(row)):
        raise delivery.deny(Reason.REPLACED)


def _is_receipt(number: str, delivery: Delivery, row: FileVersion) -> bool:
    """Whether a delivery of this version to the same person has this number."""
    found = manifest_of(number, delivery.question.user_id) if number else None
    if found is None or found["resource"].get("id") != row.resource_id:
        return False
    return found["sha256_of_source"] == row.sha256


def _closed_since(row: FileVersion) -> bool:
    """Whether what is in a version may be what had to go (LYG-7, LYG-26)."""
    return was_shut_since(row.package_id, row.stored_at) or has_moved_since(row.package_id, row.stored_at)
