"""Who somebody is to an application: applicant, the agency's people, authority; and never both sides of it."""

from __future__ import annotations

from dataclasses import dataclass

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ...access.parties.domain import may_act
from ...access.parties.model import Party
from ...access.parties.standing import standing_of
from ...roles.actors import actor_of_context
from ...roles.domain import Actor, Permission, Role, permits
from ...workflow.model import Case
from .machine import APPLICANT, AUTHORITY, DECIDER, REVIEWER
from .model import Application

_EDITORS = ("publisher", "decider")


@dataclass(frozen=True)
class Place:
    """An application, its case, and in which of the machine's roles somebody acts in it; `sees` says whether at all."""

    row: Application
    case: Case
    actor: Actor
    roles: frozenset[str]
    sees: bool


def place_of(context: Context, application_id: str) -> Place:
    """Where the asker stands to an application. Raises ObjectNotFound, in the same words for a stranger's and for none."""
    row = model.Session.get(Application, application_id) if application_id else None
    case = model.Session.get(Case, row.id) if row else None
    if row is None or case is None:
        raise absent()
    actor = actor_of_context(context)
    own = is_applicant(actor, row)
    roles = frozenset({APPLICANT}) if own else _officer_roles(actor, case)
    may_read = permits(actor, Permission.APPLICATION_READ, case.agency).allowed and case.state != "draft"
    place = Place(row, case, actor, roles, own or may_read)
    if not place.sees:
        raise absent()
    return place


def absent() -> tk.ObjectNotFound:
    """The one answer for what is not there and for what is somebody else's."""
    return tk.ObjectNotFound(tk._("There is no such application, or it is not yours to see."))


def is_applicant(actor: Actor, row: Application) -> bool:
    """Whether somebody belongs to the side that applies; whoever does, decides nothing in it (LYG-19)."""
    if actor.user_id is None:
        return False
    if row.applicant_agency is not None:
        held = actor.capacities.get(row.applicant_agency)
        return held is not None and held.value in _EDITORS
    party = model.Session.get(Party, row.party_id) if row.party_id else None
    return party is not None and standing_of(party, actor.user_id).membership is not None


def refuse_unless_acting(row: Application, actor: Actor) -> None:
    """A blocked or closed party moves nothing (LYG-40). Raises NotAuthorized with the words."""
    party = model.Session.get(Party, row.party_id) if row.party_id else None
    if party is None:
        return
    decision = may_act(standing_of(party, actor.user_id))
    if not decision.allowed:
        raise tk.NotAuthorized(tk._(decision.message))


def _officer_roles(actor: Actor, case: Case) -> frozenset[str]:
    asked = {
        REVIEWER: (Permission.APPLICATION_REVIEW, case.agency),
        DECIDER: (Permission.APPLICATION_DECIDE, case.agency),
        AUTHORITY: (Permission.APPLICATION_APPEAL_DECIDE, None),
    }
    found = {role for role, (permission, agency) in asked.items() if permits(actor, permission, agency).allowed}
    # The administrator is technical, and decides for no agency and no authority.
    if case.agency not in actor.agencies:
        found -= {REVIEWER, DECIDER}
    return frozenset(found - ({AUTHORITY} if Role.AUTHORITY not in actor.roles else set()))
