"""What the agency's steps do beside moving the case: the mark is set and lifted, who has the data hears of a correction once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan import model

from ...clocks import keeping as clocks
from ...columns import new_id, now
from ...notices import recipients
from ...notices.telling import tell
from ...uses import tracing as uses
from ...workflow.domain import Event
from ...workflow.model import Case
from . import corrections, filing
from .model import Objection

_SETTLED = ("declined", "corrected", "unfounded", "closed")


def follow(row: Objection, case: Case, event: Event, facts: Mapping[str, Any]) -> None:
    """Bring the objection in line with its case's new state, in the caller's transaction."""
    state = event.to_state
    if state == "checking":
        # The mark of a second time begins anew; the case's steps say when it stood before.
        row.marked_at = now() if row.marked_at is None or row.lifted_at is not None else row.marked_at
        row.lifted_at = None
    elif row.marked_at is not None and row.lifted_at is None:
        row.lifted_at = now()
    if state in _SETTLED and row.settled_at is None:
        row.settled_at = now()
        clocks.meet(row.case_id)
    if state in ("declined", "corrected", "unfounded"):
        row.reply = event.reason
    if state == "corrected":
        row.new_version, row.changes = facts.get("version", ""), facts["changes"]
        # Whoever took it unnamed reads it on the page, in the feed, or by following the dataset.
        corrections.tell_of(row, event.n)
    if state == "looked_at":
        _tell(row, [recipients.AUTHORITY], "objection_again")
    if state == "filed":
        _sent_back(row, case)


def _sent_back(row: Objection, case: Case) -> None:
    """The agency has it once more, on a new clock."""
    row.settled_at = None
    filing.start_clock(row, case.agency, now())
    if case.agency:
        _tell(row, [recipients.agency(case.agency)], "objection_sent_back")


def _tell(row: Objection, to: list[str], text: str) -> None:
    package = model.Session.get(model.Package, row.package_id)
    facts = {"title": package.title or package.name if package else row.package_id, "number": row.number}
    link, key = f"/desk/objections/{row.case_id}", f"{text}:{row.case_id}:{new_id()}"
    tell(to, text, facts, link=link, about=row.case_id, key=key)


def know_holders() -> None:
    """Bring the list of deliveries up to the ledger, before the transaction that needs it."""
    uses.project()
