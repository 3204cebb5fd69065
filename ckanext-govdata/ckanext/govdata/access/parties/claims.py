"""What an identity service says of a person becomes a verified party, and is taken back when it says so no more.

Made for the facts that signing in hands to other plugins (`login_facts_changed`): this module knows their names, and nothing of
the room they come from. Whoever connects the two calls `facts_changed` with what they were given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ...columns import now
from . import history, numbers
from .domain import Kind, MemberRole, State
from .errors import NumberRefused
from .model import Event, Member, Number, Party
from .standing import living_member

_KINDS = {"natural": Kind.PERSON, "legal": Kind.ENTERPRISE}


@dataclass(frozen=True)
class Claim:
    """A trusted service's word: who the person is, or for which enterprise they are here, and as what."""

    kind: Kind
    name: str
    document: str
    number: str
    issuer: str = ""
    representative: bool = False


def claim_of(values: Mapping[str, Any]) -> Claim | None:
    """The claim in a service's facts; None where they say nothing of a party.

    Facts: `party` (`natural` or `legal`), `party_name` (else `fullname`), `party_document`, `party_number` (for enterprises
    `uscc` serves), `party_issuer`, `party_role` (`legal_representative`).
    """
    kind = _KINDS.get(str(values.get("party") or ""))
    if kind is None:
        return None
    legal = kind is Kind.ENTERPRISE
    number = str(values.get("party_number") or (values.get("uscc") if legal else "") or "")
    name = str(values.get("party_name") or ("" if legal else values.get("fullname")) or "").strip()
    if not number or not name:
        return None
    document = str(values.get("party_document") or ("uscc" if legal else "resident_id"))
    role = values.get("party_role") == "legal_representative"
    return Claim(kind, name[:200], document, number, str(values.get("party_issuer") or ""), legal and role)


def facts_changed(user_id: str, provider: str, values: Mapping[str, Any], before: Mapping[str, Any]) -> Party | None:
    """Bring a person's parties in line with what a trusted identity service says now.

    Answers the party that the service vouches for, if it does for one. A number that another account's party has, or a blocked
    one's, verifies nothing: it is recorded, and the operator's to sort out. What an earlier word gave and this one does not
    is taken back: the confirmed role, not the party. `before` may lack the number, which signing in does not keep.

    Raises NumberRefused when the service's number is none, KeysMissing, IntakeUnavailable.
    """
    claim = claim_of(values)
    party = _accept(user_id, provider, claim) if claim else None
    if claim is not None or before.get("party") in _KINDS:
        _withdraw(user_id, provider, keep=party.id if party else "")
    model.Session.commit()
    return party


def _accept(user_id: str, provider: str, claim: Claim) -> Party | None:
    try:
        digest = numbers.digest_of(claim.kind, claim.document, claim.number, claim.issuer)
    except NumberRefused:
        model.Session.rollback()
        raise
    numbers.lock_number(digest)
    holder = _holder(digest)
    if claim.kind is Kind.PERSON:
        return _person(user_id, provider, claim, holder)
    party = holder or _new(user_id, provider, claim)
    if party is not None:
        _take_in(party, user_id, provider, claim)
    return party


def _holder(digest: str) -> Party | None:
    held = sa.select(Party).join(Number, Number.party_id == Party.id)
    return model.Session.scalars(held.where(Number.digest == digest, Number.state == "verified")).first()


def _person(user_id: str, provider: str, claim: Claim, holder: Party | None) -> Party | None:
    """The person's own party, verified; never somebody else's."""
    own = model.Session.scalars(
        sa.select(Member).where(Member.user_id == user_id, Member.role == "self", Member.ended_at.is_(None))
    ).first()
    if holder is not None and (own is None or own.party_id != holder.id):
        history.record(holder.id, "provider-conflict", user_id, provider=provider)
        return None
    party = model.Session.get(Party, own.party_id) if own else _new(user_id, provider, claim)
    if party is None or own is None:
        return party
    if holder is None and not _vouch(party, user_id, provider, claim):
        return None
    _confirm(own, provider, user_id)
    return party


def _new(user_id: str, provider: str, claim: Claim) -> Party | None:
    party = Party(kind=claim.kind.value, name=claim.name, created_by=user_id)
    model.Session.add(party)
    model.Session.flush()
    history.record(party.id, "registered", user_id, kind=party.kind, provider=provider)
    person = claim.kind is Kind.PERSON
    role = MemberRole.SELF if person else MemberRole.MEMBER
    member = Member(party_id=party.id, user_id=user_id, role=role.value, manages=True)
    model.Session.add(member)
    model.Session.flush()
    if not _vouch(party, user_id, provider, claim):
        return None
    if person:
        _confirm(member, provider, user_id)
    return party


def _vouch(party: Party, user_id: str, provider: str, claim: Claim) -> bool:
    """Give the party its verified number, unless that stands against it."""
    number = numbers.claim(party, claim.document, claim.number, claim.issuer, user_id)
    obstacle = numbers.obstacle(number)
    if obstacle:
        history.record(party.id, "provider-conflict", user_id, provider=provider, obstacle=obstacle)
        return False
    numbers.verify(number)
    party.name, party.state = claim.name, State.VERIFIED.value
    party.verified_at, party.verified_by = now(), f"provider:{provider}"
    return True


def _take_in(party: Party, user_id: str, provider: str, claim: Claim) -> None:
    """A member of the enterprise that the service names; its representative where it has no other verified one."""
    member = living_member(party.id, user_id)
    if member is None:
        member = Member(
            party_id=party.id, user_id=user_id, role=MemberRole.MEMBER.value, invited_by=f"provider:{provider}"
        )
        model.Session.add(member)
        model.Session.flush()
        history.record(party.id, "joined", user_id, member=member.id, provider=provider)
    if not claim.representative or (member.role == "legal_representative" and member.confirmed_at):
        return
    other = sa.select(Member.id).where(
        Member.party_id == party.id, Member.role == "legal_representative", Member.confirmed_at.is_not(None)
    )
    if model.Session.scalars(other.where(Member.ended_at.is_(None))).first():
        history.record(party.id, "provider-conflict", user_id, provider=provider, member=member.id)
        return
    member.role, member.authorised_until, member.manages = MemberRole.LEGAL_REPRESENTATIVE.value, None, True
    _confirm(member, provider, user_id)


def _confirm(member: Member, provider: str, user_id: str) -> None:
    if member.confirmed_at is None:
        member.confirmed_at = now()
        model.Session.flush()
        history.record(member.party_id, "provider-verified", user_id, provider=provider, member=member.id)


def _withdraw(user_id: str, provider: str, keep: str) -> None:
    """Take back the roles that this service had confirmed, except in the party that it vouches for now."""
    terms = sa.select(Member).where(
        Member.user_id == user_id, Member.ended_at.is_(None), Member.confirmed_at.is_not(None), Member.party_id != keep
    )
    for member in model.Session.scalars(terms):
        if _last_word(member) == provider:
            member.confirmed_at = None
            model.Session.flush()
            history.record(member.party_id, "provider-withdrew", user_id, provider=provider, member=member.id)


def _last_word(member: Member) -> str:
    """The service that confirmed the role last; empty where the operator did."""
    words = ("provider-verified", "verification-accepted")
    events = sa.select(Event).where(Event.party_id == member.party_id, Event.event.in_(words))
    for event in model.Session.scalars(events.order_by(Event.at.desc())):
        if event.event == "verification-accepted" and event.details.get("member") == member.id:
            return ""
        if event.event == "provider-verified" and event.details.get("member") == member.id:
            return str(event.details.get("provider"))
    return ""
