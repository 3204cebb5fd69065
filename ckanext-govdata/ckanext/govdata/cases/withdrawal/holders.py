"""Who has a dataset's data, by the ledger and not by guess; and the word that each of them gets once."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ...columns import new_id, now
from ...notices import recipients
from ...notices.telling import tell
from ...uses import tracing as uses
from . import titles
from .model import Holder, Withdrawal

_DAYS_TO_ANSWER = 3


def due_day() -> datetime.date:
    """By when holders confirm: a promise of the portal."""
    return (now() + datetime.timedelta(days=_DAYS_TO_ANSWER)).date()


def find(
    package_id: str,
    resource_id: str | None = None,
    until: datetime.datetime | None = None,
    contents: Sequence[str] | None = None,
    without: Sequence[str] = (),
    rows_only: bool = False,
) -> list[dict[str, Any]]:
    """Everybody to whom the ledger has a delivery of this dataset, or of one of its files; nobody for what was taken unnamed.

    `until` leaves out those who took it at that moment or later only, `contents` those who took no file of one of these digests,
    `without` those who took files of these digests only, `rows_only` those who took whole files only.
    """
    taken: dict[str, Any] = {"dataset_id": package_id, **({"resource_id": resource_id} if resource_id else {})}
    taken |= {"sha256": list(contents)} if contents is not None else {"sha256": None} if rows_only else {}
    return [one for one in uses.holders(taken, until, without) if one["party_id"] or one["user_id"]]


def note(row: Withdrawal, found: list[dict[str, Any]]) -> int:
    """Write down holders who are not on the list yet and tell them, in the caller's transaction; returns how many are new."""
    return sum(_note_one(row, one) for one in found)


def _note_one(row: Withdrawal, one: dict[str, Any]) -> bool:
    table: Any = Holder.__table__
    values = {
        "id": new_id(),
        "case_id": row.case_id,
        "party_id": one["party_id"],
        "user_id": one["user_id"],
        "first_at": one["first"],
        "last_at": one["last"],
        "deliveries": one["count"],
        "told_at": now(),
        "answer": "",
    }
    fresh = model.Session.execute(insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)).scalar()
    if fresh is None:
        return False
    _tell(row, one)
    return True


def _tell(row: Withdrawal, one: dict[str, Any]) -> None:
    to = recipients.party(one["party_id"]) if one["party_id"] else recipients.user(one["user_id"])
    due = row.due.isoformat() if row.due else ""
    facts = {"title": titles.told(row), "what": row.what, "since": one["first"].date().isoformat(), "due": due}
    text = "withdrawal_drill" if row.drill else "withdrawal_holder"
    tell([to], text, facts, link=f"/withdrawals/{row.case_id}", about=row.case_id, key=f"withdrawal:{row.case_id}")


def of_case(case_id: str) -> list[Holder]:
    """The holders of a case, the first delivery first."""
    return list(model.Session.scalars(sa.select(Holder).where(Holder.case_id == case_id).order_by(Holder.first_at)))


def mine(case_id: str, user_id: str, parties: set[str]) -> Holder | None:
    """The holder that this user answers for."""
    own = sa.or_(Holder.user_id == user_id, Holder.party_id.in_(parties))
    return model.Session.scalars(sa.select(Holder).where(Holder.case_id == case_id, own)).first()


def escalate(at: datetime.datetime | None = None) -> int:
    """Tell agency and authority of holders who have not confirmed in time, each once; commits. Returns how many."""
    moment = at or now()
    late = (
        sa.select(Holder, Withdrawal, model.Package)
        .join(Withdrawal, Withdrawal.case_id == Holder.case_id)
        .join(model.Package, model.Package.id == Withdrawal.package_id)
        .where(Holder.confirmed_at.is_(None), Holder.escalated_at.is_(None), Withdrawal.due < moment.date())
        .with_for_update(of=Holder)
    )
    count = 0
    for holder, row, package in model.Session.execute(late).all():
        holder.escalated_at = moment
        to = [recipients.AUTHORITY, *([recipients.agency(package.owner_org)] if package.owner_org else [])]
        facts = {
            "title": titles.told(row),
            "due": row.due.isoformat(),
            "holder": holder.party_id or holder.user_id,
        }
        tell(
            to, "withdrawal_late", facts, link=f"/withdrawals/{row.case_id}", about=row.case_id, key=f"late:{holder.id}"
        )
        count += 1
    model.Session.commit()
    return count


def tell_handlers(case: Any, package: model.Package) -> None:
    """Tell agency and operator that there is a report; what it says stands in the case alone."""
    to = [recipients.OPERATOR, *([recipients.agency(package.owner_org)] if package.owner_org else [])]
    facts = {"title": package.title or package.name}
    tell(to, "withdrawal_reported", facts, link=f"/withdrawals/{case.id}", about=case.id, key=f"reported:{case.id}")
