"""Deletes what parties' personal values are kept for no longer: names, numbers, evidence. What was done stays on record."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ... import config
from ...columns import now
from . import history
from .model import Block, Evidence, Invitation, Number, Party, Verification

BY = "portal"


def purge() -> dict[str, int]:
    """Delete what is over, in one transaction; says how many parties, numbers and files.

    A party's name and numbers go some years after it ended, never while a block on it runs; a number that was never verified and
    a file of evidence go some months after the claim and the decision.
    """
    found = {"parties": _parties(), "numbers": _numbers(), "files": _files()}
    model.Session.commit()
    return found


def _parties() -> int:
    over = now() - config.parties_retention()
    blocked = sa.exists().where(
        Block.party_id == Party.id, Block.state.in_(("noticed", "in_force")), Block.until > now()
    )
    ended = sa.select(Party).where(Party.ended_at < over, Party.purged_at.is_(None), ~blocked)
    parties = list(model.Session.scalars(ended.with_for_update(skip_locked=True)))
    for party in parties:
        party.name, party.purged_at = "", now()
        _forget(party.id)
        history.record(party.id, "purged", BY)
    return len(parties)


def _forget(party_id: str) -> None:
    """Everything of a party that says something about a person; that things happened, when and by which account stays."""
    cases = sa.update(Verification).where(Verification.party_id == party_id)
    model.Session.execute(cases.values(note="", reason="", number_id=None))
    model.Session.execute(sa.update(Invitation).where(Invitation.party_id == party_id).values(note=""))
    words = {
        "reason": "",
        "basis": "",
        "reply": "",
        "decision": "",
        "appeal": "",
        "appeal_decision": "",
        "lift_reason": "",
    }
    model.Session.execute(sa.update(Block).where(Block.party_id == party_id).values(**words))
    model.Session.execute(sa.delete(Evidence).where(Evidence.party_id == party_id))
    model.Session.execute(sa.delete(Number).where(Number.party_id == party_id))


def _numbers() -> int:
    """Retired numbers of living parties, and claims that nobody hands in."""
    over = now() - config.parties_evidence_retention()
    living = sa.select(Party.id).where(Party.ended_at.is_(None))
    waiting = sa.select(Verification.number_id).where(
        Verification.state == "pending", Verification.number_id.is_not(None)
    )
    retired = sa.and_(Number.state == "retired", Number.retired_at < over)
    claimed = sa.and_(Number.state == "claimed", Number.created_at < over, Number.id.not_in(waiting))
    old = sa.select(Number.id).where(Number.party_id.in_(living), sa.or_(retired, claimed))
    ids = list(model.Session.scalars(old))
    cases = sa.update(Verification).where(Verification.number_id.in_(ids))
    model.Session.execute(cases.values(number_id=None))
    model.Session.execute(sa.delete(Number).where(Number.id.in_(ids)))
    return len(ids)


def _files() -> int:
    over = now() - config.parties_evidence_retention()
    decided = sa.select(Verification.id).where(Verification.state != "pending", Verification.decided_at < over)
    gone = sa.delete(Evidence).where(Evidence.verification_id.in_(decided)).returning(Evidence.id)
    return len(list(model.Session.scalars(gone)))
