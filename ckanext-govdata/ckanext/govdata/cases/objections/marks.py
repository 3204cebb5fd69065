"""The mark that a dataset carries while an objection to it is verified: asked anew each time, so that it holds at once."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...workflow.model import CaseEvent
from .domain import MARKED_IN
from .model import Objection

# A text, not a list: a client that sends an entry back as it got it must not be refused.
FIELD = "under_objection_since"


def since(package_ids: Collection[str]) -> dict[str, datetime.datetime]:
    """Of these datasets, the marked ones, and since when."""
    if not package_ids:
        return {}
    marked = sa.select(Objection.package_id, sa.func.min(Objection.marked_at)).where(
        Objection.package_id.in_(list(package_ids)), Objection.marked_at.is_not(None), Objection.lifted_at.is_(None)
    )
    return {package: at for package, at in model.Session.execute(marked.group_by(Objection.package_id)) if at}


def was_marked(package_id: str, at: datetime.datetime) -> bool:
    """Whether the dataset carried the mark at that moment, as a delivery's manifest says: by the cases' steps until then."""
    stood = sa.select(CaseEvent.to_state).where(CaseEvent.case_id == Objection.case_id, CaseEvent.done_at <= at)
    last = stood.order_by(CaseEvent.n.desc()).limit(1).scalar_subquery()
    then = sa.select(Objection.case_id).where(
        Objection.package_id == package_id, Objection.marked_at.is_not(None), last.in_(MARKED_IN)
    )
    return bool(model.Session.scalar(sa.select(sa.exists(then))))


def words(at: datetime.datetime) -> str:
    """What a reader is told."""
    return tk._("An objection to this data is being verified since {day}.").format(day=at.date().isoformat())


def earliest(package_ids: Collection[str]) -> str:
    """Since when one of these datasets carries the mark, as programs are told; nothing where none does."""
    found = since(package_ids)
    return f"{min(found.values()).isoformat()}Z" if found else ""


def mark_entries(entries: list[dict[str, Any]], package_id: str = "") -> None:
    """Put the mark on entries, or on an answer with a dataset's rows; DCAT takes it as the version's note."""
    ids = [package_id or str(entry.get("id") or "") for entry in entries]
    marked = since([one for one in ids if one])
    for entry, one in zip(entries, ids, strict=True):
        at = marked.get(one)
        if at is None and entry.pop(FIELD, None):
            entry.pop("version_notes", None)  # a copy from before the mark was lifted
        if at is not None:
            entry[FIELD] = f"{at.isoformat()}Z"
            entry["version_notes"] = words(at)
