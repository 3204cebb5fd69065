"""A file as a table: headings made usable, types that lose nothing, values ready for the database (pure)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# PostgreSQL cuts identifiers at 63 bytes, silently; a Chinese character takes three.
_NAME_BYTES = 63
# A zero with a minus would lose it.
_INTEGER = re.compile(r"(?!-0)-?(0|[1-9]\d{0,14})")
_NUMBER = re.compile(r"(?!-0(\.0*)?$)-?(0|[1-9]\d{0,14})(\.\d+)?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?")
# Headings of codes: their digits are names, not quantities, even where no zero leads.
_CODE_HEADING = re.compile(
    r"代码|编码|编号|证号|号码|电话|邮编|身份证|账号|户号|文号|标识码|手机|传真|(^|_)(code|phone|zip)$", re.I
)
_SMALL = 2**31


class TableError(ValueError):
    """The file is no table that can be loaded; `code` names why, `facts` fills the message's places."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


@dataclass(frozen=True)
class Column:
    """A column as the database has it: its name (the file's heading, made unique) and PostgreSQL type."""

    name: str
    type: str


@dataclass(frozen=True)
class Sheet:
    """A file's table as text: headings and rows of equal length; None is an empty cell."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def sheet_of(lines: Iterable[Sequence[str | None]], max_rows: int) -> Sheet:
    """The first line that is not empty as headings, the rest as rows; empty lines and empty columns at the end go.

    Raises TableError: `empty`, or `too_many_rows` with the limit.
    """
    rows = [tuple(_cell(value) for value in line) for line in lines]
    filled = [row for row in rows if any(value is not None for value in row)]
    if not filled:
        raise TableError("empty")
    if len(filled) - 1 > max_rows:
        raise TableError("too_many_rows", rows=len(filled) - 1, limit=max_rows)
    width = max(_width(row) for row in filled)
    heading, *body = ((*row, *([None] * width))[:width] for row in filled)
    return Sheet(unique_headings(heading), tuple(body))


def _cell(value: str | None) -> str | None:
    """The cell's text; NUL cannot be stored by PostgreSQL."""
    text = (value or "").replace("\x00", "").strip()
    return text or None


def _width(row: Sequence[str | None]) -> int:
    return max((number for number, value in enumerate(row, start=1) if value is not None), default=0)


def unique_headings(headings: Sequence[str | None]) -> tuple[str, ...]:
    """Column names out of headings: Chinese kept, never empty, never twice, at most 63 bytes, as the DataStore allows."""
    names: list[str] = []
    taken: set[str] = {"_id", "_full_text"}
    for number, heading in enumerate(headings, start=1):
        plain = "".join(letter for letter in " ".join((heading or "").split()) if letter.isprintable())
        base = plain.replace('"', "'").lstrip("_ ") or f"列{number}"
        names.append(_free_name(base, taken))
        taken.add(names[-1].lower())
    return tuple(names)


def _free_name(base: str, taken: set[str]) -> str:
    name, again = _cut(base, _NAME_BYTES), 1
    while name.lower() in taken:
        again += 1
        suffix = f"_{again}"
        name = _cut(base, _NAME_BYTES - len(suffix)) + suffix
    return name


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").strip()


def columns_of(sheet: Sheet) -> tuple[Column, ...]:
    """Name and type of each column."""
    return tuple(
        Column(name, type_of(name, [row[number] for row in sheet.rows])) for number, name in enumerate(sheet.headings)
    )


def type_of(heading: str, values: Sequence[str | None]) -> str:
    """The narrowest type from which each value comes back as it was: int4, int8, numeric, date, timestamp, else text.

    Leading zeros, codes by their heading, and whole numbers of more than 15 digits (identity and card numbers) stay text.
    """
    found = [value for value in values if value is not None]
    if not found or _CODE_HEADING.search(heading):
        return "text"
    if all(_INTEGER.fullmatch(value) for value in found):
        return "int4" if all(abs(int(value)) < _SMALL for value in found) else "int8"
    if all(_NUMBER.fullmatch(value) for value in found):
        return "numeric"
    if all(_is_date(value) for value in found):
        return "date"
    return "timestamp" if all(_is_moment(value) or _is_date(value) for value in found) else "text"


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_moment(value: str) -> bool:
    if not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.datetime.fromisoformat(value.split(".")[0])
    except ValueError:
        return False
    return True
