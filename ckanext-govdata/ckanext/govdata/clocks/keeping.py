"""What rooms do with clocks: start, meet, end, extend, let rest, hand over. Each joins the caller's transaction.

Guarantee: a topic without rule and without promise starts no clock; nothing here commits; each step is an entry of the ledger.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from .. import config
from ..columns import now
from ..rules.working_days import day_in_shanghai
from . import telling
from .days import calendar
from .domain import Basis, Kind, State, Term, basis, compute, is_breached
from .errors import ClockRefused
from .model import Clock
from .rows import Change, held, listeners, record, set_due
from .sweeping import note_breach
from .views import View, view_of

__all__ = (
    "Change", "due_of_cases", "end", "extend", "foresee", "hand_over", "hold", "meet", "of", "on_change", "opened", "outcomes",
    "pass_on", "resume", "start", "suspend",
)  # fmt: skip


def start(
    case_id: str,
    topic: str,
    received_at: datetime.datetime,
    *,
    by: str | None = None,
    agency_id: str | None = None,
    thing: str = "",
    link: str = "",
    tell: Iterable[str] = (),
) -> View | None:
    """Start the topic's clock on a case; None where neither rule nor promise gives one.

    `received_at` is UTC. `agency_id` is whose duty it is: its officers are reminded. `thing` and `link` name the case in
    notices; `tell` are recipients (see notices.recipients) who hear of moves beside the agency. The same call again changes
    nothing; another moment of receipt while a clock runs raises ClockRefused.
    """
    found = _basis(topic, received_at)
    if found is None:
        return None
    received_at = _naive(received_at)
    for running in held(case_id, topic):
        if running.received_at != received_at:
            raise ClockRefused("started_already")
        return view_of(running)
    row = Clock(case_id=case_id, topic=topic, kind=found.kind.value, number=found.number, agency_id=agency_id)
    row.basis, row.received_at, row.extended_by, row.state = _kept(found), received_at, 0, State.RUNNING.value
    row.thing, row.link, row.tell = thing, link, list(tell)
    days = calendar()
    first = compute(Term(received_at, found.number), days, received_at)
    row.due_day, row.due_at = first.day, first.ends_at.replace(tzinfo=None)
    row.provisional, row.tables = first.provisional, [list(table) for table in first.tables]
    model.Session.add(row)
    record(row, "started", by, received_at, days=found.number, article=found.article)
    return view_of(row)


def foresee(topic: str, received_at: datetime.datetime | None = None) -> View | None:
    """The clock that would start for a receipt at that moment (now unless given), with its way there; nothing is saved."""
    at = _naive(received_at or now())
    found = _basis(topic, at)
    if found is None:
        return None
    due = compute(Term(at, found.number), calendar(), at)
    row = Clock(case_id="", topic=topic, kind=found.kind.value, number=found.number, basis=_kept(found))
    row.received_at, row.due_day, row.provisional = at, due.day, due.provisional
    row.due_at, row.extended_by, row.state = due.ends_at.replace(tzinfo=None), 0, State.RUNNING.value
    return view_of(row, due)


def meet(
    case_id: str, topic: str | None = None, *, by: str | None = None, at: datetime.datetime | None = None
) -> list[View]:
    """What was owed is done: the case's open clocks stop, of one topic or all. One that was late is breached first."""
    return _stop(case_id, topic, State.MET, by, at)


def end(
    case_id: str, topic: str | None = None, *, by: str | None = None, at: datetime.datetime | None = None
) -> list[View]:
    """Nothing is owed any more, as when an application is withdrawn: the case's open clocks end. A breach stays."""
    return _stop(case_id, topic, State.ENDED, by, at)


def _stop(case_id: str, topic: str | None, state: State, by: str | None, at: datetime.datetime | None) -> list[View]:
    moment, stopped = _naive(at or now()), held(case_id, topic)
    for clock in stopped:
        if clock.breached_at is None and is_breached(State(clock.state), clock.due_at, clock.provisional, moment):
            note_breach(clock)
        clock.state, clock.ended_at = state.value, moment
        record(clock, state.value, by, moment, late=clock.breached_at is not None)
    return [view_of(clock) for clock in stopped]


def extend(case_id: str, topic: str, reason: str, *, by: str, approver: str, days: int | None = None) -> View:
    """Extend a clock once, where its rule or promise allows, by its days or fewer. Everybody concerned is told.

    `by` asked for it, `approver` (somebody else) agreed. Raises ClockRefused.
    """
    clock = _one(case_id, topic)
    most = clock.basis.get("extension")
    _check_extension(clock, most, reason, by, approver, days)
    before = clock.due_day
    clock.extended_by, clock.extension_reason = days or int(most), reason.strip()
    set_due(clock, calendar())
    record(clock, "extended", by, approver=approver, reason=reason, before=before.isoformat(), days=clock.extended_by)
    telling.extended(clock)
    return view_of(clock)


def _check_extension(clock: Clock, most: int | None, reason: str, by: str, approver: str, days: int | None) -> None:
    refused = {
        "not_running": clock.state != State.RUNNING.value,
        "no_extension": not most,
        "extended_already": bool(clock.extended_by),
        "too_long": bool(most and days and not 0 < days <= most),
        "over": clock.breached_at is not None or now() >= clock.due_at,
        "same_person": by == approver,
        "no_reason": not reason.strip(),
    }
    for code, holds in refused.items():
        if holds:
            raise ClockRefused(code)


