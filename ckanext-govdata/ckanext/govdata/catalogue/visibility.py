"""Who may see which entry: CKAN's permission labels for datasets and for people."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels
from flask import g, has_request_context

from ..roles.actors import KEPT_WITH_ACTORS, actor_of_user
from ..roles.domain import Role
from .domain import Publication, labels
from .entry_type import ENTRY

_CKAN = DefaultPermissionLabels()


def labels_of_dataset(package: model.Package) -> list[str]:
    """The labels under which a stored package may be seen.

    A plain draft, and what CKAN itself has not finished or has deleted, also carries CKAN's own labels (creator, member,
    collaborator). An entry without our fields is held, so only its agency and the supervisors see it.
    """
    extras = dict(package.extras or {})
    place = extras.get("publication", "")
    unfinished = package.state != "active"
    if package.type not in (None, ENTRY):
        place = Publication.HELD.value  # nobody has judged what its fields say
    found = labels(
        Publication.DRAFT.value if unfinished else place,
        extras.get("open_tier", ""),
        extras.get("sharing_tier", ""),
        package.owner_org,
    )
    if unfinished or place == Publication.DRAFT.value:
        found += [label for label in _CKAN.get_dataset_labels(package) if label != "public"]
    return found


def labels_of_user(user: Any) -> list[str]:
    """The labels a person may see: CKAN's own, own agencies', officers' and supervisors' by role (YZ-22).

    Within one web request they are found once, as the actor is.
    """
    user_id = actor_of_user(user).user_id
    if not has_request_context():
        return _labels(user)
    kept: dict[str | None, list[str]] = g.setdefault(KEPT_WITH_ACTORS, {})
    if user_id not in kept:
        kept[user_id] = _labels(user)
    return list(kept[user_id])


def _labels(user: Any) -> list[str]:
    actor = actor_of_user(user)
    found = [*_CKAN.get_user_dataset_labels(user), *(f"agency-{agency}" for agency in sorted(actor.agencies))]
    supervises = bool(actor.roles & {Role.OPERATOR, Role.AUTHORITY})
    if actor.agencies or supervises:
        found.append("officer")
    if supervises:
        found.append("supervisor")
    return found
