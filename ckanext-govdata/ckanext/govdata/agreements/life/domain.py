"""Terms, duties and warnings of an agreement. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ...rules.domain import SHANGHAI
from ..texts.vocabulary import Condition


class Breach(str, Enum):
    """Kinds of breach (LYG-40)."""

    HARM_TO_OTHERS = "harm_to_others"
    AGREEMENT_DUTIES = "agreement_duties"
    UNLAWFUL_GAIN = "unlawful_gain"
    ATTACK = "attack"
    SECURITY_DUTIES = "security_duties"


class Duty(str, Enum):
    """What the user owes at a date."""

    REPORT_USE = "report_use"
    DESTROY = "destroy"


# Days before the end of a term at which its end is told.
WARNINGS = (30, 7, 1)
# Days before a duty's date at which it is told; 0 is the day itself.
REMINDERS = (7, 1)


@dataclass(frozen=True)
class Owed:
    """A duty with its date, of the calendar in Shanghai."""

    duty: Duty
    due: datetime.date


def duties(conditions: Iterable[Condition], first: datetime.date, last: datetime.date) -> list[Owed]:
    """What the conditions oblige to, by date: reports on use at the rhythm agreed, destruction after the end (LYG-24)."""
    found: list[Owed] = []
    for condition in conditions:
        if condition.code == "report_use":
            found += [Owed(Duty.REPORT_USE, due) for due in _rhythm(first, last, int(condition.value))]
        elif condition.code == "destroy_at_end":
            found.append(Owed(Duty.DESTROY, last + datetime.timedelta(days=int(condition.value))))
    return sorted(found, key=lambda one: (one.due, one.duty.value))


def _rhythm(first: datetime.date, last: datetime.date, months: int) -> list[datetime.date]:
    """Every so many months, and at the end of the term at the latest: a short term has one report."""
    found: list[datetime.date] = []
    number = 1
    while (due := months_after(first, months * number)) < last:
        found.append(due)
        number += 1
    return [*found, last]


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later, or the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def midnight(day: datetime.date) -> datetime.datetime:
    """0:00 of a day in Shanghai, in UTC without a zone: a term to a day ends there, at 24:00 of the day before."""
    local = datetime.datetime.combine(day, datetime.time(), SHANGHAI)
    return local.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def warning_due(today: datetime.date, last: datetime.date) -> int | None:
    """Which warning of the end is due: the smallest number of days that has been reached; None while it is far or over."""
    left = (last - today).days
    reached = [days for days in WARNINGS if 0 <= left <= days]
    return min(reached) if reached else None


def reminder_due(today: datetime.date, due: datetime.date) -> int | None:
    """Which reminder of a duty is due; 0 once it is overdue."""
    left = (due - today).days
    if left < 0:
        return 0
    reached = [days for days in REMINDERS if left <= days]
    return min(reached) if reached else None
