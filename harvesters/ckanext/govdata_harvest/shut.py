"""Entries that are shut here after a leak: their lists leave them alone until two persons have opened them (LYG-26)."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from .source_model import HarvestSource, HarvestTombstone

_PAGE = 1000


def shut_for(list_id: str) -> frozenset[str]:
    """The ids of entries that are shut, but for those that were shut because this list's own portal withdrew them.

    What that portal then takes out of such an entry, its list takes out here too.
    """
    shut = dict(_shut_now())
    if not shut:
        return frozenset()
    own = (
        sa.select(HarvestTombstone.package_id)
        .join(HarvestSource, HarvestSource.id == HarvestTombstone.source_id)
        .where(HarvestSource.name == list_id, HarvestTombstone.ours.is_(True))
        .where(HarvestTombstone.shutting_id.in_(list(shut.values())))
    )
    return frozenset(shut) - frozenset(model.Session.scalars(own))


def _shut_now() -> list[tuple[str, str]]:
    """Dataset and shutting of all that is shut now."""
    name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    found: list[tuple[str, str]] = []
    while True:
        page = tk.get_action("govdata_shut_list")(
            Context(ignore_auth=True, user=name), {"limit": _PAGE, "offset": len(found)}
        )
        found += [(one["package_id"], one["id"]) for one in page["results"]]
        if len(page["results"]) < _PAGE:
            return found