def suspend(case_id: str, topic: str, reason: str, *, by: str, at: datetime.datetime | None = None) -> View:
    """Let a clock rest, only for a reason that its rule or promise names (see topics.SUSPENSIONS). Raises ClockRefused."""
    clock = _one(case_id, topic)
    if reason not in clock.basis.get("suspended_while", ()):
        raise ClockRefused("no_suspension")
    if clock.state != State.RUNNING.value or clock.breached_at is not None:
        raise ClockRefused("not_running")
    clock.state = State.SUSPENDED.value
    record(clock, "suspended", by, _naive(at or now()), reason=reason)
    return view_of(clock)


def resume(case_id: str, topic: str, *, by: str, at: datetime.datetime | None = None) -> View:
    """A clock runs on; the days that the rest touched are not counted. Raises ClockRefused."""
    clock, moment = _one(case_id, topic), _naive(at or now())
    if clock.state != State.SUSPENDED.value:
        raise ClockRefused("not_suspended")
    clock.state, before = State.RUNNING.value, clock.due_day
    record(clock, "resumed", by, moment)
    set_due(clock, calendar(), moment)
    if clock.due_day != before:
        record(clock, "moved", by, moment, before=before.isoformat(), cause="rest")
    return view_of(clock)


def hold(case_id: str, holder: str, *, by: str | None = None, at: datetime.datetime | None = None) -> None:
    """Note who has the case from now on (`agency`, `applicant`, ...): the clocks run on, but a breach shows whose days went."""
    for clock in held(case_id):
        record(clock, "held", by, _naive(at or now()), holder=holder)


def hand_over(agency_id: str, successor_id: str, *, by: str) -> int:
    """An agency's open clocks become its successor's; returns how many."""
    rows = sa.select(Clock).where(Clock.agency_id == agency_id, Clock.ended_at.is_(None)).with_for_update()
    found = list(model.Session.scalars(rows))
    for clock in found:
        clock.agency_id = successor_id
        record(clock, "handed_over", by, predecessor=agency_id, successor=successor_id)
    return len(found)


def pass_on(case_id: str, agency_id: str, *, by: str) -> None:
    """A case's open clocks become another agency's duty, with the days that are left."""
    for clock in held(case_id):
        before, clock.agency_id = clock.agency_id, agency_id
        record(clock, "handed_over", by, predecessor=before, successor=agency_id)


def due_of_cases() -> sa.Subquery:
    """For lists of cases: of each case with an open clock `case_id`, the first `due_at` (UTC) and its `due_day`."""
    running = sa.select(
        Clock.case_id, sa.func.min(Clock.due_at).label("due_at"), sa.func.min(Clock.due_day).label("due_day")
    )
    return running.where(Clock.ended_at.is_(None)).group_by(Clock.case_id).subquery("due")


def outcomes(
    since: datetime.datetime, until: datetime.datetime, agencies: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """For reports: of the terms that began in that time, by topic, how many were kept, are late or were, and run yet."""
    late, ended = Clock.breached_at.is_not(None), Clock.ended_at.is_not(None)
    count = sa.func.count()
    found = sa.select(
        Clock.topic,
        sa.func.min(Clock.kind),
        count,
        count.filter(Clock.state == State.MET.value, sa.not_(late)),
        count.filter(late),
        count.filter(sa.not_(ended), sa.not_(late)),
    ).where(Clock.received_at >= since, Clock.received_at < until)
    if agencies is not None:
        found = found.where(Clock.agency_id.in_(list(agencies)))
    names = ("topic", "kind", "began", "kept", "late", "running")
    return [
        dict(zip(names, row, strict=True))
        for row in model.Session.execute(found.group_by(Clock.topic).order_by(Clock.topic))
    ]


def of(case_id: str) -> list[View]:
    """All clocks of a case, oldest first."""
    rows = sa.select(Clock).where(Clock.case_id == case_id).order_by(Clock.received_at, Clock.id)
    return [view_of(clock) for clock in model.Session.scalars(rows)]


def opened(agency_id: str | None = None, limit: int = 1000) -> list[View]:
    """Open clocks, of one agency or all, by date: overdue ones come first."""
    rows = sa.select(Clock).where(Clock.ended_at.is_(None)).order_by(Clock.due_at, Clock.id).limit(limit)
    if agency_id is not None:
        rows = rows.where(Clock.agency_id == agency_id)
    return [view_of(clock) for clock in model.Session.scalars(rows)]


def on_change(listener: Callable[[Change], None]) -> None:
    """Have a function called at each step of any clock, in its transaction: for rooms that keep a date in a table of theirs."""
    if listener not in listeners:
        listeners.append(listener)


def _basis(topic: str, received_at: datetime.datetime) -> Basis | None:
    day = day_in_shanghai(received_at)
    return basis(topic, config.rule_pack(day), config.promises(), day)


def _one(case_id: str, topic: str) -> Clock:
    found = held(case_id, topic)
    if not found:
        raise ClockRefused("not_running")
    return found[0]


def _kept(found: Basis) -> dict[str, Any]:
    """The rule of the day of receipt, kept with the clock: what changes later does not touch it."""
    plain = {name: getattr(found, name) for name in ("article", "text", "words", "words_en", "extension")}
    return {**plain, "suspended_while": list(found.suspended_while), "statutory": found.kind is Kind.STATUTORY}


def _naive(moment: datetime.datetime) -> datetime.datetime:
    """UTC without a zone, as tables keep it."""
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment
