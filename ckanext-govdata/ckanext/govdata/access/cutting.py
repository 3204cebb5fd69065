"""A file cut to the granted columns, while it streams: CSV, TSV, JSON, JSON Lines and XLSX. Pure.

Guarantee: what comes out is made of the granted columns' values and headings alone; nothing else of the file is copied,
neither title rows, comments, hidden sheets nor properties. What cannot be cut for sure is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from .headings import columns_of, plain

_SAMPLE = 1 << 16
_LONGEST_JSON = 64 << 20
_LONGEST_FIELD = 1 << 20
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",\t;|"
_CHUNK_ROWS = 500


class CannotCut(ValueError):
    """The file has no columns that can be told apart for sure, or none of the granted ones."""


@dataclass(frozen=True)
class Cut:
    """The pieces of the cut file, its type, its ending and the headings that are in it."""

    chunks: Iterator[bytes]
    content_type: str
    ending: str
    columns: tuple[str, ...]


def cut(stream: IO[bytes], granted: frozenset[str]) -> Cut:
    """Cut a file to the columns whose headings, as `headings.plain` writes them, are granted.

    The format is told by content, never by the name. Raises CannotCut before a byte is given.
    """
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    if sample.startswith(b"PK\x03\x04"):
        return _cut_workbook(stream, granted)
    if b"\x00" in sample and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CannotCut("this is no table of text")
    encoding = _encoding(sample)
    first = sample.decode(encoding, "ignore").lstrip()[:1]
    if first in ("{", "["):
        return _cut_json(stream, encoding, granted)
    if first == "<":
        raise CannotCut("marked-up text has no columns")
    return _cut_lines(stream, encoding, granted)


def _encoding(sample: bytes) -> str:
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


# Text with a delimiter


def _cut_lines(stream: IO[bytes], encoding: str, granted: frozenset[str]) -> Cut:
    text = io.TextIOWrapper(stream, encoding, newline="", errors="strict")
    csv.field_size_limit(_LONGEST_FIELD)
    start = text.readline()
    delimiter = max(_DELIMITERS, key=start.count)
    text.seek(0)
    rows = _strict(csv.reader(text, delimiter=delimiter))
    heading, places = _heading(rows, granted)
    ending = "tsv" if delimiter == "\t" else "csv"
    kind = "text/tab-separated-values" if delimiter == "\t" else "text/csv"

    def chunks() -> Iterator[bytes]:
        # A mark before the text: spreadsheets take Chinese for another encoding without it.
        yield codecs.BOM_UTF8 + _lines([[heading[place] for place in places]], delimiter)
        for some in _in_chunks(_only(row, places) for row in rows):
            yield _lines(some, delimiter)

    return Cut(chunks(), f"{kind}; charset=utf-8", ending, tuple(heading[place] for place in places))


def _strict(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except (csv.Error, UnicodeError) as error:
        raise CannotCut(f"the text cannot be read as a table: {error}") from error


def _heading(rows: Iterator[Sequence[Any]], granted: frozenset[str]) -> tuple[list[str], list[int]]:
    """The first line that is not empty, and the places of the granted columns in it."""
    for row in rows:
        if any(plain(cell) for cell in row):
            places = columns_of(row, granted)
            if not places:
                raise CannotCut("none of the granted columns is in the file's heading")
            return [str(cell or "").strip() for cell in row], places
    raise CannotCut("the file is empty")


def _only(row: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [row[place] if place < len(row) else None for place in places]


def _lines(rows: Iterable[Sequence[Any]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _in_chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    some: list[list[Any]] = []
    for row in rows:
        some.append(row)
        if len(some) >= _CHUNK_ROWS:
            yield some
            some = []
    if some:
        yield some


# JSON


def _cut_json(stream: IO[bytes], encoding: str, granted: frozenset[str]) -> Cut:
    """A list of records, an object with one such list, or a record a line."""
    first = _first_line_record(stream, encoding)
    stream.seek(0)
    if first is not None:
        return _cut_record_lines(stream, encoding, granted, first)
    content = stream.read(_LONGEST_JSON + 1)
    if len(content) > _LONGEST_JSON:
        raise CannotCut("the JSON file is too large to be cut")
    try:
        records = _records(json.loads(content.decode(encoding)))
    except (ValueError, RecursionError) as error:
        raise CannotCut("this is no JSON") from error
    keys = _keys(records, granted)
    pick = _picker(keys)
    whole = json.dumps([pick(record) for record in records], ensure_ascii=False, indent=0).encode()
    return Cut(iter([whole]), "application/json; charset=utf-8", "json", tuple(keys))


def _first_line_record(stream: IO[bytes], encoding: str) -> dict[str, Any] | None:
    """The record of the first line, where a second line has one too."""
    found: list[Any] = []
    for line in (stream.readline(_LONGEST_FIELD) for _ in range(2)):
        try:
            found.append(json.loads(line.decode(encoding)))
        except ValueError:
            return None
    return found[0] if all(isinstance(record, dict) for record in found) else None


def _cut_record_lines(stream: IO[bytes], encoding: str, granted: frozenset[str], first: dict[str, Any]) -> Cut:
    keys = _keys([first], granted)
    pick = _picker(keys)

    def chunks() -> Iterator[bytes]:
        for line in stream:
            if line.strip():
                record = json.loads(line.decode(encoding))
                if not isinstance(record, dict):
                    raise CannotCut("a line is no record")
                yield json.dumps(pick(record), ensure_ascii=False).encode() + b"\n"

    return Cut(chunks(), "application/x-ndjson; charset=utf-8", "jsonl", tuple(keys))


def _records(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list) and value]
        document = lists[0] if len(lists) == 1 else None
    if not isinstance(document, list) or not document or not all(isinstance(record, dict) for record in document):
        raise CannotCut("this JSON is no list of records")
    return document


def _keys(records: Iterable[dict[str, Any]], granted: frozenset[str]) -> list[str]:
    names = list(dict.fromkeys(key for record in records for key in record))
    found = [names[place] for place in columns_of(names, granted)]
    if not found:
        raise CannotCut("none of the granted items is in the file's records")
    return found


def _picker(keys: Sequence[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Picks plain values alone: a value that holds others may hold what is not granted."""

    def pick(record: dict[str, Any]) -> dict[str, Any]:
        return {key: record[key] for key in keys if key in record and not isinstance(record[key], dict | list)}

    return pick


