"""Bringing one file's table into the DataStore, or out of it: whatever the dataset's tier now asks for."""

from __future__ import annotations

import hashlib
from enum import Enum

import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.logic import index_update_package
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk

from .. import config
from ..catalogue.domain import OpenTier, Publication
from ..catalogue.standing import standing_of
from .domain import TableError, columns_of
from .files import bytes_of
from .reading import read_table
from .state import TableState, forget, loaded_ids, record, state_of
from .store import drop_table, portal_context, tables_in_store, write_table

FORMATS = frozenset({"CSV", "TSV", "XLSX", "XLS"})
_VIEW = "datatables_view"


class Outcome(str, Enum):
    """What became of a table."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    DROPPED = "dropped"
    FAILED = "failed"
    NOT_WANTED = "not_wanted"


_OPEN = (OpenTier.UNCONDITIONAL, OpenTier.CONDITIONAL)


def is_wanted(resource: model.Resource | None) -> bool:
    """Whether rows may be in the DataStore: an uploaded table of a published dataset that is open, under conditions too.

    Rows of conditional data go out through the gate alone, which judges each question to the DataStore.
    """
    if resource is None or resource.state != "active" or resource.url_type != "upload":
        return False
    package = resource.package
    if package is None or package.state != "active" or (resource.format or "").upper() not in FORMATS:
        return False
    standing = standing_of(package)
    return standing.publication is Publication.PUBLISHED and standing.tier in _OPEN


def load_table(resource_id: str) -> Outcome:
    """Load the resource's file as a table, or drop the table where its rows do not belong there (any more).

    Safe to run again at any time. Never raises for a bad file: the state keeps the reason (`ckan govdata tables status`).
    """
    outcome = settle_table(resource_id)
    model.Session.commit()
    if outcome in (Outcome.LOADED, Outcome.DROPPED):
        _refresh_index(resource_id)
        search.commit()
    return outcome


def settle_table(resource_id: str) -> Outcome:
    """The same within the caller's transaction: who calls it indexes the dataset and commits."""
    lock = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"govdata_tables/{resource_id}")))
    model.Session.execute(lock)
    resource = model.Resource.get(resource_id)
    if resource is None or not is_wanted(resource):
        return _drop(resource_id, resource)
    try:
        return _load(resource)
    except TableError as error:
        _drop(resource_id, resource)
        record(resource_id, TableState("failed", code=error.code, facts=error.facts))
        return Outcome.FAILED


def wanted_resources() -> list[model.Resource]:
    """All resources whose tables belong into the DataStore."""
    formats = sa.func.upper(model.Resource.format).in_(FORMATS)
    candidates = sa.select(model.Resource).where(model.Resource.url_type == "upload", formats)
    return [resource for resource in model.Session.scalars(candidates) if is_wanted(resource)]


def missing_tables() -> list[model.Resource]:
    """The resources whose tables belong into the DataStore and are not there, or only since a load that was killed."""
    there = tables_in_store() & loaded_ids()
    return [resource for resource in wanted_resources() if resource.id not in there]


def _load(resource: model.Resource) -> Outcome:
    content = bytes_of(resource)
    limit = config.tables_max_rows()
    digest = hashlib.sha256(content).hexdigest()
    known = state_of(resource.id)
    if known and known.state == "loaded" and known.digest == digest and resource.id in tables_in_store():
        return Outcome.UNCHANGED
    sheet = read_table(content, limit)
    _flag(resource, True)
    try:
        write_table(resource.id, columns_of(sheet), sheet)
    except tk.ValidationError as error:
        raise TableError("refused", reason=str(error.error_dict)) from error
    record(resource.id, TableState("loaded", digest=digest, rows=len(sheet.rows)))
    _make_view(resource.id)
    return Outcome.LOADED


def _drop(resource_id: str, resource: model.Resource | None) -> Outcome:
    dropped = drop_table(resource_id)
    forget(resource_id)
    if resource is not None and resource.extras.get("datastore_active"):
        _flag(resource, False)
    return Outcome.DROPPED if dropped else Outcome.NOT_WANTED


def _flag(resource: model.Resource, active: bool) -> None:
    """Say on the resource that rows are there: itself, as datastore_create would make a change of the dataset out of it."""
    if bool(resource.extras.get("datastore_active")) is not active:
        resource.extras = {**resource.extras, "datastore_active": active}
        model.Session.flush()


def _make_view(resource_id: str) -> None:
    """The table view of the resource, unless it has one or the portal does not offer it."""
    if not plugin_loaded(_VIEW):
        return
    wanted = sa.select(model.ResourceView.id).where(
        model.ResourceView.resource_id == resource_id, model.ResourceView.view_type == _VIEW
    )
    if model.Session.scalars(wanted).first() is None:
        view = {"resource_id": resource_id, "view_type": _VIEW, "title": "数据预览"}
        tk.get_action("resource_view_create")(portal_context(defer_commit=True), view)


def _refresh_index(resource_id: str) -> None:
    """The index keeps the dataset as pages show it, so the flag has to get there."""
    resource = model.Resource.get(resource_id)
    if resource is not None and resource.package.state == "active":
        index_update_package(portal_context(), resource.package.id, defer_commit=True)
        model.repo.commit()
