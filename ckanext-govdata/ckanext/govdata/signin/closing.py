"""What stands against closing an account in this portal, and what goes with a closed one."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk

from ..access.parties import leaving
from ..roles.actors import actor_of_user
from ..roles.domain import Role

_OFFICES = frozenset({Role.AUTHORITY, Role.OPERATOR})


def obstacles(user_id: str) -> list[str]:
    """What has to be handed over first, in the reader's language."""
    user = model.User.get(user_id)
    if user is None:
        return []
    actor = actor_of_user(user)
    found = [
        tk._("You hold a post at {agency}. Let it be handed over first.").format(agency=group.title or group.name)
        for group in (model.Group.get(one) for one in sorted(actor.capacities))
        if group is not None
    ]
    if actor.roles & _OFFICES:
        found.append(tk._("You are an officer of the authority or the operator. Let your term end first."))
    found += [
        tk._("Nobody would manage {party} then. Let another member manage it first, or close it.").format(party=name)
        for name in leaving.headless_without(user_id)
    ]
    if leaving.own_blocked(user_id):
        found.append(tk._("A block stands against you. Reply or appeal first."))
    return found


def closed(user_id: str) -> None:
    """An account was closed: it leaves its parties, and the person's own party is closed."""
    leaving.leave_all(user_id)
