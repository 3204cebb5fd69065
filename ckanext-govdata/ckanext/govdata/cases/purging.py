"""Deletes what cases keep for no longer: the words, evidence and keys of rows of objections, the words of reports of misuse.

Number, kind, outcome and reply stay, and so do the commitments of rows, which nobody can open any more.
"""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan import model

from .. import config
from ..columns import now
from ..ledger import journal
from ..workflow.model import Case
from .misuse.machine import MISUSE
from .misuse.model import MisuseWords
from .objections.domain import MACHINE as OBJECTION
from .objections.model import ObjectionWords

BY = "portal"
# An objection that was answered can be looked at again, and rests until somebody asks for it.
_RESTS_IN = ("closed", "declined", "unfounded", "corrected")


def purge_objections(at: datetime.datetime | None = None) -> int:
    """Delete the sealed words of objections that have rested for as long as the setting says; commits. Returns of how many."""
    over = (at or now()) - config.objection_words_kept()
    return _purge(OBJECTION, _RESTS_IN, ObjectionWords, over, "objection-words-purged")


def purge_misuse(at: datetime.datetime | None = None) -> int:
    """Likewise of reports of misuse that were settled, whoever reported and whoever is named in them."""
    over = (at or now()) - config.misuse_words_kept()
    return _purge(MISUSE.name, tuple(MISUSE.final), MisuseWords, over, "misuse-words-purged")


def _purge(
    machine: str,
    states: tuple[str, ...],
    words: type[ObjectionWords] | type[MisuseWords],
    over: datetime.datetime,
    action: str,
) -> int:
    old = sa.select(Case.id).where(
        Case.machine == machine,
        Case.moved_at < over,
        Case.state.in_(states),
        Case.id.in_(sa.select(words.case_id)),
    )
    found = list(model.Session.scalars(old.with_for_update(skip_locked=True)))
    for case_id in found:
        model.Session.execute(sa.delete(words).where(words.case_id == case_id))
        journal.change(action, BY, {"govdata.case.id": case_id})
    model.Session.commit()
    return len(found)
