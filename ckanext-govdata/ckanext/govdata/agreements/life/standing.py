"""Who somebody is to an agreement: the user's side, a decider of the agency, operator or authority; never two sides."""

from __future__ import annotations

from dataclasses import dataclass

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ...access.parties.domain import Act, may
from ...access.parties.model import Party
from ...access.parties.standing import standing_of
from ...roles.actors import actor_of_context
from ...roles.domain import OFFICES, Actor, Permission, permits
from ...workflow.model import Case
from .machine import AGENCY, SUPERVISOR, USER
from .model import Agreement


@dataclass(frozen=True)
class Place:
    """An agreement, its case, and in which of the machine's roles somebody acts in it."""

    row: Agreement
    case: Case
    actor: Actor
    roles: frozenset[str]


def place_of(context: Context, agreement_id: str) -> Place:
    """Where the asker stands to an agreement. Raises ObjectNotFound, in the same words for a stranger's and for none."""
    row = model.Session.get(Agreement, agreement_id) if agreement_id else None
    case = model.Session.get(Case, row.id) if row else None
    if row is None or case is None:
        raise absent()
    actor = actor_of_context(context)
    if is_users(actor, row.party_id):
        return Place(row, case, actor, frozenset({USER}))
    if not permits(actor, Permission.AGREEMENT_READ, case.agency).allowed:
        raise absent()
    return Place(row, case, actor, officer_roles(actor, case.agency))


def absent() -> tk.ObjectNotFound:
    """The one answer for what is not there and for what is somebody else's."""
    return tk.ObjectNotFound(tk._("There is no such agreement, or it is not yours to see."))


def is_users(actor: Actor, party_id: str) -> bool:
    """Whether somebody belongs to the party that uses the data; whoever does, decides nothing for the agency."""
    party = model.Session.get(Party, party_id)
    return party is not None and may(standing_of(party, actor.user_id), Act.SEE).allowed


def officer_roles(actor: Actor, agency: str | None) -> frozenset[str]:
    """The machine's roles of an officer."""
    found: set[str] = set()
    # The administrator is technical, and keeps no agency's agreements.
    if agency in actor.agencies and permits(actor, Permission.AGREEMENT_KEEP, agency).allowed:
        found.add(AGENCY)
    if actor.roles & set(OFFICES):
        found.add(SUPERVISOR)
    return frozenset(found)
