"""A person goes for good: out of every party, and their own party with them."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ...columns import now
from . import history
from .actions.common import locked
from .actions.ending import end_party
from .domain import MemberRole, State
from .model import Block, Member, Party, Verification


def headless_without(user_id: str) -> list[str]:
    """The names of enterprises that nobody would manage if this person left."""
    return [party.name for party, member in _terms(user_id) if _heads(member) and not _other_head(party.id, user_id)]


def own_blocked(user_id: str) -> bool:
    """Whether a block on the person's own party is noticed or in force."""
    own = [party.id for party, member in _terms(user_id) if member.role == MemberRole.SELF.value]
    standing = sa.select(Block.id).where(Block.party_id.in_(own), Block.state.in_(("noticed", "in_force")))
    return model.Session.scalars(standing.where(Block.until > now())).first() is not None


def leave_all(user_id: str) -> int:
    """End every term of a person, by themselves, in one transaction; gives how many."""
    found = _terms(user_id)
    for party, member in found:
        locked(party.id)
        if member.role == MemberRole.SELF.value:
            end_party(party, State.CLOSED, user_id)
            history.record(party.id, "closed", user_id)
            continue
        member.ended_at, member.ended_by = now(), user_id
        waiting = sa.update(Verification).where(Verification.member_id == member.id, Verification.state == "pending")
        model.Session.execute(waiting.values(state="taken_back", decided_by=user_id, decided_at=now()))
        history.record(party.id, "left", user_id, member=member.id)
    model.Session.commit()
    return len(found)


def _terms(user_id: str) -> list[tuple[Party, Member]]:
    living = sa.select(Party, Member).join(Member, Member.party_id == Party.id)
    living = living.where(Member.user_id == user_id, Member.ended_at.is_(None), Party.ended_at.is_(None))
    return [(party, member) for party, member in model.Session.execute(living.order_by(Party.id))]


def _heads(member: Member) -> bool:
    representative = member.role == MemberRole.LEGAL_REPRESENTATIVE.value and member.confirmed_at is not None
    return member.role != MemberRole.SELF.value and (member.manages or representative)


def _other_head(party_id: str, user_id: str) -> bool:
    others = sa.select(Member).where(Member.party_id == party_id, Member.user_id != user_id, Member.ended_at.is_(None))
    return any(_heads(one) for one in model.Session.scalars(others))
