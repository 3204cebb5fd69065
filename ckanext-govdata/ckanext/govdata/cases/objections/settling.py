"""What the agency's steps do beside moving the case: the mark is set and lifted, who has the data hears of a correction once."""

from __future__ import annotations

from ckan import model

from ...clocks import keeping as clocks
from ...columns import now
from ...notices import recipients
from ...notices.telling import tell
from ...uses import tracing as uses
from ..withdrawal import holders
from .model import Objection

_SETTLED = ("declined", "corrected", "unfounded", "closed")


def follow(row: Objection, state: str, reason: str, version: str) -> None:
    """Bring the objection in line with its case's new state, in the caller's transaction."""
    if state == "checking":
        row.marked_at = row.marked_at or now()
        row.lifted_at = None
    elif row.marked_at is not None and row.lifted_at is None:
        row.lifted_at = now()
    if state in _SETTLED and row.settled_at is None:
        row.settled_at = now()
        clocks.meet(row.case_id)
    if state == "filed":
        row.settled_at = None
    if state in ("declined", "corrected", "unfounded"):
        row.reply = reason
    if state == "corrected":
        row.new_version = version
        _tell_holders(row)


def _tell_holders(row: Objection) -> None:
    """Everybody to whom the ledger has a delivery of the dataset, once; whoever took it unnamed reads it on the page."""
    package = model.Session.get(model.Package, row.package_id)
    title = package.title or package.name if package else row.package_id
    facts = {"title": title, "number": row.number, "reply": row.reply}
    link = f"/dataset/{package.name if package else row.package_id}#objections"
    for one in holders.find(row.package_id):
        to = recipients.party(one["party_id"]) if one["party_id"] else recipients.user(one["user_id"])
        tell([to], "objection_corrected", facts, link=link, about=row.case_id, key=f"corrected:{row.case_id}")


def know_holders() -> None:
    """Bring the list of deliveries up to the ledger, before the transaction that needs it."""
    uses.project()
