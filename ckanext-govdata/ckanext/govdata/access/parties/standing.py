"""Who a user is as a data user: the parties somebody acts for, and how they stand there, read from the tables.

Guarantee: asked anew each time, so a block or an ended membership counts from the moment it is committed.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from ckan import model

from ...columns import now
from . import domain
from .blocking import PROVISIONAL
from .domain import Decision, Kind, MemberRole, Membership, PartyRef, Standing, State
from .model import Block, Member, Party

_LIVING = (State.UNVERIFIED.value, State.VERIFIED.value)
_SHANGHAI = ZoneInfo("Asia/Shanghai")


def parties_of(user_id: str) -> list[PartyRef]:
    """The parties that this user acts for, blocked ones too, and said so; empty for somebody in none.

    A party that was merged into one of them is listed as well, so that what was granted to it goes on: it shares the
    successor's standing, and the successor shares its blocks.
    """
    rows = list(model.Session.execute(_living_terms(user_id)))
    if not rows:
        return []
    merged = _predecessors([party.id for party, _ in rows])
    blocked = blocked_among([party.id for party, _ in rows] + [old for olds in merged.values() for old, _ in olds])
    families = {party.id: [party.id, *(old for old, _ in merged.get(party.id, []))] for party, _ in rows}
    shut_out = _own_person_blocked(rows, families, blocked)
    found: list[PartyRef] = []
    for party, member in rows:
        shut = shut_out or bool(blocked.intersection(families[party.id]))
        verified, role = party.state == State.VERIFIED.value, MemberRole(member.role)
        found += [PartyRef(one, Kind(party.kind), shut, role, verified) for one in families[party.id]]
    return found


def is_verified(user_id: str) -> bool:
    """Whether the operator knows who somebody is: they act for a party that it has verified, and that nobody has blocked."""
    return any(one.verified and not one.blocked for one in parties_of(user_id))


def verified_names(user_id: str) -> list[str]:
    """As whom somebody is known: the names of the verified parties for which they act."""
    return sorted(names_of({one.id for one in parties_of(user_id) if one.verified}).values())


def names_of(party_ids: Collection[str]) -> dict[str, str]:
    """What parties are called, for those who have a contract with them; empty for one whose values are deleted."""
    found = sa.select(Party.id, Party.name).where(Party.id.in_(party_ids))
    return {str(row[0]): str(row[1]) for row in model.Session.execute(found)}


def standing_of(party: Party, user_id: str | None) -> Standing:
    """How a party and a user stand."""
    refs = parties_of(user_id) if user_id else []
    member = living_member(party.id, user_id) if user_id else None
    return Standing(
        kind=Kind(party.kind),
        state=State(party.state),
        party_blocked=is_blocked(party.id),
        own_person_blocked=any(ref.blocked and ref.role is MemberRole.SELF for ref in refs),
        membership=_membership(member) if member else None,
        today=today(),
    )


def may_sign(party_id: str, user_id: str) -> Decision:
    """Whether this user's signature binds this party now; see `domain.may_sign`. A party that is not there says `not_member`."""
    party = model.Session.get(Party, party_id)
    if party is None:
        return Decision(False, "not_member")
    return domain.may_sign(standing_of(party, user_id))


def is_blocked(party_id: str) -> bool:
    """Whether a block on the party, or on one merged into it, is in force."""
    family = [party_id, *(old for olds in _predecessors([party_id]).values() for old, _ in olds)]
    return bool(blocked_among(family))


def blocked_among(party_ids: Iterable[str]) -> set[str]:
    """Which of these parties have a block of their own in force."""
    in_force = sa.select(Block.party_id).where(
        Block.party_id.in_(list(party_ids)),
        Block.state == "in_force",
        Block.until > now(),
        sa.or_(Block.decided_by.is_not(None), Block.proposed_at > now() - PROVISIONAL),
    )
    return set(model.Session.scalars(in_force))


def living_member(party_id: str, user_id: str) -> Member | None:
    """The user's present term in the party."""
    terms = sa.select(Member).where(Member.party_id == party_id, Member.user_id == user_id, Member.ended_at.is_(None))
    return model.Session.scalars(terms).first()


def people_of(party_id: str) -> list[str]:
    """The ids of a party's living members; of a merged party, those of the one that it was merged into."""
    successor = sa.select(Party.merged_into).where(Party.id == party_id, Party.merged_into.is_not(None))
    ids = [party_id, *model.Session.scalars(successor)]
    terms = sa.select(Member.user_id).where(Member.party_id.in_(ids), Member.ended_at.is_(None))
    return list(model.Session.scalars(terms.order_by(Member.joined_at, Member.id)))


def everybody_of(party_id: str) -> list[str]:
    """The ids of all who act for a party, or once did, or for one merged into it."""
    family = [party_id, *(old for olds in _predecessors([party_id]).values() for old, _ in olds)]
    return list(model.Session.scalars(sa.select(Member.user_id).where(Member.party_id.in_(family)).distinct()))


def whose_term(member_id: str) -> str:
    """Whose term in a party this is or was; empty where there is none."""
    return str(model.Session.scalar(sa.select(Member.user_id).where(Member.id == member_id)) or "")


def today() -> datetime.date:
    """The day in China, by which terms end."""
    return datetime.datetime.now(_SHANGHAI).date()


def _living_terms(user_id: str) -> sa.Select[tuple[Party, Member]]:
    return (
        sa.select(Party, Member)
        .join(Member, Member.party_id == Party.id)
        .where(Member.user_id == user_id, Member.ended_at.is_(None), Party.state.in_(_LIVING))
        .order_by(Party.created_at, Party.id)
    )


def _predecessors(party_ids: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Parties merged into these, as `(id, kind)`; a merge points at the last successor, so one step finds them all."""
    found: dict[str, list[tuple[str, str]]] = {}
    merged = sa.select(Party.merged_into, Party.id, Party.kind).where(Party.merged_into.in_(party_ids))
    for successor, old, kind in model.Session.execute(merged):
        found.setdefault(str(successor), []).append((old, kind))
    return found


def _own_person_blocked(
    rows: Iterable[tuple[Party, Member]] | Iterable[sa.Row[tuple[Party, Member]]],
    families: dict[str, list[str]],
    blocked: set[str],
) -> bool:
    own = [party.id for party, member in rows if member.role == MemberRole.SELF.value]
    return any(blocked.intersection(families[one]) for one in own)


def _membership(member: Member) -> Membership:
    return Membership(
        role=MemberRole(member.role),
        confirmed=member.confirmed_at is not None,
        authorised_until=member.authorised_until,
        manages=member.manages,
    )
