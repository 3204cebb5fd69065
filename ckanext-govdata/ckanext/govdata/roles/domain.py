"""Roles and permissions: a short table, asked by `permits`, that answers with its reason. Pure.

Guarantee: what the table does not name is denied, and every denial says why and whom to turn to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..msgids import N_
from .grants import GRANTS, Grant
from .vocabulary import AGENCY_ROLES, OFFICES, Permission, Reach, Role

__all__ = (
    "AGENCY_ROLES",
    "GRANTS",
    "OFFICES",
    "Actor",
    "Decision",
    "Grant",
    "Permission",
    "Reach",
    "Reason",
    "Role",
    "permits",
)


class Reason(str, Enum):
    """Why a permission is denied."""

    SIGN_IN = "sign_in"
    OTHER_AGENCY = "other_agency"
    ROLE = "role"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a visitor (`user_id` None) or a user.

    `roles` are all roles held, in whichever agency; `capacities` gives the one held in each agency.
    """

    user_id: str | None = None
    name: str | None = None
    roles: frozenset[Role] = frozenset({Role.VISITOR})
    capacities: Mapping[str, Role] = field(default_factory=dict)

    @property
    def agencies(self) -> frozenset[str]:
        """The ids of the agencies whose people the actor belongs to."""
        return frozenset(self.capacities)


@dataclass(frozen=True)
class Decision:
    """The answer to a question of permission. `reason` is the role that allows, or a Reason; `message` is a msgid."""

    allowed: bool
    reason: str
    message: str = ""


_SIGN_IN = N_("Sign in: this is not for visitors.")
_OTHER_AGENCY = N_("You may do this for your own agency, but this belongs to another one.")


def permits(actor: Actor, permission: Permission, agency_id: str | None = None) -> Decision:
    """Whether the actor may do this to what belongs to the agency; without an agency, whether to every agency's.

    A role's reach over its own agency never helps with another one, nor with something that belongs to none.
    """
    grant = GRANTS[permission]
    own = actor.capacities.get(agency_id) if agency_id else None
    if own is not None and own in grant.own:
        return Decision(True, own.value)
    for role in Role:
        if role in actor.roles and role in grant.all:
            return Decision(True, role.value)
    if actor.user_id is None:
        return Decision(False, Reason.SIGN_IN.value, _SIGN_IN)
    if not grant.own.isdisjoint(actor.capacities.values()):
        return Decision(False, Reason.OTHER_AGENCY.value, _OTHER_AGENCY)
    return Decision(False, Reason.ROLE.value, grant.denial)
