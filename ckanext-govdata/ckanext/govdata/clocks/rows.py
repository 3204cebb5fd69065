"""Rows of clocks: found and held, computed, and every step written down with its entry of the ledger."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ..columns import now
from ..ledger import journal
from ..rules.working_days import Calendar, Due
from .domain import OPEN_STATES, Rest, Term, compute
from .model import Clock, ClockEvent

_OPEN = tuple(state.value for state in OPEN_STATES)


@dataclass(frozen=True)
class Change:
    """What listeners are told of, in the transaction of the change."""

    kind: str
    clock: Clock


listeners: list[Callable[[Change], None]] = []


def held(case_id: str, topic: str | None = None) -> list[Clock]:
    """The open clocks of a case, held until the transaction ends, oldest first."""
    rows = sa.select(Clock).where(Clock.case_id == case_id, Clock.state.in_(_OPEN))
    if topic is not None:
        rows = rows.where(Clock.topic == topic)
    ordered = rows.order_by(Clock.received_at, Clock.id).with_for_update()
    return list(model.Session.scalars(ordered.execution_options(populate_existing=True)))


def held_by_id(clock_id: str) -> Clock | None:
    """An open clock, held; None where somebody else holds it or it is open no more."""
    rows = sa.select(Clock).where(Clock.id == clock_id, Clock.state.in_(_OPEN))
    waiting = rows.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return model.Session.scalars(waiting).first()


def events_of(clock_id: str) -> list[ClockEvent]:
    return list(
        model.Session.scalars(sa.select(ClockEvent).where(ClockEvent.clock_id == clock_id).order_by(ClockEvent.n))
    )


def term_of(clock: Clock) -> Term:
    """What the clock's last day is computed from."""
    rests: list[Rest] = []
    for event in events_of(clock.id):
        if event.kind == "suspended":
            rests.append(Rest(event.at, None, str(event.facts.get("reason"))))
        elif event.kind == "resumed" and rests:
            rests[-1] = Rest(rests[-1].since, event.at, rests[-1].reason)
    return Term(clock.received_at, clock.number, clock.extended_by, tuple(rests))


def set_due(clock: Clock, days: Calendar, at: datetime.datetime | None = None) -> Due:
    """Compute the clock's last day and note it, with the notices that it rests on."""
    found = compute(term_of(clock), days, at or now())
    clock.due_day, clock.provisional = found.day, found.provisional
    clock.due_at = found.ends_at.replace(tzinfo=None)
    clock.tables = [list(table) for table in found.tables]
    return found


def record(clock: Clock, kind: str, by: str | None, at: datetime.datetime | None = None, **facts: Any) -> None:
    """Write a step down, put its entry into the ledger, and tell the rooms that listen; all in one transaction."""
    model.Session.flush()
    count = sa.select(sa.func.coalesce(sa.func.max(ClockEvent.n), 0)).where(ClockEvent.clock_id == clock.id)
    number = model.Session.scalar(count) or 0
    model.Session.add(ClockEvent(clock_id=clock.id, n=number + 1, kind=kind, at=at or now(), by=by, facts=facts))
    fields = {
        "govdata.clock.id": clock.id,
        "govdata.clock.case": clock.case_id,
        "govdata.clock.topic": clock.topic,
        "govdata.clock.kind": clock.kind,
        "govdata.clock.due": clock.due_day.isoformat(),
        "govdata.clock.provisional": clock.provisional,
    }
    more = {f"govdata.clock.{name}": value for name, value in facts.items() if name != "reason"}
    words = journal.in_words(str(facts.get("reason") or ""))
    journal.change(f"clock-{kind.replace('_', '-')}", by, {**fields, **more}, words)
    model.Session.flush()
    for listener in listeners:
        listener(Change(kind, clock))
