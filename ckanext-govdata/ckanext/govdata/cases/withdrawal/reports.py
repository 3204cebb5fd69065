"""Reports of leaks as whoever sent one follows them, and as the register of objections has them once it may (LYG-20, LYG-26).

Guarantee: neither says what leaked or where, and none of its words; until the dataset is shut or found to be without a leak the
register has nothing at all. Consequence: what the authority looks at again stays in the register as it was found before.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import aliased

from ...columns import now
from ...notices import recipients
from ...notices.telling import tell
from ...workflow import cases
from ...workflow.domain import Apart
from ...workflow.errors import SamePerson
from ...workflow.model import Case
from .. import sealing
from ..numbering import code_digest, is_code, new_code, new_number
from . import titles
from .domain import LOOKED_INTO_IN, MACHINE, OUTCOMES, REPORTER, Outcome, outcome
from .machine import WITHDRAWAL
from .model import Withdrawal

Report = Withdrawal
"""A report of a leak, as those know it who follow it."""

_LETTER, _CODE_LENGTH = "X", 10
# What the record of a step says in place of the reporter's own words, which are sealed.
_SEALED = "sealed"


def give_number(row: Withdrawal) -> str:
    """Number a report that is being made; answers the code by which it is followed, of which the digest is kept."""
    code = new_code(_CODE_LENGTH)
    row.number, row.code = new_number(_LETTER, Withdrawal.number), code_digest(code)
    return code


def is_number(number: str) -> bool:
    """Whether a number is one of a report, by its letter."""
    return number.strip().upper().startswith(_LETTER)


def by_number(number: str, code: str) -> Withdrawal | None:
    """A report by number and code; a wrong code finds as little as a wrong number."""
    found = sa.select(Withdrawal).where(Withdrawal.number == number.strip().upper())
    row = model.Session.scalars(found).first()
    return row if row is not None and is_code(row.code, code) else None


def for_reporter(row: Withdrawal) -> dict[str, Any]:
    """How a report stands, in the shape of the register's line, with `may_ask_again`."""
    case = _case(row)
    found = outcome(case.state, _shut_in(row))
    return {**_line(row, case, found), "may_ask_again": found is Outcome.CLEARED and case.state == "dismissed"}


def look_again(row: Withdrawal, text: str, by: str) -> None:
    """Have the authority look again at what was found to be no leak, in the caller's transaction. Raises WorkflowError."""
    cases.take(row.case_id, "look-again", by, REPORTER, reason=_SEALED)
    said = json.dumps([*asked_again(row), text], ensure_ascii=False)
    row.again = sealing.seal(said.encode(), row.case_id)
    facts = {"title": titles.shown(row, model.Session.get(model.Package, row.package_id)), "number": row.number or ""}
    link, key = f"/withdrawals/{row.case_id}", f"withdrawal-again:{row.case_id}:{_case(row).n}"
    tell([recipients.AUTHORITY], "withdrawal_again", facts, link=link, about=row.case_id, key=key)


def asked_again(row: Withdrawal) -> list[str]:
    """Why whoever reported asked the authority to look again, for those who handle the case."""
    return json.loads(sealing.unseal(row.again, row.case_id)) if row.again else []


def demand_another(case: Case, command: str, by: str) -> None:
    """Whoever reported without an account and asked again with one is the reporter all the same: raises SamePerson."""
    step = WITHDRAWAL.step(case.state, command)
    spoke = {one.done_by for one in cases.events(case.id) if one.role == REPORTER}
    if step is not None and step.apart is Apart.OPENER and by in spoke:
        raise SamePerson(WITHDRAWAL, step)


def answer_shut(row: Withdrawal) -> None:
    """Whoever reported this dataset has their answer, by this case or another one that waits: it is shut."""
    waiting = sa.select(Case.id).where(
        Case.machine == MACHINE, Case.dataset == row.package_id, Case.state.in_(LOOKED_INTO_IN)
    )
    others = sa.update(Withdrawal).where(Withdrawal.case_id.in_(waiting), Withdrawal.shut_by.is_(None))
    row.shut_by, row.settled_at = row.case_id, row.withdrawn_at
    model.Session.execute(others.values(shut_by=row.case_id, settled_at=row.withdrawn_at))


