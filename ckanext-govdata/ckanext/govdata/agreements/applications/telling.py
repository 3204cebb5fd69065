"""Who is told what of an application, in the transaction that brings it."""

from __future__ import annotations

from typing import Any

from ...notices import recipients
from ...notices.telling import tell
from ...workflow.model import Case
from . import timing
from .model import Application


def received(row: Application, case: Case, by: str) -> None:
    """To agency and applicant: an application is in."""
    view = timing.due_of([row.id]).get(row.id)
    due = view.due_day.isoformat() if view else ""
    text = "application_received" if due else "application_received_without_date"
    facts = {"thing": row.title, **({"due": due} if due else {})}
    _tell(row, [recipients.agency(case.agency or ""), timing.applicants(row)], text, facts)


def completed(row: Application, case: Case, by: str) -> None:
    _tell(row, [recipients.agency(case.agency or "")], "application_completed", {"thing": row.title}, but=[by])


def withdrawn(row: Application, case: Case, by: str) -> None:
    _tell(row, [recipients.agency(case.agency or "")], "application_withdrawn", {"thing": row.title}, but=[by])


def returned(row: Application) -> None:
    _tell(row, [timing.applicants(row)], "application_returned", {"thing": row.title})


def decided(row: Application, accepted: bool) -> None:
    text = "application_approved" if accepted else "application_refused"
    _tell(row, [timing.applicants(row)], text, {"thing": row.title})


def appealed(row: Application, by: str) -> None:
    _tell(row, [recipients.AUTHORITY], "application_appealed", {"thing": row.title}, but=[by])


def appeal_decided(row: Application, case: Case, upheld: bool) -> None:
    text = "application_upheld" if upheld else "application_sent_back"
    whom = [timing.applicants(row), *([] if upheld else [recipients.agency(case.agency or "")])]
    _tell(row, whom, text, {"thing": row.title})


def supplied(row: Application) -> None:
    _tell(row, [timing.applicants(row)], "application_supplied", {"thing": row.title})


def _tell(row: Application, whom: list[str], text: str, facts: dict[str, Any], but: list[str] | None = None) -> None:
    tell(whom, text, facts, link=timing.link(row), about=row.id, but=but or [])
