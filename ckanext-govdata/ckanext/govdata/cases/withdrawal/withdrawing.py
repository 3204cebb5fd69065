"""The withdrawal itself: one transaction that shuts every route, suspends the grants and tells the holders, or does nothing."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ...access import granting, switch
from ...access.domain import Kind
from ...catalogue.domain import OpenTier, SharingTier
from ...columns import now
from ...msgids import N_
from ...workflow import cases
from ...workflow.model import Case
from . import holders, reports
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
    notice_title: str = "",
    drill: bool = False,
) -> Withdrawal:
    """Withdraw a dataset in the caller's transaction (LYG-26): all routes shut, grants suspended, holders told.

    `what` tells holders what leaked, without its content; `notice_title` is the title that stays, empty to withhold it.
    Raises WorkflowError, IntakeUnavailable; then nothing has changed.
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
    row.what, row.notice_title = what, notice_title.strip()
    row.due, row.withdrawn_at = holders.due_day(), now()
    reports.answer_shut(row)
    row.grants = granting.suspend_all(package.id, by, reason)
    model.Session.add(row)
    switch.throw(package, by, reason)
    model.Session.flush()
    holders.note(row, holders.find(package.id))
    return row


def resume(row: Withdrawal, package: model.Package, tier: str, by: str, reason: str) -> None:
    """Let the grants go on that this withdrawal suspended, as the tier and the sharing allow in which it is open again."""
    kinds = {Kind.INSPECTION}
    if tier == OpenTier.CONDITIONAL.value:
        kinds.add(Kind.AGREEMENT)
    if (package.extras or {}).get("sharing_tier") != SharingTier.NOT_SHARED.value:
        kinds.add(Kind.SHARING)
    granting.resume(row.grants, kinds, by, reason)


__all__ = ("of_case", "open_case_of", "resume", "withdraw")
