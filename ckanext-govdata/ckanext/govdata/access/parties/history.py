"""What happened to a party, kept twice in the transaction that changes it: in its history, and in the ledger."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ...ledger import journal
from .model import Event


def record(party_id: str, event: str, by: str, reason: str = "", **details: Any) -> None:
    """Keep an event (LYG-21), such as `verification-accepted`. `details` are codes and ids, never a name or a number.

    A reason in words may name somebody: the ledger commits to it, and it is purged like other personal values. Raises
    IntakeUnavailable, and then nothing is changed.
    """
    given = {name: value for name, value in details.items() if value is not None}
    model.Session.add(Event(party_id=party_id, event=event, by=by, details=given))
    model.Session.flush()
    fields = {"govdata.party.id": party_id, **{f"govdata.{name}": value for name, value in given.items()}}
    journal.change(f"party-{event}", by, fields, journal.in_words(reason))


def events(party_id: str) -> list[dict[str, Any]]:
    """A party's history, newest first."""
    rows = sa.select(Event).where(Event.party_id == party_id).order_by(Event.at.desc(), Event.id)
    return [
        {"event": row.event, "by": row.by, "at": row.at.isoformat() + "Z", "details": row.details}
        for row in model.Session.scalars(rows)
    ]
