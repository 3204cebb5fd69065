"""What is marked in a title, and when data is due again."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from ckanext.govdata_theme.freshness import freshness
from ckanext.govdata_theme.marking import pieces, spans


def marked(text: str, query: str) -> list[str]:
    return [piece for piece, is_marked in pieces(text, query) if is_marked]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("城区公共停车场名录", "停车场", ["停车场"]),
        ("城区公共停车场名录", "停车场 名录", ["停车场名录"]),
        ("公共停车泊位", "停车场泊位", ["停车泊位"]),
        ("Public Car Parks", "car", ["Car"]),
        ("ＣＳＶ 表格", "csv", ["ＣＳＶ"]),
        ("公共停车场", "图书馆", []),
        ("公共停车场", "", []),
        ("公共停车场", '"停车场"', ["停车场"]),
        ("a.b", "a.b", ["a.b"]),
        ("axb", "a.b", []),
    ],
)
def test_the_words_of_the_query_are_marked(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_the_pieces_make_up_the_text() -> None:
    assert "".join(piece for piece, _ in pieces("城区公共停车场名录", "停车 公共")) == "城区公共停车场名录"


def test_marks_do_not_overlap() -> None:
    places = spans("停车停车场", "停车 停车场")
    assert all(before[1] < after[0] for before, after in pairwise(places))


@pytest.mark.requirement("LYG-15", "YZ-24")
@pytest.mark.parametrize(
    ("cycle", "due"),
    [
        ("daily", date(2026, 2, 1)),
        ("weekly", date(2026, 2, 7)),
        ("monthly", date(2026, 2, 28)),
        ("quarterly", date(2026, 4, 30)),
        ("semiannual", date(2026, 7, 31)),
        ("annual", date(2027, 1, 31)),
        ("irregular", None),
        ("realtime", None),
        ("", None),
    ],
)
def test_the_next_day_follows_from_the_cycle(cycle: str, due: date | None) -> None:
    assert freshness(date(2026, 1, 31), cycle, date(2026, 1, 31)).due == due


@pytest.mark.requirement("LYG-15")
def test_data_is_late_from_the_day_after_it_was_due() -> None:
    assert not freshness(date(2026, 1, 1), "monthly", date(2026, 2, 1)).overdue
    assert freshness(date(2026, 1, 1), "monthly", date(2026, 2, 2)).overdue


def test_data_of_unknown_age_is_not_called_late() -> None:
    assert not freshness(None, "daily", date(2026, 2, 2)).overdue
