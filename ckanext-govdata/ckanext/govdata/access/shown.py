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

_MOMENTS = ("starts_at", "ends_at", "asked_at")


def visible(context: Context, mine: bool = False) -> Any:
    """Grants that the asker may see; a stranger's answers like one that is not there. `mine` leaves out those of an office."""
    found, seen = sa.select(Grant), agencies_seen(context)
    if seen is None and not mine:
        return found
    user_id = actor_of_context(context).user_id or ""
    own = [
        Grant.user_id == user_id,
        Grant.party_id.in_([party.id for party in parties_of(user_id)]),
        Grant.agency_id.in_(actor_of_context(context).agencies),
    ]
    if mine:
        return found.where(sa.or_(*own))
    packages = sa.select(model.Package.id).where(model.Package.owner_org.in_(seen or ()))
    return found.where(sa.or_(*own, Grant.package_id.in_(packages)))


def as_dicts(rows: Sequence[Grant]) -> list[dict[str, Any]]:
    """Grants with the name of the party, person or agency that holds each, and `standing`; names are asked for together."""
    shown = [{column.key: getattr(row, column.key) for column in Grant.__table__.columns} for row in rows]
    parties = names_of({one["party_id"] for one in shown if one["party_id"]})
    users = _users({one["user_id"] for one in shown if one["user_id"]})
    agencies = _agencies({one["agency_id"] for one in shown if one.get("agency_id")})
    return [
        {
            **one,
            **{name: f"{one[name].isoformat()}Z" for name in _MOMENTS},
            "party_name": parties.get(one["party_id"]),
            "user_name": users.get(one["user_id"]),
            "agency_name": agencies.get(str(one.get("agency_id"))),
            "standing": standing_of(row),
        }
        for row, one in zip(rows, shown, strict=True)
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


def _agencies(ids: Iterable[str]) -> dict[str, str]:
    found = sa.select(model.Group).where(model.Group.id.in_(set(ids)))
    return {str(agency.id): str(agency.display_name) for agency in model.Session.scalars(found)}


def _users(ids: Iterable[str]) -> dict[str, str]:
    found = sa.select(model.User).where(model.User.id.in_(set(ids)))
    return {str(user.id): str(user.display_name) for user in model.Session.scalars(found)}
