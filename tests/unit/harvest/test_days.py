"""When what changed is told, and when a source is asked."""

from __future__ import annotations

import datetime

import pytest

from ckanext.govdata_harvest.jobs.domain import announcement_due, is_overdue, is_quiet, next_due


def test_the_week_is_announced_on_mondays_from_eight_in_shanghai() -> None:
    assert announcement_due(datetime.datetime(2026, 11, 23, 0, 0)) == "2026-11-23"
    assert announcement_due(datetime.datetime(2026, 11, 22, 23, 59)) is None
    assert announcement_due(datetime.datetime(2026, 11, 24, 2, 0)) is None


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [(8, 18, range(8, 18)), (22, 6, (22, 23, *range(6))), (None, 6, ()), (6, None, ()), (7, 7, ()), (0, 23, range(23))],
)
def test_a_source_is_never_due_in_its_quiet_hours(start: int | None, end: int | None, quiet: object) -> None:
    for hour in range(24):
        moment = datetime.datetime(2026, 11, 23) + datetime.timedelta(hours=hour - 8)
        assert is_quiet(moment, start, end) is (hour in quiet), hour  # pyright: ignore[reportOperatorIssue]
        for chance in (0.0, 0.5, 1.0):
            due = next_due(moment, 24, chance, (start, end))
            assert due is not None and not is_quiet(due, start, end)
            assert 24 * 0.9 <= (due - moment) / datetime.timedelta(hours=1) <= 24 * 1.1 + 24


def test_jitter_keeps_sources_of_one_interval_apart_and_overdue_is_half_an_interval_late() -> None:
    moment = datetime.datetime(2026, 11, 23)
    dues = {next_due(moment, 24, chance / 10, (None, None)) for chance in range(11)}
    assert len(dues) == 11
    assert next_due(moment, 0, 0.5, (None, None)) is None
    assert not is_overdue(moment, 24, moment + datetime.timedelta(hours=12))
    assert is_overdue(moment, 24, moment + datetime.timedelta(hours=13))
