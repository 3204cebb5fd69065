"""Removing the made-up city: exactly what the demo loaded, nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk

from ..tables.state import forget
from ..tables.store import drop_table, portal_context
from .catalogue import agency_record
from .city import city
from .loader import Say, demo_packages, forget_reference_day
from .people import remove_people


def remove(say: Say) -> int:
    """Purge the demo's datasets with files and tables, its sign-ins, and its agencies; returns how many datasets went.

    An agency that has got a dataset of somebody else's stays, and is named.
    """
    packages = [package.id for package in demo_packages()]
    seen = [*packages, *(agency_record(agency)["id"] for agency in city().agencies)]
    for number, package_id in enumerate(packages, start=1):
        seen += _purge(package_id)
        if number % 50 == 0 or number == len(packages):
            say(f"datasets removed: {number} of {len(packages)}")
    say(f"sign-ins removed: {remove_people()}")
    say(f"agencies removed: {_remove_agencies(say)}")
    _forget_activity(seen)
    forget_reference_day()
    return len(packages)


def _purge(package_id: str) -> list[str]:
    """Purge a dataset with its files and tables; returns the ids of its views, which have activity of their own."""
    own = model.Resource.package_id == package_id
    views = model.Session.scalars(sa.select(model.ResourceView.id).join(model.Resource).where(own)).all()
    for resource_id, kind in model.Session.execute(
        sa.select(model.Resource.id, model.Resource.url_type).where(own)
    ).all():
        drop_table(resource_id)
        forget(resource_id)
        if kind == "upload":
            emptied: dict[str, Any] = {"url": "", "clear_upload": True}
            uploader.get_resource_uploader(emptied).upload(resource_id)
    tk.get_action("dataset_purge")(portal_context(), {"id": package_id})
    return list(views)


def _forget_activity(object_ids: list[str]) -> None:
    """CKAN keeps the activity of what is purged; the demo's says nothing that ever happened."""
    if plugin_loaded("activity"):
        from ckanext.activity.model import Activity

        model.Session.execute(sa.delete(Activity).where(Activity.object_id.in_(object_ids)))
        model.Session.commit()


def _remove_agencies(say: Say) -> int:
    removed = 0
    for identifier in [agency_record(agency)["id"] for agency in city().agencies]:
        group = model.Group.get(identifier)
        if group is None:
            continue
        if _has_datasets(group):
            say(f"kept: {group.title} has datasets that are not the demo's")
            continue
        tk.get_action("organization_purge")(portal_context(), {"id": identifier})
        removed += 1
    return removed


def _has_datasets(group: model.Group) -> bool:
    owned = sa.select(sa.func.count()).where(model.Package.owner_org == group.id)
    return bool(model.Session.scalar(owned))
