"""The switch (LYG-26): one person shuts a dataset at once on every route; opening it again takes two."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk
from sqlalchemy.exc import IntegrityError

from ..catalogue import traces
from ..columns import now
from ..ledger import intake, journal
from ..ledger.entry import compose
from .links import seal_or_open_links
from .model import Shutting

logger = logging.getLogger(__name__)


def shutting_of(package_id: str) -> Shutting | None:
    """How a dataset is shut now; None when it is not."""
    found = sa.select(Shutting).where(Shutting.package_id == package_id, Shutting.opened_at.is_(None))
    return model.Session.scalars(found).first()


def shuttings() -> sa.Subquery:
    """For other rooms: `package_id`, `shut_at` and `opened_at` (none while it is shut) of each time a dataset was shut."""
    return sa.select(Shutting.package_id, Shutting.shut_at, Shutting.opened_at).subquery("shuttings")


# Who has a say before a dataset is opened again: each answers why it has to be done elsewhere, or None.
_GUARDS: list[Callable[[str], str | None]] = []


def guard(objects: Callable[[str], str | None]) -> None:
    """Have a room asked before a dataset is opened again past it; it gets the dataset's id and answers a msgid, or None."""
    if objects not in _GUARDS:
        _GUARDS.append(objects)


def objection_to_opening(package_id: str) -> str | None:
    """Why this dataset is not opened again by the switch alone."""
    return next((words for objects in _GUARDS if (words := objects(package_id))), None)


def throw(package: model.Package, by: str, reason: str) -> Shutting:
    """Shut a dataset in the caller's transaction, for what has to happen together with it; the index follows afterwards."""
    found = shutting_of(package.id)
    if found is None:
        found = Shutting(package_id=package.id, reason=reason, shut_by=by)
        model.Session.add(found)
        model.Session.flush()
        _record("dataset-shut", found, by, reason)
    _seal(package.id)
    return found


def open_within(row: Shutting, proposed_by: str, proposal: str, by: str) -> None:
    """Open a dataset again in the caller's transaction, for a room that has let two persons decide."""
    row.proposed_by, row.proposed_at, row.proposal = proposed_by, now(), proposal
    row.opened_by, row.opened_at = by, now()
    model.Session.flush()
    seal_or_open_links(row.package_id)
    _record("dataset-opened-again", row, by, "")


def shut(package: model.Package, by: str, reason: str) -> Shutting:
    """Shut a dataset, committed when this returns: the gate says no from then on. A dataset that is shut stays so.

    The switch works without the ledger, whose missing entry is then counted; the index follows, and links leave the metadata.
    """
    found = shutting_of(package.id)
    if found is not None:
        return found
    row = Shutting(package_id=package.id, reason=reason, shut_by=by)
    model.Session.add(row)
    try:
        model.Session.flush()
    except IntegrityError:
        # Somebody else was faster; the dataset is shut, which is what was asked for.
        model.Session.rollback()
        return shutting_of(package.id) or row
    _seal(package.id)
    model.Session.commit()
    fields = {
        "user.id": by,
        "govdata.dataset.id": package.id,
        "govdata.agency.id": package.owner_org or "none",
        "govdata.shutting.id": row.id,
    }
    intake.record_or_count(compose("dataset-shut", "success", fields, journal.in_words(reason)))
    follow_in_index(package.id)
    return row


def _seal(package_id: str) -> None:
    """What would lead past the gate: addresses of linked files in the metadata and in activities."""
    seal_or_open_links(package_id)
    traces.follow_the_entry(package_id, sealed=True)


def propose(row: Shutting, by: str, proposal: str) -> None:
    """The first of two persons says what was done, and that the dataset can be opened again."""
    row.proposed_by, row.proposed_at, row.proposal = by, now(), proposal
    _record("dataset-open-again-proposed", row, by, proposal)
    model.Session.commit()


def decide(row: Shutting, by: str, accept: bool, reason: str) -> None:
    """The second person opens the dataset again, or turns the proposal down."""
    if accept:
        row.opened_by, row.opened_at = by, now()
        model.Session.flush()
        seal_or_open_links(row.package_id)
        _record("dataset-opened-again", row, by, reason)
    else:
        row.proposed_by, row.proposed_at, row.proposal = None, None, ""
        _record("dataset-open-again-refused", row, by, reason)
    model.Session.commit()
    if accept:
        follow_in_index(row.package_id)


def _record(action: str, row: Shutting, by: str, reason: str) -> None:
    fields = {"govdata.dataset.id": row.package_id, "govdata.shutting.id": row.id}
    journal.change(action, by, fields, journal.in_words(reason))


def follow_in_index(package_id: str) -> None:
    """Bring the search index in line; where it does not answer, a job does it later, and the gate holds all the same."""
    try:
        search.rebuild(package_id)
    except (search.SearchError, search.SearchIndexError):
        logger.exception("The index of %s is brought in line by a job", package_id)
        tk.enqueue_job(search.rebuild, [package_id], title=f"index of {package_id}")


def as_dict(row: Shutting, *, whole: bool) -> dict[str, Any]:
    """A shutting for its page: when, and for those who may see it, by whom and why."""
    shown: dict[str, Any] = {"package_id": row.package_id, "shut_at": row.shut_at.isoformat() + "Z"}
    if whole:
        shown |= {
            "id": row.id,
            "reason": row.reason,
            "shut_by": row.shut_by,
            "proposed_by": row.proposed_by,
            "proposed_at": row.proposed_at.isoformat() + "Z" if row.proposed_at else None,
            "proposal": row.proposal,
            "opened_by": row.opened_by,
            "opened_at": row.opened_at.isoformat() + "Z" if row.opened_at else None,
        }
    return shown
