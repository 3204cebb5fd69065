"""Withdrawals as actions answer them: the whole path to those who handle it, to a holder what concerns them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ...access.parties.standing import names_of
from ...workflow import cases
from ...workflow.model import Case
from ...workflow.showing import case_as_dict, event_as_dict, next_steps
from .. import sealing
from . import holders, reports, titles
from .domain import REPORTER
from .model import Holder, Sealed, Withdrawal


def whole(case: Case, row: Withdrawal, roles: frozenset[str], by: str) -> dict[str, Any]:
    """Timeline with the ledger's entries, holders and their answers, steps done, evidence, and what can be done next."""
    found = holders.of_case(case.id)
    names = _names(found)
    evidence = sa.select(Sealed).where(Sealed.case_id == case.id).order_by(Sealed.sealed_at)
    return {
        **case_as_dict(case),
        **_notice(row),
        "report": sealing.unseal(row.report, case.id).decode() if row.report else "",
        "number": row.number or "",
        "again": reports.asked_again(row),
        "personal": row.personal,
        "notice_title": row.notice_title,
        "tier": _tier(row.package_id),
        "persons_told": row.persons_told,
        "persons_told_at": _z(row.persons_told_at),
        "drill": row.drill,
        "events": [event_as_dict(one) for one in cases.events(case.id)],
        "holders": [{**_holder(one), "name": names[one.id]} for one in found],
        "confirmed": sum(one.confirmed_at is not None for one in found),
        "done": row.done,
        "finished_at": _z(row.finished_at),
        "grants": row.grants,
        "evidence": [
            {"id": one.id, "kind": one.kind, "name": one.name, "size": one.size, "sealed_at": _z(one.sealed_at)}
            for one in model.Session.scalars(evidence)
        ],
        # What whoever reported can do, they do by number and code.
        "next": next_steps(case, roles - {REPORTER}, by),
    }


def _tier(package_id: str) -> str:
    package = model.Session.get(model.Package, package_id)
    return str((package.extras or {}).get("open_tier") or "") if package else ""


def _names(found: list[Holder]) -> dict[str, str]:
    """What each holder is called, for those who handle the case; its id where nothing else is left of it."""
    parties = names_of({one.party_id for one in found if one.party_id})
    users = sa.select(model.User).where(model.User.id.in_({one.user_id for one in found if one.user_id}))
    people = {user.id: user.display_name for user in model.Session.scalars(users)}
    known = {**parties, **people}
    return {one.id: known.get(key, "") or key for one in found if (key := one.party_id or one.user_id or "")}


def for_holder(case: Case, row: Withdrawal, holder: Holder) -> dict[str, Any]:
    """What a holder has to know: what, since when, what to do, by when, and their own answer."""
    return {"id": case.id, "dataset": case.dataset, "state": case.state, **_notice(row), "holder": _holder(holder)}


def _notice(row: Withdrawal) -> dict[str, Any]:
    package = model.Session.get(model.Package, row.package_id)
    return {
        "title": titles.shown(row, package),
        "name": package.name if package else "",
        "what": row.what,
        "due": row.due.isoformat() if row.due else None,
        "withdrawn_at": _z(row.withdrawn_at),
    }


def _holder(one: Holder) -> dict[str, Any]:
    fields = "id party_id user_id deliveries confirmed_by answer"
    moments = "first_at last_at told_at confirmed_at escalated_at"
    return {name: getattr(one, name) for name in fields.split()} | {
        name: _z(getattr(one, name)) for name in moments.split()
    }


def _z(moment: Any) -> str | None:
    return f"{moment.isoformat()}Z" if moment else None
