"""Duties, warnings, terms of an agreement."""

from __future__ import annotations

import datetime

import pytest

from ckanext.govdata.agreements.life import domain
from ckanext.govdata.agreements.texts.vocabulary import read_conditions

D = datetime.date


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (D(2026, 1, 31), 1, D(2026, 2, 28)),
        (D(2028, 1, 31), 1, D(2028, 2, 29)),
        (D(2026, 3, 31), 1, D(2026, 4, 30)),
        (D(2026, 12, 15), 1, D(2027, 1, 15)),
        (D(2026, 2, 28), 36, D(2029, 2, 28)),
    ],
)
def test_months_later_is_the_same_day_or_the_month_s_last(day: D, months: int, then: D) -> None:
    assert domain.months_after(day, months) == then


@pytest.mark.requirement("LYG-24")
def test_reports_are_due_at_their_rhythm_and_at_the_end_and_data_is_destroyed_after_it() -> None:
    conditions = read_conditions(["report_use:6", "destroy_at_end:30", "no_third_party"])
    found = domain.duties(conditions, D(2026, 1, 10), D(2027, 3, 9))
    assert [(one.duty.value, one.due) for one in found] == [
        ("report_use", D(2026, 7, 10)),
        ("report_use", D(2027, 1, 10)),
        ("report_use", D(2027, 3, 9)),
        ("destroy", D(2027, 4, 8)),
    ]


def test_a_short_term_has_one_report() -> None:
    found = domain.duties(read_conditions(["report_use:6"]), D(2026, 1, 10), D(2026, 2, 9))
    assert [one.due for one in found] == [D(2026, 2, 9)]


@pytest.mark.parametrize(("left", "due"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)])
def test_the_end_is_warned_of_30_7_and_1_days_ahead(left: int, due: int | None) -> None:
    last = D(2026, 6, 30)
    assert domain.warning_due(last - datetime.timedelta(days=left), last) == due


@pytest.mark.parametrize(("left", "due"), [(8, None), (7, 7), (2, 7), (1, 1), (0, 1), (-1, 0)])
def test_duties_are_reminded_of_and_once_more_when_overdue(left: int, due: int | None) -> None:
    day = D(2026, 6, 30)
    assert domain.reminder_due(day - datetime.timedelta(days=left), day) == due
