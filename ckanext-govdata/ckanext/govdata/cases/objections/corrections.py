"""A correction and who has to know of it: holders by the ledger, told once and asked to acknowledge; followers of the dataset."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ...columns import new_id, now
from ...ledger import journal
from ...notices import recipients
from ...notices.telling import tell
from ...workflow.model import Case
from ..withdrawal import holders
from .changes import shown, wrong_deliveries
from .followers import tell_followers
from .model import CorrectionHolder, Objection

# For how long a correction is news.
_NEWS = datetime.timedelta(days=90)


def tell_of(row: Objection, step: int) -> None:
    """Tell everybody to whom the ledger has a delivery of what was wrong, each once, and then those who follow the dataset.

    `step` is the number of the case's step: a case that was sent back and corrected anew is told anew, and acknowledged anew.
    """
    table: Any = CorrectionHolder.__table__
    anew = sa.update(table).where(table.c.case_id == row.case_id)
    model.Session.execute(anew.values(acknowledged_at=None, acknowledged_by=None))
    package = model.Session.get(model.Package, row.package_id)
    title = package.title or package.name if package else row.package_id
    facts = {"title": title, "number": row.number, "reply": row.reply}
    for taken in wrong_deliveries(row):
        for one in holders.find(row.package_id, **taken):
            _tell_one(row, one, facts, f"corrected:{row.case_id}:{step}")
    name = package.name if package else row.package_id
    key = f"corrected:{row.case_id}:{step}"
    tell_followers(row.package_id, "dataset_corrected", facts, f"/dataset/{name}#objections", key)


def _tell_one(row: Objection, one: dict[str, Any], facts: dict[str, str], key: str) -> None:
    table: Any = CorrectionHolder.__table__
    values = {"id": new_id(), "case_id": row.case_id, "party_id": one["party_id"], "user_id": one["user_id"]}
    values["told_at"] = now()
    model.Session.execute(insert(table).values(values).on_conflict_do_nothing())
    to = recipients.party(one["party_id"]) if one["party_id"] else recipients.user(one["user_id"])
    tell([to], "objection_corrected", facts, link=f"/corrections/{row.case_id}", about=row.case_id, key=key)


def lately() -> dict[str, datetime.datetime]:
    """The datasets that were corrected in the last months, and when last."""
    found = sa.select(Objection.package_id, sa.func.max(Objection.settled_at)).join(Case, Case.id == Objection.case_id)
    found = found.where(Case.state == "corrected", Objection.settled_at > now() - _NEWS)
    return {package: at for package, at in model.Session.execute(found.group_by(Objection.package_id)) if at}


def of_case(case_id: str) -> list[CorrectionHolder]:
    """Who was told of a correction."""
    return list(model.Session.scalars(sa.select(CorrectionHolder).where(CorrectionHolder.case_id == case_id)))


def mine(case_id: str, user_id: str, parties: set[str]) -> list[CorrectionHolder]:
    """The holders that this user answers for: themselves, and their parties; those who have not acknowledged it first."""
    own = sa.or_(CorrectionHolder.user_id == user_id, CorrectionHolder.party_id.in_(parties))
    wanted = sa.select(CorrectionHolder).where(CorrectionHolder.case_id == case_id, own).with_for_update()
    open_first = (CorrectionHolder.acknowledged_at.is_not(None), CorrectionHolder.id)
    return list(model.Session.scalars(wanted.order_by(*open_first)))


def acknowledge(holder: CorrectionHolder, row: Objection, by: str) -> None:
    """Put on record that the holder knows; in the caller's transaction, and once."""
    if holder.acknowledged_at is not None:
        return
    holder.acknowledged_at, holder.acknowledged_by = now(), by
    fields = {"govdata.case.id": row.case_id, "govdata.dataset.id": row.package_id, "govdata.holder.id": holder.id}
    journal.change("correction-acknowledged", by, fields)


def as_answer(holder: CorrectionHolder, row: Objection) -> dict[str, Any]:
    """What a holder has to know: what was wrong, which version has it right, and their own answer."""
    package = model.Session.get(model.Package, row.package_id)
    return {
        "id": row.case_id,
        "number": row.number,
        "name": package.name if package else "",
        "title": package.title or package.name if package else row.package_id,
        "items": row.items,
        "reply": row.reply,
        "old_version": row.old_version,
        "new_version": row.new_version,
        "changes": shown(row),
        "acknowledged_at": f"{holder.acknowledged_at.isoformat()}Z" if holder.acknowledged_at else None,
    }
