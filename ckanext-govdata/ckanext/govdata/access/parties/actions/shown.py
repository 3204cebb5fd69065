"""What the actions answer about parties; numbers masked, always."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from .. import numbers
from ..model import Block, Evidence, Invitation, Member, Number, Party, Verification
from ..standing import is_blocked
from .common import moment, names_of


def brief(party: Party) -> dict[str, Any]:
    """A party in a list."""
    return {
        "id": party.id,
        "kind": party.kind,
        "name": party.name,
        "state": party.state,
        "blocked": is_blocked(party.id),
        "merged_into": party.merged_into,
        "verified_at": moment(party.verified_at),
        "created_at": moment(party.created_at),
        "ended_at": moment(party.ended_at),
    }


def number(row: Number) -> dict[str, Any]:
    """A number as it may be shown: masked."""
    return {"document": row.document, "masked": numbers.masked(row), "state": row.state}


def member(row: Member, name: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "name": name,
        "role": row.role,
        "confirmed": row.confirmed_at is not None,
        "authorised_until": row.authorised_until.isoformat() if row.authorised_until else None,
        "manages": row.manages,
        "joined_at": moment(row.joined_at),
    }


def members(party_id: str) -> list[dict[str, Any]]:
    """The present members."""
    rows = sa.select(Member).where(Member.party_id == party_id, Member.ended_at.is_(None)).order_by(Member.joined_at)
    found = list(model.Session.scalars(rows))
    names = names_of({row.user_id for row in found})
    return [member(row, names.get(row.user_id, "")) for row in found]


def invitations(party_id: str) -> list[dict[str, Any]]:
    """Invitations that nobody has used; their codes are known to nobody any more."""
    rows = sa.select(Invitation).where(
        Invitation.party_id == party_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
    )
    return [
        {"id": row.id, "note": row.note, "expires_at": moment(row.expires_at)}
        for row in model.Session.scalars(rows.order_by(Invitation.created_at))
    ]


def verification(row: Verification) -> dict[str, Any]:
    return {
        "id": row.id,
        "party_id": row.party_id,
        "kind": row.kind,
        "member_id": row.member_id,
        "role": row.role,
        "authorised_until": row.authorised_until.isoformat() if row.authorised_until else None,
        "note": row.note,
        "state": row.state,
        "asked_by": row.asked_by,
        "asked_at": moment(row.asked_at),
        "decided_at": moment(row.decided_at),
        "reason": row.reason,
    }


def evidence(verification_id: str) -> list[dict[str, Any]]:
    """The files of a case, without their contents."""
    columns = (Evidence.id, Evidence.media_type, Evidence.size)
    rows = sa.select(*columns).where(Evidence.verification_id == verification_id).order_by(Evidence.created_at)
    return [{"id": id, "media_type": media, "size": size} for id, media, size in model.Session.execute(rows)]


def block(row: Block) -> dict[str, Any]:
    """A block as the party and the officers see it: who acted is told by office, not by name."""
    return {
        "id": row.id,
        "party_id": row.party_id,
        "breach": row.breach,
        "reason": row.reason,
        "basis": row.basis,
        "danger": row.danger,
        "state": row.state,
        "until": moment(row.until),
        "last_day": row.until.date().isoformat(),
        "reply_until": moment(row.reply_until),
        "proposed_at": moment(row.proposed_at),
        "in_force_at": moment(row.in_force_at),
        "reply": row.reply,
        "replied_at": moment(row.replied_at),
        "decided": row.decided_by is not None,
        "decided_at": moment(row.decided_at),
        "decision": row.decision,
        "appeal": row.appeal,
        "appealed_at": moment(row.appealed_at),
        "appeal_decided": row.appeal_decided_by is not None,
        "appeal_decision": row.appeal_decision,
        "lift_proposed": row.lift_proposed_by is not None,
        "lift_reason": row.lift_reason,
        "lifted_at": moment(row.lifted_at),
    }


def blocks(party_id: str) -> list[dict[str, Any]]:
    rows = sa.select(Block).where(Block.party_id == party_id).order_by(Block.proposed_at.desc())
    return [block(row) for row in model.Session.scalars(rows)]


def all_of(rows: Iterable[Party]) -> list[dict[str, Any]]:
    return [brief(row) for row in rows]
