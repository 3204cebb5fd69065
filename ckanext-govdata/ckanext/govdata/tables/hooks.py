"""What the plugin calls when resources and datasets change: the tables follow, by a job, once the change is committed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from redis.exceptions import RedisError
from sqlalchemy import event

from .loader import FORMATS, is_wanted, load_table
from .state import state_of

logger = logging.getLogger(__name__)
QUEUE = "default"


def after_resource_create(context: Context, resource: dict[str, Any]) -> None:
    """IResourceController: a new file may be a table."""
    _follow_one(resource)


def after_resource_update(context: Context, resource: dict[str, Any]) -> None:
    """IResourceController: the file may be another one now."""
    _follow_one(resource)


def after_dataset_create(context: Context, pkg_dict: dict[str, Any]) -> None:
    """IPackageController: a dataset may come with files."""
    if pkg_dict.get("resources"):
        _follow_dataset(pkg_dict["id"])


def after_dataset_update(context: Context, pkg_dict: dict[str, Any]) -> None:
    """IPackageController: with another tier or state of publication, or without a file, rows come or go."""
    _follow_dataset(pkg_dict["id"])


def after_dataset_delete(context: Context, pkg_dict: dict[str, Any]) -> None:
    """IPackageController: the rows of a deleted dataset go."""
    _follow_dataset(pkg_dict["id"])


def _follow_one(resource: dict[str, Any]) -> None:
    table = resource.get("url_type") == "upload" and str(resource.get("format") or "").upper() in FORMATS
    if table or resource.get("datastore_active"):
        _after_commit([str(resource["id"])])


def _follow_dataset(package_id: str) -> None:
    """Resources of every state: one that was taken out of the dataset leaves its rows behind."""
    found = model.Session.scalars(sa.select(model.Resource).where(model.Resource.package_id == package_id))
    _after_commit([resource.id for resource in found if _is_behind(resource)])


def _is_behind(resource: model.Resource) -> bool:
    """Whether the table is not what it should be: missing, not to be had any more, or older than its file."""
    loaded = bool(resource.extras.get("datastore_active"))
    if not is_wanted(resource):
        return loaded and resource.url_type == "upload"
    if not loaded:
        return True
    state = state_of(resource.id)
    return bool(state and state.at and resource.last_modified and resource.last_modified > state.at)


def _after_commit(ids: Sequence[str]) -> None:
    """A worker may be faster than the commit, and would find the dataset as it was: so the job is queued after it."""
    if not ids:
        return
    session = model.Session()
    if session.in_transaction():
        event.listen(session, "after_commit", lambda _session: _enqueue(ids), once=True)
    else:
        _enqueue(ids)


def _enqueue(ids: Sequence[str]) -> None:
    try:
        for resource_id in ids:
            tk.enqueue_job(load_table, [resource_id], title=f"table of {resource_id}", queue=QUEUE)
    except RedisError:
        logger.exception("The change is saved, its tables are not: `ckan govdata tables load --all` loads them")
