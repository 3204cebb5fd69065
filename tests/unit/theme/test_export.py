"""Lists as files: what spreadsheet programs must not run, and what each form looks like."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest

from ckanext.govdata_theme.export import as_csv, as_json, as_xlsx, safe_cell

COLUMNS = {"title": "名称", "n": "数"}
ROWS = [{"title": "=1+2", "n": 3}, {"title": "停车,场", "n": None}]


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["停车场", "1+2", "", "a=b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_control_characters_that_no_sheet_can_hold_are_left_out() -> None:
    assert safe_cell("停\x00车\x0b场") == "停车场"


def test_csv_begins_with_a_byte_order_mark_and_quotes_commas() -> None:
    text = b"".join(as_csv(COLUMNS, ROWS))
    assert text.startswith("\ufeff名称,数".encode())
    assert text.decode("utf-8-sig").splitlines()[1:] == ["'=1+2,3", '"停车,场",']


def test_a_workbook_holds_text_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(as_xlsx(COLUMNS, ROWS))))
    cells = list(book["list"].iter_rows())
    assert [cell.value for cell in cells[1]] == ["'=1+2", "3"]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "inlineStr"}


def test_json_is_one_object_with_its_entries_unchanged() -> None:
    read = json.loads(b"".join(as_json({"count": 2}, ROWS)))
    assert read == {"count": 2, "entries": ROWS}


def test_an_empty_list_is_whole_in_each_form() -> None:
    assert json.loads(b"".join(as_json({"count": 0}, []))) == {"count": 0, "entries": []}
    assert b"".join(as_csv(COLUMNS, [])).decode("utf-8-sig") == "名称,数\r\n"
