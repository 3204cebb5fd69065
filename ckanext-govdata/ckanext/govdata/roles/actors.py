"""Finds the Actor behind a user: offices from our register, capacities from CKAN's organisations.

Within one web request an actor is loaded once; a change to users, memberships or offices in that request loads it anew.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import authz, model
from ckan.types import Context
from flask import g, has_request_context
from sqlalchemy import event

from .domain import Actor, Role
from .model import Officer

CAPACITIES = {"member": Role.MEMBER, "editor": Role.PUBLISHER, "admin": Role.DECIDER}
_STRENGTH = list(CAPACITIES.values())
_CACHE = "_govdata_actors"
# What other rooms keep of an actor for the length of a request goes under this name, and is forgotten with the actor.
KEPT_WITH_ACTORS = "_govdata_with_actors"


def actor_of_context(context: Context) -> Actor:
    """The actor of an action's context; a visitor where nobody is signed in."""
    name = context.get("user")
    return actor_of_user(context.get("auth_user_obj") or (model.User.by_name(name) if name else None))


def actor_of_user(user: Any) -> Actor:
    """The actor of a user object; None, CKAN's anonymous user and users that are not active are visitors."""
    user_id = getattr(user, "id", None)
    if not user_id or getattr(user, "state", None) != model.State.ACTIVE:
        return Actor()
    if not has_request_context():
        return _load(user)
    cached: dict[str, Actor] = g.setdefault(_CACHE, {})
    if user_id not in cached:
        cached[user_id] = _load(user)
    return cached[user_id]


def officers_of(role: str) -> list[str]:
    """The ids of those in office, in the order of appointment."""
    terms = sa.select(Officer.user_id).where(Officer.role == role, Officer.ended_at.is_(None))
    return list(model.Session.scalars(terms.order_by(Officer.appointed_at)))


def people_of_agency(agency_id: str) -> list[str]:
    """The ids of an agency's publishers and deciders, by membership in the agency itself."""
    member = model.Member
    posts = sa.select(member.table_id).where(
        member.group_id == agency_id,
        member.table_name == "user",
        member.state == "active",
        member.capacity.in_(("editor", "admin")),
    )
    return [str(user_id) for user_id in model.Session.scalars(posts.order_by(member.table_id))]


def _load(user: Any) -> Actor:
    capacities = _capacities(user.id)
    roles = {Role.DATA_USER, *capacities.values(), *_offices(user.id)}
    if user.sysadmin:
        roles.add(Role.ADMINISTRATOR)
    return Actor(user.id, user.name, frozenset(roles), capacities)


def _offices(user_id: str) -> list[Role]:
    terms = sa.select(Officer.role).where(Officer.user_id == user_id, Officer.ended_at.is_(None))
    return [Role(role) for role in model.Session.scalars(terms)]


def _capacities(user_id: str) -> dict[str, Role]:
    """The strongest role in each active organisation; CKAN's cascading capacities reach the organisations below."""
    found: dict[str, Role] = {}
    cascading = authz.check_config_permission("roles_that_cascade_to_sub_groups") or []
    for group, capacity in _memberships(user_id):
        role = CAPACITIES.get(capacity)
        if role is None:
            continue
        _strengthen(found, group.id, role)
        if isinstance(cascading, list) and capacity in cascading:
            for child in group.get_children_group_hierarchy(type="organization"):
                _strengthen(found, child.id, role)
    return found


def _memberships(user_id: str) -> list[tuple[model.Group, str]]:
    member, group = model.Member, model.Group
    query = (
        model.Session.query(group, member.capacity)
        .join(member, member.group_id == group.id)
        .filter(member.table_name == "user", member.table_id == user_id, member.state == "active")
        .filter(group.is_organization.is_(True), group.state == "active")
    )
    return [(found, capacity) for found, capacity in query]


def _strengthen(found: dict[str, Role], agency_id: str, role: Role) -> None:
    known = found.get(agency_id)
    if known is None or _STRENGTH.index(role) > _STRENGTH.index(known):
        found[agency_id] = role


def forget_actors(*_: Any) -> None:
    """Load actors anew from here on, for what has to hold at this moment and not at the request's beginning."""
    if has_request_context():
        g.pop(_CACHE, None)
        g.pop(KEPT_WITH_ACTORS, None)


def _forget_when_changed(session: Any, *_: Any) -> None:
    watched = (model.User, model.Member, model.Group, model.PackageMember, Officer)
    if any(isinstance(row, watched) for rows in (session.new, session.dirty, session.deleted) for row in rows):
        forget_actors()


event.listen(model.Session, "after_flush", _forget_when_changed)
event.listen(model.Session, "after_soft_rollback", forget_actors)
