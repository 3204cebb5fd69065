"""Removing the made-up city: exactly what the demo loaded, nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from ckan.lib.search.common import make_connection
from ckan.plugins import plugin_loaded
from ckan.plugins import toolkit as tk

from ..tables.state import forget
from ..tables.store import drop_table, portal_context
from .catalogue import agency_record
from .city import city
from .loader import Say, demo_packages, forget_reference_day
from .people import person_ids, remove_people
from .voices import remove_voices

_BATCH = 84


def remove(say: Say) -> int:
    """Purge the demo's datasets with files and tables, its sign-ins, and its agencies; returns how many datasets went.

    An agency that has got a dataset of somebody else's stays, and is named.
    """
    say(f"requests, questions and ratings removed: {remove_voices()}")
    packages = [package.id for package in demo_packages()]
    seen = [*packages, *(agency_record(agency)["id"] for agency in city().agencies), *person_ids()]
    for start in range(0, len(packages), _BATCH):
        batch = packages[start : start + _BATCH]
        seen += _purge(batch)
        say(f"datasets removed: {start + len(batch)} of {len(packages)}")
    say(f"sign-ins removed: {remove_people()}")
    say(f"agencies removed: {_remove_agencies(say)}")
    _forget_activity(seen)
    forget_reference_day()
    return len(packages)


def _purge(package_ids: Sequence[str]) -> list[str]:
    """Purge datasets with files and tables, in one transaction where CKAN's action takes one and an index commit each.

    Returns the ids of their views, which have activity of their own.
    """
    own = model.Resource.package_id.in_(package_ids)
    views = model.Session.scalars(sa.select(model.ResourceView.id).join(model.Resource).where(own)).all()
    for resource_id, kind in model.Session.execute(
        sa.select(model.Resource.id, model.Resource.url_type).where(own)
    ).all():
        drop_table(resource_id)
        forget(resource_id)
        if kind == "upload":
            emptied: dict[str, Any] = {"url": "", "clear_upload": True}
            uploader.get_resource_uploader(emptied).upload(resource_id)
    model.Session.execute(sa.delete(model.Member).where(model.Member.table_id.in_(package_ids)))
    _remove_from_index(package_ids)
    for package in model.Session.scalars(sa.select(model.Package).where(model.Package.id.in_(package_ids))).all():
        package.purge()
    model.repo.commit_and_remove()
    return list(views)


def _remove_from_index(package_ids: Sequence[str]) -> None:
    ids = " OR ".join(f'"{package_id}"' for package_id in package_ids)
    site = tk.config["ckan.site_id"]
    make_connection().delete(q=f'+entity_type:package +site_id:"{site}" +id:({ids})', commit=True)


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