def answer_cleared(case_id: str) -> None:
    """Whoever reported has their answer: no leak. What was settled before stays as it was."""
    row = model.Session.get(Withdrawal, case_id)
    if row is not None and row.settled_at is None:
        row.settled_at = now()


def settled() -> sa.Select[Any]:
    """What came as an objection and was shut or cleared: `case_id`, `package_id`, `filed_at` and the register's `state`."""
    shut = aliased(Case)
    state = sa.case(
        (Withdrawal.shut_by.is_(None), Outcome.CLEARED.value),
        (shut.state == "opened", Outcome.OPENED.value),
        else_=Outcome.WITHDRAWN.value,
    )
    found = sa.select(Withdrawal.case_id, Withdrawal.package_id, Case.opened_at.label("filed_at"), state.label("state"))
    found = found.join(Case, Case.id == Withdrawal.case_id).outerjoin(shut, shut.id == Withdrawal.shut_by)
    return found.where(Withdrawal.objection.is_(True), Withdrawal.settled_at.is_not(None))


def held(case_ids: Collection[str]) -> list[Withdrawal]:
    """The reports among these cases, and what their datasets were shut by, to be at hand when their lines are asked for."""
    found = list(model.Session.scalars(sa.select(Withdrawal).where(Withdrawal.case_id.in_(case_ids))))
    shut = {row.shut_by for row in found if row.shut_by} - {row.case_id for row in found}
    return (
        found + list(model.Session.scalars(sa.select(Withdrawal).where(Withdrawal.case_id.in_(shut))))
        if shut
        else found
    )


def line(case_id: str) -> dict[str, Any]:
    """The register's line of one that is settled: which dataset, outcome and days."""
    row = model.Session.get_one(Withdrawal, case_id)
    return _line(row, _case(row), outcome("dismissed", _shut_in(row)))


def _case(row: Withdrawal) -> Case:
    return model.Session.get_one(Case, row.case_id)


def _shut_in(row: Withdrawal) -> str | None:
    """How the case stands by which the dataset was shut; None where the report led to none."""
    case = cases.get(row.shut_by) if row.shut_by else None
    return case.state if case is not None else None


def _line(row: Withdrawal, case: Case, found: Outcome) -> dict[str, Any]:
    package = model.Session.get(model.Package, row.package_id)
    over = None if found.is_open else row.settled_at
    by = cases.get(row.shut_by) if row.shut_by else None
    return {
        "number": row.number or "",
        "dataset": row.package_id,
        "name": package.name if package else "",
        "title": _title(row, package),
        "state": found.value,
        "state_title": tk._(OUTCOMES[found]),
        "filed_at": _z(case.opened_at),
        "settled_at": _z(over) if over else None,
        "opened_at": _z(by.moved_at) if by is not None and found is Outcome.OPENED else None,
        "days": ((over or now()) - case.opened_at).days,
        **_UNSAID,
    }


# What the register says of other objections, and of these nowhere.
_UNSAID: dict[str, Any] = {
    "reason": "",
    "reason_title": "",
    "items": [],
    "marked": False,
    "reply": "",
    "authority_reply": "",
    "old_version": "",
    "new_version": "",
    "changes": [],
}


def _title(row: Withdrawal, package: model.Package | None) -> str:
    """The dataset's title; while it is shut that of its notice, by whichever case it was shut."""
    shut = model.Session.get(Withdrawal, row.shut_by) if row.shut_by else None
    return titles.shown(shut or row, package)


def _z(moment: datetime.datetime) -> str:
    return f"{moment.isoformat()}Z"


__all__ = (
    "answer_cleared",
    "answer_shut",
    "asked_again",
    "by_number",
    "demand_another",
    "for_reporter",
    "give_number",
    "held",
    "is_number",
    "line",
    "look_again",
    "settled",
)
