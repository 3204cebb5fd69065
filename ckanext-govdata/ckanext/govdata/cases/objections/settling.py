"""What the agency's steps do beside moving the case: the mark is set and lifted, who has the data hears of a correction once."""

from __future__ import annotations

from ...clocks import keeping as clocks
from ...columns import now
from ...uses import tracing as uses
from . import corrections
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
        # Whoever took it unnamed reads it on the page, in the feed, or by following the dataset.
        corrections.tell_of(row)


def know_holders() -> None:
    """Bring the list of deliveries up to the ledger, before the transaction that needs it."""
    uses.project()
