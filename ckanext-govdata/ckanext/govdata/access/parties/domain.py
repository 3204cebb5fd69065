"""What a party is, who acts for it, and who signs for it. Pure.

Guarantee: a right that is not named here is denied, and each denial says why and what to do.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import Enum

from ...msgids import N_


class Kind(str, Enum):
    """What sort of data user a party is."""

    PERSON = "person"
    ENTERPRISE = "enterprise"


class State(str, Enum):
    """Where a party stands. Only a verified one applies, signs and receives under an agreement."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    CLOSED = "closed"
    MERGED = "merged"

    @property
    def living(self) -> bool:
        return self in (State.UNVERIFIED, State.VERIFIED)


class MemberRole(str, Enum):
    """How a user stands to a party: the person itself, or an enterprise's people."""

    SELF = "self"
    LEGAL_REPRESENTATIVE = "legal_representative"
    SIGNER = "signer"
    MEMBER = "member"


@dataclass(frozen=True)
class PartyRef:
    """A party as the gate needs it. `blocked` is of the party, or of the person who would act for it."""

    id: str
    kind: Kind
    blocked: bool
    role: MemberRole
    verified: bool = False


@dataclass(frozen=True)
class Decision:
    """Yes or no, with a stable code and the words of a denial (a msgid)."""

    allowed: bool
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Membership:
    """A user's living term in a party, as far as rights depend on it."""

    role: MemberRole
    confirmed: bool = False
    authorised_until: datetime.date | None = None
    manages: bool = False


@dataclass(frozen=True)
class Standing:
    """How a party and one user stand: what every decision on a party is made from."""

    kind: Kind
    state: State
    party_blocked: bool = False
    own_person_blocked: bool = False
    membership: Membership | None = None
    today: datetime.date = field(default_factory=datetime.date.today)


def _no(reason: str, message: str) -> Decision:
    return Decision(False, reason, message)


_DENIALS: dict[str, str] = {
    "not_member": N_("You do not belong to this party. Ask its legal representative to invite you."),
    "closed": N_("This party is closed. Register anew, or act for another party."),
    "blocked": N_("This party is blocked. Its page says why, until when, and how to appeal."),
    "self_blocked": N_(
        "You yourself are blocked, so you cannot act for others either. Your party's page says how to appeal."
    ),
    "unverified": N_("This party is not verified yet. Hand in its proof of identity first."),
    "role_unverified": N_("Your role in this party is not verified yet. Hand in the proof, and wait for the operator."),
    "not_signer": N_(
        "Only the legal representative, or a member whose authorisation is verified, signs for this party. "
        "Hand in a letter of authorisation first."
    ),
    "authorisation_ended": N_("Your authorisation to sign has ended. Hand in a new letter of authorisation."),
}


def _deny(reason: str) -> Decision:
    return _no(reason, _DENIALS[reason])


def may_act(standing: Standing) -> Decision:
    """Whether this user may act for the party at all: a member of a living party, and neither of them blocked.

    A blocked person does not come back through an enterprise, nor a blocked party through another of its members.
    """
    if standing.membership is None:
        return _deny("not_member")
    if not standing.state.living:
        return _deny("closed")
    if standing.party_blocked:
        return _deny("blocked")
    if standing.own_person_blocked:
        return _deny("self_blocked")
    return Decision(True, standing.membership.role.value)


def may_sign(standing: Standing) -> Decision:
    """Whether this user's signature binds the party (LYG-19): verified party, verified role, authorisation in its term.

    An authorisation holds until the end of its last day.
    """
    acting = may_act(standing)
    if not acting.allowed or standing.membership is None:
        return acting
    if standing.state is not State.VERIFIED:
        return _deny("unverified")
    return _signature(standing.membership, standing.today)


def _signature(membership: Membership, today: datetime.date) -> Decision:
    if membership.role is MemberRole.MEMBER:
        return _deny("not_signer")
    if not membership.confirmed:
        return _deny("role_unverified")
    if membership.role is MemberRole.SIGNER and (
        membership.authorised_until is None or membership.authorised_until < today
    ):
        return _deny("authorisation_ended")
    return Decision(True, membership.role.value)


class Act(str, Enum):
    """What members do with their party."""

    SEE = "see"
    MANAGE = "manage"
    ANSWER = "answer"


_NOT_MANAGER = N_("Only the legal representative, or a member who manages this party, does this. Ask one of them.")


def may(standing: Standing, act: Act) -> Decision:
    """Whether a member may do this: see it; manage people and proofs; answer for it, which a blocked party may as well."""
    if standing.membership is None:
        return _deny("not_member")
    if act is Act.SEE:
        return Decision(True, standing.membership.role.value)
    if not standing.state.living:
        return _deny("closed")
    if not _manages(standing.membership):
        return _no("not_manager", _NOT_MANAGER)
    return may_act(standing) if act is Act.MANAGE else Decision(True, standing.membership.role.value)


def _manages(membership: Membership) -> bool:
    if membership.manages or membership.role is MemberRole.SELF:
        return True
    return membership.role is MemberRole.LEGAL_REPRESENTATIVE and membership.confirmed
