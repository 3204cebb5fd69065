"""Reading the bytes of a file as lines of cells (pure): by content, never by suffix alone."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator, Sequence
from typing import Any

import charset_normalizer
from python_calamine import CalamineError, CalamineWorkbook

from .domain import Sheet, TableError, sheet_of

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_DELIMITERS = ",\t;|"
_LONGEST_FIELD = 1 << 20


def read_table(content: bytes, max_rows: int) -> Sheet:
    """The table in a CSV file or in the first filled sheet of a workbook.

    Raises TableError: `empty`, `too_many_rows`, `unreadable_workbook`, `unreadable_text`, `web_page`.
    """
    if content.startswith(_CONTAINERS):
        return sheet_of(_workbook_lines(content), max_rows)
    text = decode(content)
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html")):
        raise TableError("web_page")
    return sheet_of(_csv_lines(text), max_rows)


def decode(content: bytes) -> str:
    """The text of the bytes: by mark, as strict UTF-8, as GB18030 (the usual one in China), or by guessing."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = charset_normalizer.from_bytes(content).best()
    if best is None:
        raise TableError("unreadable_text")
    return str(best)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableError("unreadable_text") from error


def _csv_lines(text: str) -> Iterator[Sequence[str]]:
    """The lines by the delimiter that the first line has most of."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise TableError("unreadable_text") from error


def _workbook_lines(content: bytes) -> list[list[str | None]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
        return next(([[_text(value) for value in row] for row in rows] for rows in sheets if rows), [])
    except (CalamineError, OSError) as error:
        raise TableError("unreadable_workbook") from error


def _text(value: Any) -> str | None:
    """A cell as a CSV file would have it: whole numbers without a point, days without midnight."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)
