"""Who is told what of an agreement, in the transaction that brings it."""

from __future__ import annotations

import datetime
from typing import Any

from ...notices import recipients
from ...notices.telling import tell
from .model import Agreement, Obligation

# What the other side of a step is told; steps without a text here are nobody's surprise.
_TEXTS = {
    "decline": "agreement_declined",
    "replace": "agreement_replaced",
    "notice": "agreement_noticed",
    "reply": "agreement_replied",
    "drop": "agreement_notice_dropped",
    "suspend": "agreement_suspended",
    "suspend-in-danger": "agreement_suspended",
    "resume": "agreement_resumed",
    "terminate": "agreement_terminated",
    "give-up": "agreement_given_up",
}
_BY_USER = ("decline", "reply", "give-up")


def link(row: Agreement) -> str:
    """The agreement's page."""
    return f"/agreements/{row.id}"


def presented(row: Agreement) -> None:
    _tell(row, [recipients.party(row.party_id)], "agreement_presented")


def signed(row: Agreement, agency: str | None) -> None:
    _tell(row, [recipients.agency(agency or "")], "agreement_signed")


def effective(row: Agreement) -> None:
    _tell(row, [recipients.party(row.party_id)], "agreement_effective")


def moved(row: Agreement, agency: str | None, command: str, reason: str, by: str) -> None:
    """Tell the other side of a step."""
    if command in _TEXTS:
        whom = recipients.agency(agency or "") if command in _BY_USER else recipients.party(row.party_id)
        _tell(row, [whom], _TEXTS[command], but=[by], reason=reason)


def ending(row: Agreement, days: int, last: datetime.date) -> int:
    """Warn of the end, once for each of 30, 7 and 1 days."""
    key = f"agreement-ending:{row.id}:{days}"
    return _tell(row, [recipients.party(row.party_id)], "agreement_ending", key=key, due=last.isoformat())


def duty(row: Agreement, one: Obligation, days: int, agency: str | None) -> int:
    """Remind of a duty; once it is overdue the agency is told as well."""
    whom = [recipients.party(row.party_id), *([recipients.agency(agency or "")] if days == 0 else [])]
    text = "agreement_duty_overdue" if days == 0 else "agreement_duty"
    return _tell(row, whom, text, key=f"agreement-duty:{one.id}:{days}", due=one.due.isoformat())


def duty_met(row: Agreement, agency: str | None) -> None:
    _tell(row, [recipients.agency(agency or "")], "agreement_duty_met")


def _tell(
    row: Agreement, whom: list[str], text: str, key: str | None = None, but: list[str] | None = None, **facts: Any
) -> int:
    facts = {"thing": row.title, **facts}
    return tell(whom, text, facts, link=link(row), about=row.id, key=key, but=but or [])
