"""The calendar of working days: the years that come with the portal and those imported."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model

from ..rules.day_files import seeded
from ..rules.working_days import Calendar, YearNotice
from .model import DayNotice


def calendar() -> Calendar:
    """All years that are known now, in the newest version of each."""
    return Calendar.of([*seeded(), *_imported()])


def _imported() -> list[YearNotice]:
    return [_notice(row) for row in model.Session.scalars(sa.select(DayNotice))]


def _notice(row: DayNotice) -> YearNotice:
    return YearNotice(row.year, row.version, row.source, _read(row.off), _read(row.work), row.issued)


def _read(days: Any) -> dict[date, str]:
    return {date.fromisoformat(day): str(holiday) for day, holiday in days.items()}
