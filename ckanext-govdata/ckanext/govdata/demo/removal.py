"""Removing the made-up city: exactly what the demo loaded, nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from ckan.plugins import toolkit as tk

from ..tables.state import forget
from ..tables.store import drop_table
from .catalogue import agency_record
from .city import city
from .loader import Say, demo_packages, forget_reference_day, own_act
from .people import remove_people


def remove(say: Say) -> int:
    """Purge the demo's datasets with files and tables, its sign-ins, and its agencies; returns how many datasets went.

    An agency that has got a dataset of somebody else's stays, and is named.
    """
    packages = [package.id for package in demo_packages()]
    for number, package_id in enumerate(packages, start=1):
        _purge(package_id)
        if number % 50 == 0 or number == len(packages):
            say(f"datasets removed: {number} of {len(packages)}")
    say(f"sign-ins removed: {remove_people()}")
    say(f"agencies removed: {_remove_agencies(say)}")
    forget_reference_day()
    return len(packages)


def _purge(package_id: str) -> None:
    files = model.Session.execute(
        sa.select(model.Resource.id, model.Resource.url_type).where(model.Resource.package_id == package_id)
    )
    for resource_id, kind in files.all():
        drop_table(resource_id)
        forget(resource_id)
        if kind == "upload":
            emptied: dict[str, Any] = {"url": "", "clear_upload": True}
            uploader.get_resource_uploader(emptied).upload(resource_id)
    tk.get_action("dataset_purge")(own_act(), {"id": package_id})


def _remove_agencies(say: Say) -> int:
    removed = 0
    for identifier in [agency_record(agency)["id"] for agency in city().agencies]:
        group = model.Group.get(identifier)
        if group is None:
            continue
        if _has_datasets(group):
            say(f"kept: {group.title} has datasets that are not the demo's")
            continue
        tk.get_action("organization_purge")(own_act(), {"id": identifier})
        removed += 1
    return removed


def _has_datasets(group: model.Group) -> bool:
    owned = sa.select(sa.func.count()).where(model.Package.owner_org == group.id)
    return bool(model.Session.scalar(owned))
