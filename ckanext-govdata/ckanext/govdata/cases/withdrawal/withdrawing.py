"""The withdrawal itself: one transaction that shuts every route, suspends the grants and tells the holders, or does nothing."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan import model

from ...access import switch
from ...access.domain import State
from ...access.granting import record_step
from ...access.model import Grant
from ...columns import now
from ...msgids import N_
from ...workflow import cases
from ...workflow.model import Case
from . import holders
from .domain import MACHINE, SHUT_IN
from .machine import WITHDRAWAL
from .model import Withdrawal


def of_case(case_id: str) -> Withdrawal | None:
    return model.Session.get(Withdrawal, case_id)


def open_case_of(package_id: str) -> Case | None:
    """The case by which a dataset is withdrawn now, if it is."""
    found = sa.select(Case).where(Case.machine == MACHINE, Case.dataset == package_id, Case.state.in_(SHUT_IN))
    return model.Session.scalars(found).first()


def _objection(package_id: str) -> str | None:
    return _BY_CASE if open_case_of(package_id) is not None else None


_BY_CASE = N_("This dataset is withdrawn. Its withdrawal's page opens it again, by two persons.")
switch.guard(_objection)


def withdraw(
    package: model.Package,
    by: str,
    role: str,
    reason: str,
    what: str,
    *,
    case: Case | None = None,
    personal: bool = False,
    drill: bool = False,
) -> Withdrawal:
    """Withdraw a dataset in the caller's transaction (LYG-26): all routes shut, grants suspended, holders told.

    `what` tells holders what leaked, without its content. Raises WorkflowError, IntakeUnavailable; then nothing has changed.
    """
    if case is None:
        case = cases.open_case(
            WITHDRAWAL.name, by, role, command="withdraw", agency=package.owner_org, dataset=package.id, reason=reason
        )
        row = Withdrawal(case_id=case.id, package_id=package.id, personal=personal, grants=[], done={}, drill=drill)
    else:
        cases.take(case.id, "withdraw", by, role, reason=reason)
        row = of_case(case.id) or Withdrawal(case_id=case.id, package_id=package.id, grants=[], done={})
        row.personal = row.personal or personal
    row.what, row.due, row.withdrawn_at = what, holders.due_day(), now()
    row.grants = _suspend(package.id, by, reason)
    model.Session.add(row)
    switch.throw(package, by, reason)
    model.Session.flush()
    holders.note(row, holders.find(package.id), package.title or package.name)
    return row


def _suspend(package_id: str, by: str, reason: str) -> list[str]:
    """Suspend every running grant of the dataset (LYG-40); answers their ids."""
    running = (
        sa.select(Grant).where(Grant.package_id == package_id, Grant.state == State.RUNNING.value).with_for_update()
    )
    found = list(model.Session.scalars(running.order_by(Grant.id).execution_options(populate_existing=True)))
    for grant in found:
        grant.state = State.SUSPENDED.value
        record_step(grant, by, reason)
    return [grant.id for grant in found]


def resume(row: Withdrawal, by: str, reason: str) -> None:
    """Let the grants go on that this withdrawal suspended, as far as nobody has decided otherwise since."""
    for grant_id in row.grants:
        grant = model.Session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
        if grant is not None and grant.state == State.SUSPENDED.value and grant.ends_at > now():
            grant.state = State.RUNNING.value
            record_step(grant, by, reason)


def seconds_since(row: Withdrawal, moment: datetime.datetime) -> float:
    """How long after the withdrawal a moment is."""
    return (moment - row.withdrawn_at).total_seconds() if row.withdrawn_at else 0.0


__all__ = ("of_case", "open_case_of", "resume", "seconds_since", "withdraw")
