"""Open lists and negative lists as CSV, Excel and JSON, written while they are read; no list is held in memory whole."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook

Row = Mapping[str, Any]

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
}
_CHUNK = 64 * 1024
# A cell that begins so is run as a formula by spreadsheet programs.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What a worksheet cannot hold: control characters except tab and line ends.
_CONTROL = dict.fromkeys(code for code in range(32) if code not in (9, 10, 13))
_LONGEST_CELL = 32767


def safe_cell(value: Any) -> str:
    """The value as a cell that no spreadsheet program runs as a formula."""
    text = str(value if value is not None else "").translate(_CONTROL)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def as_csv(columns: Mapping[str, str], rows: Iterable[Row]) -> Iterator[bytes]:
    """CSV with a byte order mark, by which Excel knows UTF-8; `columns` are key to heading."""
    yield "\ufeff".encode()
    yield _csv_line(columns.values())
    for row in rows:
        yield _csv_line(row.get(key) for key in columns)


def _csv_line(values: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(value) for value in values])
    return line.getvalue().encode()


def as_json(head: Mapping[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """One JSON object: the head's members, then `entries`, an array of the rows."""
    yield (json.dumps(dict(head), ensure_ascii=False)[:-1] + ', "entries": [').encode()
    for number, row in enumerate(rows):
        yield ((",\n" if number else "\n") + json.dumps(dict(row), ensure_ascii=False)).encode()
    yield b"\n]}\n"


def as_xlsx(columns: Mapping[str, str], rows: Iterable[Row]) -> Iterator[bytes]:
    """A workbook of one sheet, written row by row to a temporary file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    sheet.append([safe_cell(heading) for heading in columns.values()])
    for row in rows:
        sheet.append([safe_cell(row.get(key))[:_LONGEST_CELL] for key in columns])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
