"""Files whose rows can be put into another order without touching one character of them. Pure.

Read and written are text with a delimiter (CSV, TSV), JSON lists of records and JSON Lines. A workbook is not: the same
values give other bytes each time it is written, and a repeat of a delivery has to be identical.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",\t;|"
_BLANK = re.compile(r"[ \t\r\n]*")
_LONGEST_FIELD = 1 << 20


class NotRewritable(ValueError):
    """The file is none whose rows can be put into another order for sure; the words say why."""


@dataclass(frozen=True)
class Table:
    """A file as rows. `raw` are the records' own texts of a JSON file; a text with a delimiter is written from its cells."""

    kind: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    encoding: str
    delimiter: str = ","
    line_end: str = "\r\n"
    raw: tuple[str, ...] = ()
    # Of a read file: whether the first cell that has text is quoted without need; None where that says nothing.
    quoted: tuple[bool | None, ...] = ()


def read_table(content: bytes) -> Table:
    """Read a file as a table; the kind is told by content. Raises NotRewritable."""
    if content.startswith(b"PK\x03\x04"):
        raise NotRewritable("a workbook is never written twice with the same bytes")
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotRewritable("the text is in no known encoding") from error
    start = text.lstrip()[:1]
    if start == "[":
        return _read_records(text, encoding)
    return _read_record_lines(text, encoding) if start == "{" else _read_lines(text, encoding)


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _read_lines(text: str, encoding: str) -> Table:
    csv.field_size_limit(_LONGEST_FIELD)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    line_end = "\r\n" if first.endswith("\r") else "\n"
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error as error:
        raise NotRewritable(f"the text cannot be read as a table: {error}") from error
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        raise NotRewritable("the rows have not all as many cells as the heading")
    heading, *body = rows
    kind = "tsv" if delimiter == "\t" else "csv"
    flags = _flags_of_lines(text, body, delimiter)
    return Table(kind, heading, tuple(body), encoding, delimiter, line_end, quoted=flags)


def _flags_of_lines(text: str, body: Sequence[Sequence[str]], delimiter: str) -> tuple[bool | None, ...]:
    """Of each row whether its marked cell is quoted; nothing where a cell has a line end, for then lines are not rows."""
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line][1:]
    if len(lines) != len(body):
        return ()
    return tuple(_flag(line, row, delimiter) for line, row in zip(lines, body, strict=True))


def _flag(line: str, row: Sequence[str], delimiter: str) -> bool | None:
    place = marked_place(row)
    if place is None or needs_quotes(row[place], delimiter):
        return None
    return line[_start_of_cell(row, place, delimiter) :].startswith('"')


def _start_of_cell(row: Sequence[str], place: int, delimiter: str) -> int:
    """Cells before the marked one are empty, so that each is but its delimiter."""
    return place * len(delimiter)


def marked_place(row: Sequence[str]) -> int | None:
    """The cell whose quotes carry the mark: the first that has text."""
    return next((place for place, cell in enumerate(row) if cell), None)


def needs_quotes(cell: str, delimiter: str) -> bool:
    return any(letter in cell for letter in (delimiter, '"', "\r", "\n"))


def _read_records(text: str, encoding: str) -> Table:
    decoder = json.JSONDecoder(parse_float=str, parse_int=str)
    place = _skip(text, text.index("[") + 1)
    raw: list[str] = []
    found: list[dict[str, object]] = []
    try:
        while text[place] != "]":
            record, end = decoder.raw_decode(text, place)
            raw.append(text[place:end])
            found.append(record)
            place = _skip(text, end)
            if text[place] == ",":
                place = _skip(text, place + 1)
    except (ValueError, IndexError, RecursionError) as error:
        raise NotRewritable("this is no list of records") from error
    return _records("json", found, raw, encoding)


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _read_record_lines(text: str, encoding: str) -> Table:
    raw = [line for line in text.splitlines() if line.strip()]
    try:
        found = [json.loads(line, parse_float=str, parse_int=str) for line in raw]
    except (ValueError, RecursionError) as error:
        raise NotRewritable("the lines are no records") from error
    return _records("jsonl", found, raw, encoding)


def _records(kind: str, found: Sequence[object], raw: Sequence[str], encoding: str) -> Table:
    records = [record for record in found if isinstance(record, dict)]
    if len(records) < 2 or len(records) != len(found):
        raise NotRewritable("this is no list of records")
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = tuple(tuple(_text(record.get(name)) for name in names) for record in records)
    return Table(kind, tuple(names), rows, encoding, raw=tuple(raw))


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def write_lines(table: Table, order: Iterable[int], quoted: bytes, cells: Sequence[Sequence[str]]) -> bytes:
    """A text with a delimiter, its rows in this order, the marked cell of each quoted or not as its bit says."""
    lines = [_line(table.heading, table.delimiter)]
    lines += [_line(cells[row], table.delimiter, marked_place(cells[row]) if quoted[row] else None) for row in order]
    return (table.line_end.join(lines) + table.line_end).encode(table.encoding)


def _line(row: Sequence[str], delimiter: str, marked: int | None = None) -> str:
    return delimiter.join(
        f'"{cell.replace(chr(34), chr(34) * 2)}"' if place == marked or needs_quotes(cell, delimiter) else cell
        for place, cell in enumerate(row)
    )


def write_records(table: Table, order: Iterable[int]) -> bytes:
    """Records in this order, each in its own words to the letter."""
    texts = [table.raw[row] for row in order]
    whole = "[" + ",\n".join(texts) + "]\n" if table.kind == "json" else "\n".join(texts) + "\n"
    return whole.encode(table.encoding)
