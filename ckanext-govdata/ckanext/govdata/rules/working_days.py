"""Working days as the State Council's yearly notices make them, and the last day of a term of so many of them. Pure.

Guarantee: the day of receipt is not counted; the last day runs to 24:00 in Shanghai. A term that ends in a year without a
notice is provisional, and its day is not later than a notice like those so far will make it (see ASSUMED_WEEKEND_DAYS).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum

from .domain import SHANGHAI

# Days off by the regulation on public holidays itself, whatever a year's notice adds around them.
FIXED_DAYS_OFF = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})
# A notice turns weekends into working days to pay for the days off around them. In 2004-2026 no term of 30 days or less was
# shortened by more than three of them; so in a year without notice the first three weekend days are taken for working days.
ASSUMED_WEEKEND_DAYS = 3
HOLIDAYS = (
    "new_year", "spring_festival", "qingming", "labour_day", "dragon_boat", "mid_autumn", "national_day", "victory_day",
    "other",
)  # fmt: skip
_SATURDAY = 5


class DayKind(str, Enum):
    """Why a day is counted or skipped. `assumed` is a weekend day that a notice still to come may turn into a working day."""

    RECEIPT = "receipt"
    WORKDAY = "workday"
    MADE_UP = "made_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    ASSUMED = "assumed"
    SUSPENDED = "suspended"

    @property
    def counted(self) -> bool:
        return self in _COUNTED


_COUNTED = frozenset({DayKind.WORKDAY, DayKind.MADE_UP, DayKind.ASSUMED})


@dataclass(frozen=True)
class YearNotice:
    """The days off and the weekends worked of one year, each with its holiday (see HOLIDAYS), with version and source.

    Days of the December before may stand in it: notices for New Year's Day have named some.
    """

    year: int
    version: int
    source: str
    off: Mapping[date, str]
    work: Mapping[date, str]
    issued: date | None = None


@dataclass(frozen=True)
class Step:
    """One day on the way from receipt to the last day. `number` is its count where it is counted."""

    day: date
    kind: DayKind
    holiday: str | None = None
    number: int | None = None
    provisional: bool = False


@dataclass(frozen=True)
class Due:
    """The last day of a term, the way there, and the notices (year, version) that it rests on."""

    day: date
    provisional: bool
    steps: tuple[Step, ...] = field(repr=False)
    tables: tuple[tuple[int, int], ...] = ()

    @property
    def ends_at(self) -> datetime:
        """The moment at which the last day is over, in UTC."""
        return day_ends(self.day)


@dataclass(frozen=True)
class Calendar:
    """The notices that are known, the newest version of each year."""

    notices: Mapping[int, YearNotice]

    @classmethod
    def of(cls, notices: Iterable[YearNotice]) -> Calendar:
        newest: dict[int, YearNotice] = {}
        for notice in notices:
            held = newest.get(notice.year)
            if held is None or notice.version >= held.version:
                newest[notice.year] = notice
        return cls(newest)

    def known(self, day: date) -> bool:
        """Whether a notice for the day's year is there."""
        return day.year in self.notices

    def kind(self, day: date) -> tuple[DayKind, str | None]:
        """What the day is, and the holiday behind it; in a year without notice from weekday and regulation alone."""
        for year in (day.year + 1, day.year) if day.month == 12 else (day.year,):
            notice = self.notices.get(year)
            if notice and day in notice.work:
                return DayKind.MADE_UP, notice.work[day]
            if notice and day in notice.off:
                return DayKind.HOLIDAY, notice.off[day]
        if not self.known(day) and (day.month, day.day) in FIXED_DAYS_OFF:
            return DayKind.HOLIDAY, {1: "new_year", 5: "labour_day", 10: "national_day"}[day.month]
        return (DayKind.WEEKEND if day.weekday() >= _SATURDAY else DayKind.WORKDAY), None

    def due(self, received: date, working_days: int, suspended: Collection[date] = ()) -> Due:
        """The last day of a term of so many working days (at least one) after the day of receipt."""
        steps = [Step(received, DayKind.RECEIPT)]
        day, counted, assumed = received, 0, 0
        while counted < max(1, working_days):
            day += timedelta(days=1)
            kind, holiday = self.kind(day)
            if kind is DayKind.WEEKEND and not self.known(day) and assumed < ASSUMED_WEEKEND_DAYS:
                kind, assumed = DayKind.ASSUMED, assumed + 1
            if day in suspended and kind.counted:
                kind = DayKind.SUSPENDED
            counted += kind.counted
            steps.append(Step(day, kind, holiday, counted if kind.counted else None, not self.known(day)))
        return Due(day, not self.known(day), tuple(steps), self._tables(received, day))

    def _tables(self, first: date, last: date) -> tuple[tuple[int, int], ...]:
        years = range(first.year, last.year + 2)
        return tuple((year, self.notices[year].version) for year in years if year in self.notices)


def day_in_shanghai(moment: datetime) -> date:
    """The calendar day in Shanghai of a moment; one without a zone is UTC, as tables keep them."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return aware.astimezone(SHANGHAI).date()


def day_ends(day: date) -> datetime:
    """24:00 in Shanghai of a day, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    return midnight.astimezone(timezone.utc)
