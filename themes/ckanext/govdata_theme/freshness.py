"""When data is due again by its update cycle, and whether it is late (LYG-15, YZ-24). Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

_DAYS = {"daily": 1, "weekly": 7}
_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}


@dataclass(frozen=True)
class Freshness:
    """When the data last changed, when it is due again (None where its cycle names no date), and whether that is past."""

    updated: date | None
    due: date | None
    overdue: bool


def freshness(updated: date | None, cycle: str, today: date) -> Freshness:
    """Freshness of data by the day of its last change and its cycle; late from the day after it was due."""
    due = _due(updated, cycle) if updated else None
    return Freshness(updated, due, due is not None and today > due)


def _due(updated: date, cycle: str) -> date | None:
    if cycle in _DAYS:
        return updated + timedelta(days=_DAYS[cycle])
    if cycle in _MONTHS:
        return _months_later(updated, _MONTHS[cycle])
    return None


def _months_later(day: date, months: int) -> date:
    """The same day that many months on, or the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