# Workbooks


def _cut_workbook(stream: IO[bytes], granted: frozenset[str]) -> Cut:
    """A new workbook out of the granted columns' values; sheets without any of them are left out."""
    import openpyxl

    try:
        with zipfile.ZipFile(stream) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise CannotCut("this archive is no workbook")
        stream.seek(0)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        if isinstance(error, CannotCut):
            raise
        raise CannotCut("the workbook cannot be read") from error
    fresh = openpyxl.Workbook(write_only=True)
    columns: list[str] = []
    for sheet in book.worksheets:
        columns += _copy_sheet(sheet, fresh, granted)
    if not columns:
        raise CannotCut("none of the granted columns is in a sheet's heading")
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed when its pieces are through
    fresh.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Cut(_pieces(out), kind, "xlsx", tuple(dict.fromkeys(columns)))


def _copy_sheet(sheet: Any, fresh: Any, granted: frozenset[str]) -> list[str]:
    rows = iter(sheet.iter_rows(values_only=True))
    try:
        heading, places = _heading(rows, granted)
    except CannotCut:
        return []
    names = [heading[place] for place in places]
    target = fresh.create_sheet(f"Sheet{len(fresh.worksheets) + 1}")
    target.append(names)
    for row in rows:
        target.append(_only(row, places))
    return names


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_SAMPLE):
            yield piece
