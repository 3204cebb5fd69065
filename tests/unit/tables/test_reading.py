"""Files of agencies as they come: encodings, delimiters, workbooks, and what is no table at all."""

from __future__ import annotations

import datetime
import io

import pytest
from openpyxl import Workbook

from ckanext.govdata.tables.domain import TableError
from ckanext.govdata.tables.reading import read_table


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_chinese_csv_is_read_in_each_usual_encoding(encoding: str) -> None:
    sheet = read_table("名称,数量\r\n望潮区停车场,12\r\n".encode(encoding), 10)
    assert sheet.headings == ("名称", "数量")
    assert sheet.rows == (("望潮区停车场", "12"),)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found_in_the_first_line(delimiter: str) -> None:
    sheet = read_table(f"甲{delimiter}乙\n1{delimiter}2\n".encode(), 10)
    assert sheet.rows == (("1", "2"),)


def test_a_workbook_is_known_by_its_content_and_its_cells_read_like_csv() -> None:
    day, moment = datetime.date(2026, 11, 22), datetime.datetime(2026, 11, 22, 8, 30)
    sheet = read_table(workbook(["代码", "数", "值", "日", "时", "是否"], ["0102", 12, 1.5, day, moment, True]), 10)
    assert sheet.rows == (("0102", "12", "1.5", "2026-11-22", "2026-11-22 08:30:00", "是"),)


def test_line_breaks_and_quotes_within_cells_are_kept() -> None:
    sheet = read_table('甲,乙\n"一\n二","说""好"""\n'.encode(), 10)
    assert sheet.rows == (("一\n二", '说"好"'),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web_page"),
        (b"PK\x03\x04 this is no workbook", "unreadable_workbook"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(content, 10)
    assert refused.value.code == code
