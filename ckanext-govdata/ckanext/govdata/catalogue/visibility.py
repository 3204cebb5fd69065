"""Who may see which entry: CKAN's permission labels for datasets and for people."""

from __future__ import annotations

from typing import Any

from ckan import model

from ..roles.actors import actor_of_user
from ..roles.domain import Role
from .domain import labels


def labels_of_dataset(package: model.Package) -> list[str]:
    """The labels under which a stored package may be seen; an entry without our fields is held, so its agency sees it."""
    extras = dict(package.extras or {})
    if package.state != "active":
        return labels("draft", "", "", package.owner_org)
    return labels(
        extras.get("publication", ""), extras.get("open_tier", ""), extras.get("sharing_tier", ""), package.owner_org
    )


def labels_of_user(user: Any) -> list[str]:
    """The labels a person may see: public for everybody; own agencies', officers' and supervisors' by role (YZ-22)."""
    actor = actor_of_user(user)
    found = ["public", *(f"agency-{agency}" for agency in sorted(actor.agencies))]
    if actor.agencies:
        found.append("officer")
    if actor.roles & {Role.OPERATOR, Role.AUTHORITY}:
        found += ["officer", "supervisor", "supervisor-only"]
    return found
