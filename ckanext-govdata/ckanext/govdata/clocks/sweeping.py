"""What time does to clocks: they are breached, reminded of, computed anew. Judged by the tables alone, so a sleep loses nothing.

Guarantee: each clock is breached once, at the moment its term ended however late that is noticed, in one transaction with its
notices and its entry of the ledger; a provisional day breaches nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from ..columns import now
from ..rules.working_days import day_in_shanghai
from . import telling
from .days import calendar
from .domain import OPEN_STATES, State, is_breached
from .model import Clock
from .rows import held_by_id, record, set_due

# The agency is reminded when this much of a term is left.
REMIND_BEFORE = datetime.timedelta(days=3)
_OPEN = tuple(state.value for state in OPEN_STATES)


@dataclass(frozen=True)
class Swept:
    """What a sweep did."""

    moved: int
    breached: int
    reminded: int


def sweep(at: datetime.datetime | None = None) -> Swept:
    """Bring all clocks up to a moment, now unless given. May run at any time, in several processes, and be killed anywhere."""
    moment = at or now()
    moved = recompute(None, moment)
    model.Session.commit()
    breached = _each(Clock.breached_at.is_(None) & ~Clock.provisional & (Clock.due_at <= moment), _breach, moment)
    soon = Clock.reminded_at.is_(None) & (Clock.due_at > moment) & (Clock.due_at <= moment + REMIND_BEFORE)
    return Swept(moved, breached, _each(soon, _remind, moment))


def _each(
    where: sa.ColumnElement[bool], act: Callable[[Clock, datetime.datetime], bool], moment: datetime.datetime
) -> int:
    """Do something to each running clock that fits, one transaction each; one that somebody else holds is theirs."""
    ids = sa.select(Clock.id).where(Clock.state == State.RUNNING.value, where).order_by(Clock.due_at, Clock.id)
    done = 0
    for clock_id in list(model.Session.scalars(ids)):
        clock = held_by_id(clock_id)
        if clock is not None and act(clock, moment):
            done += 1
        model.Session.commit()
    return done


def _breach(clock: Clock, moment: datetime.datetime) -> bool:
    over = is_breached(State(clock.state), clock.due_at, clock.provisional, moment)
    if clock.breached_at is not None or not over:
        return False
    note_breach(clock)
    return True


def note_breach(clock: Clock) -> None:
    """The term is over: breached at its end, told to the agency and once to the bureau. For clocks that are held."""
    clock.breached_at, clock.escalated_at = clock.due_at, now()
    record(clock, "breached", None, clock.due_at, noticed=now().isoformat() + "Z")
    telling.breached(clock)


def _remind(clock: Clock, moment: datetime.datetime) -> bool:
    if clock.reminded_at is not None or clock.state != State.RUNNING.value:
        return False
    clock.reminded_at = moment
    telling.reminder(clock)
    return True


def recompute(by: str | None, at: datetime.datetime | None = None) -> int:
    """Compute open clocks anew that rest on other notices than those now known; returns how many days moved.

    A move is an event, an entry of the ledger and a notice. A breach that the new day takes back is taken back on record.
    """
    days, moved = calendar(), 0
    rows = sa.select(Clock).where(Clock.state.in_(_OPEN)).order_by(Clock.id)
    newest = {(year, notice.version) for year, notice in days.notices.items()}
    for seen in list(model.Session.scalars(rows)):
        known = {tuple(table) for table in seen.tables}
        years = range(day_in_shanghai(seen.received_at).year, seen.due_day.year + 2)
        if known == {table for table in newest if table[0] in years}:
            continue
        clock = held_by_id(seen.id)
        if clock is not None and _recompute(clock, by, at or now()):
            moved += 1
    return moved


def _recompute(clock: Clock, by: str | None, at: datetime.datetime) -> bool:
    days = calendar()
    before, provisional = clock.due_day, clock.provisional
    set_due(clock, days, at)
    if (before, provisional) == (clock.due_day, clock.provisional):
        return False
    if clock.breached_at is not None and clock.due_at > at:
        clock.breached_at, clock.escalated_at = None, None
        record(clock, "breach_lifted", by, before=before.isoformat())
    record(clock, "moved", by, before=before.isoformat(), was_provisional=provisional, cause="days")
    if before != clock.due_day:
        clock.reminded_at = None
    telling.moved(clock, before, "days")
    return True
