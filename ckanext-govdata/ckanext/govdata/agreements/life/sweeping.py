"""What time does to agreements and applications: terms end, what nobody signed lapses, ends and duties are told.

Guarantee: may run at any time and any number of times; whatever came due while nothing ran is done once, then.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from ...clocks import keeping
from ...columns import now
from ...rules.working_days import day_in_shanghai
from ...workflow.model import Case
from ..applications import moving
from ..applications.domain import APPEAL_DAYS
from ..applications.machine import PORTAL as APPLICATION_PORTAL
from ..applications.model import Application
from . import documents, domain, steps, telling
from .machine import PENDING, PORTAL
from .model import Agreement, Obligation

# How long a refused application waits for an appeal before it is closed.
_APPEAL = datetime.timedelta(days=APPEAL_DAYS)


@dataclass
class Swept:
    """What one run did."""

    expired: int = 0
    lapsed: int = 0
    closed: int = 0
    told: int = 0


def sweep(at: datetime.datetime | None = None) -> Swept:
    """Do what has come due by a moment (UTC without a zone; now unless given), each in a transaction of its own."""
    moment, done = at or now(), Swept()
    for agreement_id in _ids(sa.select(Agreement.id).where(_over(moment))):
        done.expired += _move(agreement_id, "expire", moment)
    for agreement_id in _ids(sa.select(Agreement.id).where(Agreement.state.in_(PENDING))):
        done.lapsed += _lapse(agreement_id, moment)
    for application_id in _ids(_unappealed(moment)):
        done.closed += _close(application_id, moment)
    done.told = _warn(moment) + _remind(moment)
    return done


def _over(moment: datetime.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Agreement.state.in_(("effective", "noticed", "suspended")), Agreement.ends_at <= moment)


def _ids(statement: sa.Select[tuple[str]]) -> list[str]:
    return list(model.Session.scalars(statement.limit(10_000)))


def _move(agreement_id: str, command: str, moment: datetime.datetime) -> int:
    row = model.Session.get(Agreement, agreement_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in ("effective", "noticed", "suspended", *PENDING):
        model.Session.rollback()
        return 0
    steps.move(row, command, PORTAL, PORTAL, at=moment)
    if command == "lapse":
        documents.void(row, PORTAL, "not signed in time")
    model.Session.commit()
    return 1


def _lapse(agreement_id: str, moment: datetime.datetime) -> int:
    """Nobody signed within the time that the portal keeps it ready, or the term is over before it began."""
    row = model.Session.get_one(Agreement, agreement_id)
    late = [view for view in keeping.of(agreement_id) if view.topic == steps.SIGNATURE and view.open]
    over = row.state == "presented" and any(not view.provisional and moment >= view.due_at for view in late)
    if over or row.ends_at <= moment:
        return _move(agreement_id, "lapse", moment)
    return 0


def _unappealed(moment: datetime.datetime) -> sa.Select[tuple[str]]:
    waiting = sa.select(Application.id).join(Case, Case.id == Application.id)
    return waiting.where(Case.state == "refused", Case.moved_at <= moment - _APPEAL)


def _close(application_id: str, moment: datetime.datetime) -> int:
    row = model.Session.get(Application, application_id, with_for_update=True)
    case = model.Session.get(Case, application_id, populate_existing=True)
    if row is None or case is None or case.state != "refused":
        model.Session.rollback()
        return 0
    moving.step(row, "close", APPLICATION_PORTAL, APPLICATION_PORTAL, at=moment)
    model.Session.commit()
    return 1


def _warn(moment: datetime.datetime) -> int:
    """30, 7 and 1 days before the end, each told once."""
    until = moment + datetime.timedelta(days=max(domain.WARNINGS) + 1)
    rows = sa.select(Agreement).where(Agreement.state.in_(("effective", "noticed")), Agreement.ends_at <= until)
    told = 0
    for row in model.Session.scalars(rows.where(Agreement.ends_at > moment)).all():
        last = steps.last_day(row)
        days = domain.warning_due(day_in_shanghai(moment), last)
        told += telling.ending(row, days, last) if days is not None else 0
    model.Session.commit()
    return told


def _remind(moment: datetime.datetime) -> int:
    until = day_in_shanghai(moment) + datetime.timedelta(days=max(domain.REMINDERS))
    rows = sa.select(Obligation, Agreement, Case.agency).join(Agreement, Agreement.id == Obligation.agreement_id)
    rows = rows.join(Case, Case.id == Agreement.id)
    told = 0
    for duty, row, agency in model.Session.execute(
        rows.where(Obligation.met_at.is_(None), Obligation.due <= until)
    ).all():
        days = domain.reminder_due(day_in_shanghai(moment), duty.due)
        told += telling.duty(row, duty, days, agency) if days is not None else 0
    model.Session.commit()
    return told
