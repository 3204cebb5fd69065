"""Deletes what objections keep for no longer: the objector's words, the keys of rows with their salt, files of evidence.

Number, reason, outcome and reply stay in the register, and so do the commitments, which nobody can open any more.
"""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan import model

from ... import config
from ...columns import now
from ...ledger import journal
from ...workflow.model import Case
from .domain import MACHINE
from .model import ObjectionWords

BY = "portal"


def purge(at: datetime.datetime | None = None) -> int:
    """Delete the sealed words of cases that have rested for as long as the setting says; commits. Returns of how many."""
    over = (at or now()) - config.objection_words_kept()
    old = sa.select(Case.id).where(
        Case.machine == MACHINE,
        Case.moved_at < over,
        Case.state.in_(("closed", "declined", "unfounded", "corrected")),
        Case.id.in_(sa.select(ObjectionWords.case_id)),
    )
    found = list(model.Session.scalars(old.with_for_update(skip_locked=True)))
    for case_id in found:
        model.Session.execute(sa.delete(ObjectionWords).where(ObjectionWords.case_id == case_id))
        journal.change("objection-words-purged", BY, {"govdata.case.id": case_id})
    model.Session.commit()
    return len(found)
