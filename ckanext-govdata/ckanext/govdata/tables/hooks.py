"""What the plugin calls when resources and datasets change: the tables follow, by a job, once the change is committed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from sqlalchemy import event

from .loader import FORMATS, load_table

QUEUE = "default"


def after_resource_create(context: Context, resource: dict[str, Any]) -> None:
    """IResourceController: a new file may be a table."""
    _follow_later([resource])


def after_resource_update(context: Context, resource: dict[str, Any]) -> None:
    """IResourceController: the file may be another one now."""
    _follow_later([resource])


def after_dataset_create(context: Context, pkg_dict: dict[str, Any]) -> None:
    """IPackageController: a dataset may come with files."""
    _follow_later(_resources_of(pkg_dict["id"]))


def after_dataset_update(context: Context, pkg_dict: dict[str, Any]) -> None:
    """IPackageController: with another tier or state of publication, rows come or go."""
    _follow_later(_resources_of(pkg_dict["id"]))


def _resources_of(package_id: str) -> list[dict[str, Any]]:
    wanted = sa.select(model.Resource.id, model.Resource.format, model.Resource.url_type).where(
        model.Resource.package_id == package_id
    )
    return [dict(row) for row in model.Session.execute(wanted).mappings()]


def _follow_later(resources: list[dict[str, Any]]) -> None:
    ids = [
        str(resource["id"])
        for resource in resources
        if resource.get("url_type") == "upload" and str(resource.get("format") or "").upper() in FORMATS
    ]
    if not ids:
        return
    session = model.Session()
    if not session.in_transaction():
        _enqueue(ids)
        return
    # A worker may be faster than the commit, and would find the file's dataset as it was.
    event.listen(session, "after_commit", lambda _session: _enqueue(ids), once=True)


def _enqueue(ids: list[str]) -> None:
    for resource_id in ids:
        tk.enqueue_job(load_table, [resource_id], title=f"table of {resource_id}", queue=QUEUE)
