"""What a clock tells: its dates, what they may be called, who had the days, and the way to the last day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ..columns import now
from ..rules.working_days import Due, Step, day_in_shanghai
from .days import calendar
from .domain import OPEN_STATES, State, compute, held_days, is_breached
from .model import Clock
from .rows import events_of, term_of

_MOST_AT_ONCE = 10_000


@dataclass(frozen=True)
class View:
    """A clock as it stands. Moments are UTC without a zone; days are Shanghai's. `kind`: statutory, pack, promise."""

    id: str
    case_id: str
    topic: str
    kind: str
    number: int
    article: str
    text: str
    words: str
    words_en: str
    agency_id: str | None
    received_at: datetime.datetime
    received_day: datetime.date
    due_day: datetime.date
    due_at: datetime.datetime
    provisional: bool
    state: str
    extended_by: int
    extension: int | None
    extension_reason: str | None
    suspended_while: tuple[str, ...]
    breached_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    steps: tuple[Step, ...] = ()

    @property
    def overdue(self) -> bool:
        """Whether the term is over by now, noticed or not; never on a provisional day."""
        if self.breached_at is not None:
            return True
        return is_breached(State(self.state), self.due_at, self.provisional, self.ended_at or now())

    @property
    def open(self) -> bool:
        return State(self.state) in OPEN_STATES

    def as_dict(self) -> dict[str, Any]:
        """For actions: moments and days in ISO form, the steps as a list of days."""
        plain = {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "steps"}
        return {**plain, "overdue": self.overdue, "open": self.open, "steps": [step_as_dict(one) for one in self.steps]}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat() + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def step_as_dict(step: Step) -> dict[str, Any]:
    """A day on the way: `day`, `kind` (see DayKind), `counted`, `number`, `holiday`, `provisional`."""
    return {
        "day": step.day.isoformat(),
        "kind": step.kind.value,
        "counted": step.kind.counted,
        "number": step.number,
        "holiday": step.holiday,
        "provisional": step.provisional,
    }


def view_of(clock: Clock, due: Due | None = None) -> View:
    """A row as a view, with its way to the last day where that was computed."""
    kept = clock.basis
    return View(
        id=clock.id,
        case_id=clock.case_id,
        topic=clock.topic,
        kind=clock.kind,
        number=clock.number,
        article=kept["article"],
        text=kept["text"],
        words=kept["words"],
        words_en=kept["words_en"],
        agency_id=clock.agency_id,
        received_at=clock.received_at,
        received_day=day_in_shanghai(clock.received_at),
        due_day=clock.due_day,
        due_at=clock.due_at,
        provisional=clock.provisional,
        state=clock.state,
        extended_by=clock.extended_by,
        extension=kept["extension"],
        extension_reason=clock.extension_reason,
        suspended_while=tuple(kept["suspended_while"]),
        breached_at=clock.breached_at,
        ended_at=clock.ended_at,
        steps=due.steps if due else (),
    )


def due(case_id: str, topic: str | None = None) -> View | None:
    """The case's open clock that ends first, or the one of a topic; the last that stopped where none is open."""
    rows = sa.select(Clock).where(Clock.case_id == case_id)
    if topic is not None:
        rows = rows.where(Clock.topic == topic)
    first = rows.order_by(Clock.ended_at.desc().nulls_first(), Clock.due_at, Clock.id).limit(1)
    clock = model.Session.scalars(first).first()
    return view_of(clock) if clock else None


def due_of(case_ids: Iterable[str]) -> dict[str, View]:
    """For many cases at once (10,000 at most): the open clock of each that ends first."""
    ids = list(case_ids)[:_MOST_AT_ONCE]
    rows = sa.select(Clock).where(Clock.case_id.in_(ids), Clock.ended_at.is_(None))
    found: dict[str, View] = {}
    for clock in model.Session.scalars(rows.order_by(Clock.due_at, Clock.id)):
        found.setdefault(clock.case_id, view_of(clock))
    return found


def first_due() -> sa.Subquery:
    """The moment at which each case's first open clock ends (`case_id`, `due_at`), to order a room's own list by."""
    rows = sa.select(Clock.case_id, sa.func.min(Clock.due_at).label("due_at")).where(Clock.ended_at.is_(None))
    return rows.group_by(Clock.case_id).subquery()


def late_cases() -> sa.Select[tuple[str]]:
    """The cases with an open clock that is over by now; a provisional day is never over."""
    over = sa.or_(Clock.breached_at.is_not(None), sa.and_(Clock.due_at <= now(), sa.not_(Clock.provisional)))
    return sa.select(Clock.case_id).where(Clock.ended_at.is_(None), over)


def explained(view: View | None) -> dict[str, Any] | None:
    """A clock for whoever sees its case: why it ends that day, and with whom the counted days passed; names no officer."""
    found = why(view.case_id, view.topic) if view else None
    return {name: value for name, value in found.items() if name != "events"} if found else None


def why(case_id: str, topic: str | None = None) -> dict[str, Any] | None:
    """Why this date: the clock as a dictionary with `steps` (each day counted or skipped), `events`, and `held_days`.

    `held_days` says how many counted days passed with whom, up to today or the end, where the room has noted it (`hold`).
    """
    first = due(case_id, topic)
    clock = model.Session.get(Clock, first.id) if first else None
    if first is None or clock is None:
        return None
    found = compute(term_of(clock), calendar(), clock.ended_at or now())
    events = events_of(clock.id)
    holders = [(event.at, str(event.facts["holder"])) for event in events if event.kind == "held"]
    until = min(day_in_shanghai(clock.ended_at or now()), found.day)
    return {
        **view_of(clock, found).as_dict(),
        "events": [{"kind": event.kind, "at": event.at.isoformat() + "Z", "facts": event.facts} for event in events],
        "held_days": held_days(found.steps, holders, until),
    }
