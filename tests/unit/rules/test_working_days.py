"""Due dates against two independent opinions: day tables typed from the State Council's notices, and a second library."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from functools import cache

import chinese_calendar
import holidays
import pytest

from ckanext.govdata.rules.day_files import SEED, seeded
from ckanext.govdata.rules.working_days import Calendar, DayKind, Due, YearNotice, day_in_shanghai
from tests import day_seed

CALENDAR = Calendar.of(seeded())
MOST = 30

# 国办发明电〔2023〕7号, 〔2024〕12号, 〔2025〕7号: days off as first and last day, and weekends worked.
OFF = [
    ("2024-01-01", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"), ("2024-06-10", "2024-06-10"), ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]  # fmt: skip
WORKED = [
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
]  # fmt: skip


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def typed_working_days() -> list[date]:
    """From November 2023, which has no special days, to the end of 2026."""
    off = {day for first, last in OFF for day in days(date.fromisoformat(first), date.fromisoformat(last))}
    worked = {date.fromisoformat(day) for day in WORKED}
    span = days(date(2023, 11, 1), date(2026, 12, 31))
    return [day for day in span if day in worked or (day.isoweekday() < 6 and day not in off)]


def last_days(due: Due) -> list[date]:
    """The last days of terms of 1, 2, 3, ... working days, off the way to the longest."""
    return [step.day for step in due.steps if step.kind.counted]


@pytest.mark.requirement("LYG-19", "YZ-22", "YZ-25", "YZ-12", "DCF-16", "ZB-10")
def test_every_due_day_of_2024_to_2026_is_the_one_typed_from_the_notices() -> None:
    working, compared = typed_working_days(), 0
    for received in days(date(2023, 11, 1), date(2026, 12, 30)):
        at = bisect_right(working, received)
        expected = working[at : at + MOST]
        found = last_days(CALENDAR.due(received, MOST))[: len(expected)]
        assert found == expected, received
        compared += sum(day.year >= 2024 for day in expected)
    assert compared > 32_000


def test_a_term_of_each_length_ends_where_the_longest_way_passes_it() -> None:
    for received in days(date(2026, 1, 20), date(2026, 3, 5)):
        way = last_days(CALENDAR.due(received, MOST))
        assert [CALENDAR.due(received, number).day for number in range(1, MOST + 1)] == way


# Days on which the seed's package says otherwise than the second library, each looked up in the notice and put right.
NAMED = {"2005-12-31": "国办发明电〔2005〕36号: a Saturday worked in lieu of 3 January 2006"}


@cache
def second_opinion() -> Callable[[date], bool]:
    china = holidays.country_holidays("CN", years=range(2003, 2025))
    return china.is_working_day


def test_every_difference_of_the_seeds_package_from_a_second_library_in_2004_to_2023_is_named_and_put_right() -> None:
    works = second_opinion()
    span = list(days(date(2004, 1, 1), date(2023, 12, 31)))
    assert {str(day) for day in span if works(day) != chinese_calendar.is_workday(day)} == set(NAMED)
    assert set(NAMED) == {str(day) for day in day_seed.CORRECTIONS}
    assert [day for day in span if works(day) != CALENDAR.kind(day)[0].counted] == []


@pytest.mark.requirement("LYG-19")
def test_every_due_day_of_2004_to_2023_is_the_second_librarys() -> None:
    works = second_opinion()
    span = list(days(date(2004, 1, 1), date(2024, 2, 29)))
    working = [day for day in span if works(day)]
    for received in days(date(2004, 1, 1), date(2023, 12, 31)):
        at = bisect_right(working, received)
        assert last_days(CALENDAR.due(received, MOST)) == working[at : at + MOST], received


def test_the_days_that_come_with_the_portal_are_those_generated_from_the_seed() -> None:
    assert SEED.read_text(encoding="utf-8") == day_seed.text()


def test_without_a_notice_no_term_of_2004_to_2026_would_have_been_announced_too_late() -> None:
    """What a provisional day rests on: had each year had no notice, no term would have come out later than it was."""
    none = Calendar({})
    for received in days(date(2004, 1, 1), date(2026, 8, 15)):
        announced, true = last_days(none.due(received, MOST)), last_days(CALENDAR.due(received, MOST))
        assert all(early <= late for early, late in zip(announced, true, strict=True)), received


def test_a_day_in_a_year_without_notice_is_provisional_and_one_before_it_is_not() -> None:
    assert not CALENDAR.due(date(2026, 12, 1), 10).provisional
    found = CALENDAR.due(date(2026, 12, 28), 5)
    assert found.provisional
    assert [step.kind for step in found.steps if step.day == date(2027, 1, 1)] == [DayKind.HOLIDAY]
    assert DayKind.ASSUMED in {step.kind for step in found.steps}


def test_december_may_be_changed_by_the_next_years_notice() -> None:
    """As in 2018, when the notice for 2019 made 29 December a working day and 31 December a day off."""
    notice = YearNotice(2027, 1, "made up", {date(2026, 12, 31): "new_year"}, {date(2026, 12, 26): "new_year"})
    changed = Calendar.of([*seeded(), notice])
    assert changed.kind(date(2026, 12, 26))[0] is DayKind.MADE_UP
    assert changed.kind(date(2026, 12, 31))[0] is DayKind.HOLIDAY
    assert CALENDAR.kind(date(2026, 12, 31))[0] is DayKind.WORKDAY


def test_the_last_day_ends_at_midnight_in_shanghai_wherever_the_server_stands() -> None:
    due = CALENDAR.due(date(2026, 11, 23), 10)
    assert due.day == date(2026, 12, 7)
    assert due.ends_at == datetime(2026, 12, 7, 16, tzinfo=timezone.utc)
    assert day_in_shanghai(datetime(2026, 11, 22, 16, 0)) == date(2026, 11, 23)
    assert day_in_shanghai(datetime(2026, 11, 22, 15, 59, 59)) == date(2026, 11, 22)


def test_a_rest_skips_each_day_that_it_touches_and_the_way_says_so() -> None:
    resting = [date(2026, 11, 25), date(2026, 11, 26)]
    due = CALENDAR.due(date(2026, 11, 23), 5, resting)
    assert due.day == date(2026, 12, 2)
    assert [step.day for step in due.steps if step.kind is DayKind.SUSPENDED] == resting


def test_the_way_lists_every_day_between_receipt_and_end_once() -> None:
    due = CALENDAR.due(date(2026, 9, 22), 10)
    assert [step.day for step in due.steps] == list(days(date(2026, 9, 22), due.day))
    assert due.tables == ((2026, 1),)
