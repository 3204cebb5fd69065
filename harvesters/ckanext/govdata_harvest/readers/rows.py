"""A list file: opened as often as wanted, each time giving its rows in order without holding them in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from . import table
from .charset import charset_of, decoded
from .container import chunks
from .errors import ListError
from .json_values import Pairs, Unreadable, is_json_lines, json_lines, json_values

_HEAD = 1 << 16


@dataclass(frozen=True)
class Row:
    """One row: its number, and its cells in order; a column that stands twice is there twice.

    Rows of JSON are numbered from 1; rows of a table as a spreadsheet numbers them, header included.
    """

    number: int
    cells: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class BadRow:
    """A row that is none; only its number and the cause are kept."""

    number: int
    cause: str


@dataclass(frozen=True)
class ListFile:
    """What was found out about a file: `kind` (`json`, `json_lines`, `table`), charset and, of a table, its delimiter."""

    path: Path
    kind: str
    charset: str
    delimiter: str
    knows: Callable[[Sequence[str]], int]
    limit: int

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows in order. Raises ListError where the file breaks off or breaks, so look through it before writing."""
        pieces = decoded(chunks(self.path, self.limit), self.charset)
        if self.kind == "table":
            return _table_rows(table.records(table.lines_of(pieces), self.delimiter), self.knows)
        values = json_lines(table.lines_of(pieces)) if self.kind == "json_lines" else json_values(pieces)
        return _object_rows(values)


def open_list(path: Path, knows: Callable[[Sequence[str]], int], limit: int) -> ListFile:
    """Find out what the file is. `knows` counts known column names; `limit` is the most unpacked bytes that are read."""

    def pieces() -> Iterator[bytes]:
        return chunks(path, limit)

    charset = charset_of(pieces, lambda text: knows(_words(text)))
    head = _head(decoded(pieces(), charset))
    start = head.lstrip("\ufeff \t\r\n")[:1]
    if start == "<":
        raise ListError("container_markup", 1)
    if start == "[" or (start == "{" and not is_json_lines(head)):
        return ListFile(path, "json", charset, "", knows, limit)
    if start == "{":
        return ListFile(path, "json_lines", charset, "", knows, limit)
    return ListFile(path, "table", charset, table.delimiter_of(head, knows), knows, limit)


def _words(text: str) -> list[str]:
    for delimiter in (*table.DELIMITERS, ":", "{", "}"):
        text = text.replace(delimiter, "\n")
    return [word.strip(" \"'\r\t") for word in text.split("\n")]


def _head(pieces: Iterator[str]) -> str:
    head = ""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD:
            break
    return head


def _object_rows(values: Iterator[Any]) -> Iterator[Row | BadRow]:
    for number, value in enumerate(values, 1):
        if isinstance(value, Unreadable):
            yield BadRow(number, "row_unreadable")
        elif not isinstance(value, Pairs):
            yield BadRow(number, "row_not_an_object")
        else:
            yield Row(number, tuple((str(key), _plain(held)) for key, held in value))


def _plain(value: Any) -> Any:
    """Nested objects as dicts; where a key stands twice both values stay, as a list."""
    if isinstance(value, Pairs):
        plain: dict[str, Any] = {}
        for key, held in value:
            inner = _plain(held)
            plain[key] = [plain[key], inner] if key in plain else inner
        return plain
    return [_plain(held) for held in value] if isinstance(value, list) else value


def _table_rows(
    found: Iterator[tuple[int, list[str]]], knows: Callable[[Sequence[str]], int]
) -> Iterator[Row | BadRow]:
    header, rest = table.with_header(found, knows)
    for number, record in rest:
        surplus = islice(record, len(header), None)
        if any(cell.strip() for cell in surplus):
            yield BadRow(number, "row_too_many_cells")
        else:
            yield Row(number, tuple((name, cell) for name, cell in zip(header, record, strict=False) if name))
