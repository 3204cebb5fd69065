"""What the actions answer about a document: where it stands, its text, its signatures, what comes next."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ..access.parties.model import Party
from ..access.parties.standing import may_sign
from .documents.domain import read
from .model import Act, Document, Reading
from .signing.levels import Field


def brief(row: Document) -> dict[str, Any]:
    """A document in a list."""
    names = ("id", "number", "step", "agency", "party", "dataset", "application", "supersedes", "content_sha256")
    moments = ("presented_at", "signed_at", "sealed_at", "void_at")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    told |= {name: moment(getattr(row, name)) for name in moments}
    return told | {"sha256": row.sha256, "sm3": row.sm3, "entry": str(row.entry) if row.entry else None}


def whole(row: Document, user: Any) -> dict[str, Any]:
    """A document with its text and signatures, and what this user may do with it next."""
    return {
        **brief(row),
        "document": read(row.canonical),
        "text": {"key": row.text_key, "version": row.text_version},
        "signatures": [_act(act) for act in _acts(row)],
        "file": tk.url_for("govdata_agreements.file", id=row.id),
        "receipt": tk.url_for("govdata_agreements.receipt", id=row.id) if row.entry else None,
        "own": _own(row, user),
    }


def _own(row: Document, user: Any) -> dict[str, Any]:
    """How the asker stands to it: whether their signature binds the party, whether they have read it, their name."""
    if user is None:
        return {"may_sign": False, "reason": "", "read_at": None, "name": ""}
    decision, read_at = may_sign(row.party, user.id), model.Session.get(Reading, (row.id, user.id))
    return {
        "may_sign": decision.allowed,
        "reason": tk._(decision.message) if decision.message else "",
        "read_at": moment(read_at.read_at) if read_at else None,
        "name": signer_name(row, user),
    }


def signer_name(row: Document, user: Any) -> str:
    """The signer's name as the portal knows it: a person's verified one, else that of the account."""
    party = model.Session.get(Party, row.party)
    if party is not None and party.kind == "person":
        return party.name
    return str(user.fullname or user.name)


def _acts(row: Document) -> list[Act]:
    rows = sa.select(Act).where(Act.document == row.id, Act.state != "dropped").order_by(Act.asked_at)
    return list(model.Session.scalars(rows))


def _act(act: Act) -> dict[str, Any]:
    """A signature; the agency's officer is not named to the other side."""
    told = json.loads(act.evidence)
    return {
        "field": act.field,
        "level": act.level,
        "state": act.state,
        "waits_for": act.trouble or None,
        "name": told["signer"]["name"] if act.field == Field.USER.value else None,
        "second_factor": told["second_factor"]["kind"],
        "asked_at": moment(act.asked_at),
        "done_at": moment(act.done_at),
        "tries": act.tries,
    }


def moment(value: datetime.datetime | None) -> str | None:
    """A moment as the API gives it."""
    return value.isoformat() + "Z" if value else None


def text_of(data: bytes) -> str:
    """Bytes in a JSON answer."""
    return base64.b64encode(data).decode()
