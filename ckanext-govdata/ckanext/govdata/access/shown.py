"""Grants as those see them whom they concern: with the names behind the ids, and how each stands today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ..columns import now
from ..roles.actors import actor_of_context
from .auth import agencies_seen
from .domain import State
from .grants import used_today
from .model import Grant, GrantStep
from .parties.standing import names_of, parties_of

_FIELDS = (
    *("id", "kind", "package_id", "party_id", "user_id", "agreement", "modes", "items", "files", "addresses", "quota"),
    *("state", "reason", "asked_by", "decided_by"),
)
_MOMENTS = ("starts_at", "ends_at", "asked_at")


def visible(context: Context, mine: bool = False) -> Any:
    """Grants that the asker may see; a stranger's answers like one that is not there. `mine` leaves out those of an office."""
    found, seen = sa.select(Grant), agencies_seen(context)
    if seen is None and not mine:
        return found
    user_id = actor_of_context(context).user_id or ""
    own = [Grant.user_id == user_id, Grant.party_id.in_([party.id for party in parties_of(user_id)])]
    if mine:
        return found.where(sa.or_(*own))
    packages = sa.select(model.Package.id).where(model.Package.owner_org.in_(seen or ()))
    return found.where(sa.or_(*own, Grant.package_id.in_(packages)))


def as_dicts(rows: Sequence[Grant]) -> list[dict[str, Any]]:
    """Grants with `party_name`, `user_name` and `standing`, the names asked for together."""
    parties = names_of({row.party_id for row in rows if row.party_id})
    users = _users({row.user_id for row in rows if row.user_id})
    return [
        {
            **{name: getattr(row, name) for name in _FIELDS},
            **{name: f"{getattr(row, name).isoformat()}Z" for name in _MOMENTS},
            "party_name": parties.get(row.party_id or ""),
            "user_name": users.get(row.user_id or ""),
            "standing": standing_of(row),
        }
        for row in rows
    ]


def as_dict(row: Grant) -> dict[str, Any]:
    """One grant."""
    return as_dicts([row])[0]


def with_steps(row: Grant) -> dict[str, Any]:
    """One grant with its steps and the deliveries of today, where they are limited."""
    found = sa.select(GrantStep).where(GrantStep.grant_id == row.id).order_by(GrantStep.done_at)
    steps = list(model.Session.scalars(found))
    names = _users({step.done_by for step in steps})
    return {
        **as_dict(row),
        "used_today": used_today(row.id) if row.quota is not None else None,
        "steps": [
            {
                "state": step.state,
                "reason": step.reason,
                "done_by": step.done_by,
                "done_by_name": names.get(step.done_by),
                "done_at": f"{step.done_at.isoformat()}Z",
            }
            for step in steps
        ],
    }


def standing_of(row: Grant) -> str:
    """How a grant stands now: its state, or `not_begun` and `ended` by its dates."""
    if row.state not in (State.RUNNING.value, State.SUSPENDED.value, State.REQUESTED.value):
        return row.state
    if row.ends_at <= now():
        return "ended"
    return "not_begun" if row.state == State.RUNNING.value and row.starts_at > now() else row.state


def _users(ids: Iterable[str]) -> dict[str, str]:
    found = sa.select(model.User).where(model.User.id.in_(set(ids)))
    return {str(user.id): str(user.display_name) for user in model.Session.scalars(found)}
