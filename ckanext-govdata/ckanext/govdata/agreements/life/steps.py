"""Moving an agreement, with all that follows in the same transaction: its grant, its duties, its clocks, the application.

Guarantee: a grant exists exactly while its agreement is effective, by the database as well (migration 070); whatever ends or
suspends the agreement ends or suspends the grant before the transaction does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from ...access.domain import Mode
from ...access.domain import State as GrantState
from ...access.granting import grant_under_agreement, record_step
from ...access.model import Grant
from ...clocks import keeping
from ...columns import now
from ...notices import recipients
from ...rules.working_days import day_in_shanghai
from ...workflow import cases, showing
from ...workflow.domain import Event
from ...workflow.errors import WorkflowError
from ...workflow.model import Case
from ..applications import moving
from ..applications.machine import PORTAL as APPLICATION_PORTAL
from ..applications.model import Application
from ..texts.vocabulary import read_conditions
from . import domain, telling
from .machine import PORTAL, USER
from .model import Agreement, Obligation

SIGNATURE, SEAL, REPLY = "agreement_signature", "agreement_seal", "breach_reply"
# What becomes of the grant when the agreement comes to a state.
_GRANT: dict[str, GrantState] = {
    "effective": GrantState.RUNNING,
    "noticed": GrantState.RUNNING,
    "suspended": GrantState.SUSPENDED,
    "terminated": GrantState.REVOKED,
    "superseded": GrantState.REVOKED,
}


def present(row: Agreement, agency: str | None, by: str, role: str, at: datetime.datetime | None = None) -> Case:
    """Begin an agreement: its terms as they are presented for signature. `row` is new, with its terms and without id."""
    case = cases.open_case(
        "agreement",
        by,
        role,
        command="present",
        agency=agency,
        dataset=row.package_id,
        party=row.party_id,
        subject=row.title,
        facts={"application": row.application_id or "", "ends": row.ends_at.isoformat()},
        at=at,
    )
    row.id, row.state = case.id, case.state
    model.Session.add(row)
    model.Session.flush()
    return case


def signed(row: Agreement, agency: str | None, by: str, facts: dict[str, Any]) -> None:
    """The user has signed: the agency's seal is due."""
    move(row, "sign", by, USER, facts=facts)
    keeping.meet(row.id, SIGNATURE, by=by)
    clock(row, agency, SEAL, by)


def clock(row: Agreement, agency: str | None, topic: str, by: str, *, to_agency: bool = True) -> None:
    """Start a clock on the agreement, where rule or promise gives one."""
    keeping.start(
        row.id,
        topic,
        now(),
        by=by,
        agency_id=agency if to_agency else None,
        thing=row.title,
        link=telling.link(row),
        tell=[recipients.party(row.party_id)],
    )


def move(row: Agreement, command: str, by: str, role: str, **more: Any) -> Event:
    """Take a step of an agreement, and do what follows. Raises ValidationError with the machine's words."""
    try:
        event = cases.take(row.id, command, by, role, **more)
    except WorkflowError as error:
        raise showing.as_action_error(error) from error
    model.Session.refresh(row)
    _follow(row, event)
    return event


def _follow(row: Agreement, event: Event) -> None:
    if event.command == "take-effect":
        _begin(row, event.by)
    elif event.to_state in _GRANT and event.from_state != event.to_state:
        _set_grants(row, _GRANT[event.to_state], event.by, event.reason)
    if event.from_state == "noticed" != event.to_state:
        # Whether there was a reply or not, nobody waits for one any more; another notice has a term of its own.
        keeping.end(row.id, REPLY, by=event.by)
    if event.to_state in ("declined", "lapsed"):
        _let_lapse(row)
    if event.to_state in ("declined", "lapsed", "replaced", "terminated", "superseded", "expired"):
        keeping.end(row.id, by=event.by)


def _begin(row: Agreement, by: str) -> None:
    """What takes effect with the agreement: the one before it ends, the grant begins, duties get their dates."""
    if row.supersedes:
        before = model.Session.get(Agreement, row.supersedes)
        if before is not None and before.state in ("effective", "noticed", "suspended"):
            move(before, "supersede", PORTAL, PORTAL)
    grant_under_agreement(
        row.package_id,
        row.party_id,
        row.id,
        max(row.starts_at, now()),
        row.ends_at,
        by,
        modes=[Mode(mode) for mode in row.modes],
        items=row.items,
        files=row.files,
        addresses=row.addresses,
        quota=row.quota,
    )
    _owe(row)
    application = model.Session.get(Application, row.application_id) if row.application_id else None
    case = cases.get(application.id) if application else None
    if application is not None and case is not None and case.state == "approved":
        moving.step(application, "supply", APPLICATION_PORTAL, APPLICATION_PORTAL)
    keeping.meet(row.id, SEAL, by=by)


def _owe(row: Agreement) -> None:
    first, last = day_in_shanghai(max(row.starts_at, now())), last_day(row)
    for owed in domain.duties(read_conditions(row.conditions), first, last):
        model.Session.add(Obligation(agreement_id=row.id, duty=owed.duty.value, due=owed.due))
    model.Session.flush()


def last_day(row: Agreement) -> datetime.date:
    """The last day of the term: it ends at 24:00 of it in Shanghai."""
    return day_in_shanghai(row.ends_at - datetime.timedelta(microseconds=1))


def _set_grants(row: Agreement, state: GrantState, by: str, reason: str) -> None:
    """The agreement's grant follows it: suspended, going on, or over for good."""
    for grant in grants_of(row.id):
        if grant.state in (GrantState.REVOKED.value, state.value):
            continue
        grant.state = state.value
        record_step(grant, by, reason)


def grants_of(agreement_id: str) -> Iterable[Grant]:
    """The grants under an agreement, held until the transaction ends."""
    rows = sa.select(Grant).where(Grant.agreement == agreement_id).with_for_update()
    return model.Session.scalars(rows.execution_options(populate_existing=True)).all()


def _let_lapse(row: Agreement) -> None:
    """What was approved and never signed is over for the application too."""
    application = model.Session.get(Application, row.application_id) if row.application_id else None
    case = cases.get(application.id) if application else None
    if application is not None and case is not None and case.state == "approved":
        moving.step(application, "lapse", APPLICATION_PORTAL, APPLICATION_PORTAL)
