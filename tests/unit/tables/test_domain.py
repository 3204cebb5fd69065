"""Headings, types and rows of files on their way into the DataStore."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.govdata.tables.domain import TableError, sheet_of, type_of, unique_headings


@pytest.mark.parametrize(
    ("heading", "values", "expected"),
    [
        ("泊位总数", ["12", "0", "-3"], "int4"),
        ("人数", ["12", None, "3000000000"], "int8"),
        ("浓度", ["1.50", "2", "-0.25"], "numeric"),
        ("日期", ["2026-01-31", "2024-02-29"], "date"),
        ("日期", ["2026-02-30"], "text"),
        ("时间", ["2026-01-31 08:00:00", "2026-01-31T09:30"], "timestamp"),
        ("时间", ["2026-01-31 08:00:00", "2026-02-01"], "timestamp"),
        ("时间", ["2026-01-31 25:00:00"], "text"),
        ("楼栋", ["01", "2"], "text"),
        ("邮编", ["100000"], "text"),
        ("行政区划代码", ["990102"], "text"),
        ("联系电话", ["88001234"], "text"),
        ("证件", ["110101199003071234"], "text"),
        ("卡", ["6222020200112233445"], "text"),
        ("area_code", ["12"], "text"),
        ("decoder", ["12"], "int4"),
        ("金额", ["1,234"], "text"),
        ("金额", ["1e5"], "text"),
        ("差", ["-0"], "text"),
        ("差", ["-0.0", "1.5"], "text"),
        ("差", ["-0.05"], "numeric"),
        ("空", [None, None], "text"),
        ("混", ["1", "一"], "text"),
        ("全角", ["１２"], "text"),
    ],
)
def test_a_column_gets_the_narrowest_type_that_loses_nothing(
    heading: str, values: list[str | None], expected: str
) -> None:
    assert type_of(heading, values) == expected


def test_headings_become_names_that_the_database_can_hold() -> None:
    long = "这个数据项的名称实在是太长了以至于数据库不能够完整地保存下来" * 2
    names = unique_headings(["名称", None, "名称", " _id", 'a"b', "名称_2", long, long, "多行\n标题"])
    assert names[:6] == ("名称", "列2", "名称_2", "id", "a'b", "名称_2_2")
    assert names[8] == "多行 标题"
    assert all(len(name.encode()) <= 63 for name in names)
    assert len({name.lower() for name in names}) == len(names)


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), min_size=1, max_size=12))
def test_names_are_always_unique_short_and_allowed(headings: list[str | None]) -> None:
    names = unique_headings(headings)
    assert len({name.lower() for name in names}) == len(headings)
    for name in names:
        assert name and name == name.strip() and not name.startswith("_") and '"' not in name
        assert 0 < len(name.encode()) <= 63


def test_empty_lines_and_trailing_columns_go_and_short_rows_are_filled() -> None:
    sheet = sheet_of([["", ""], ["甲", "乙", ""], ["1"], [], ["2", " 3 ", ""]], max_rows=10)
    assert sheet.headings == ("甲", "乙")
    assert sheet.rows == (("1", None), ("2", "3"))


def test_a_file_with_more_rows_than_allowed_is_refused_with_the_numbers() -> None:
    with pytest.raises(TableError) as refused:
        sheet_of([["甲"], ["1"], ["2"], ["3"]], max_rows=2)
    assert (refused.value.code, refused.value.facts) == ("too_many_rows", {"rows": 3, "limit": 2})


def test_an_empty_file_is_no_table() -> None:
    with pytest.raises(TableError) as refused:
        sheet_of([[], [""]], max_rows=2)
    assert refused.value.code == "empty"
