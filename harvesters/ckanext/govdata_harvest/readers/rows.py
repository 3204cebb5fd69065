"""A list file: opened as often as wanted, each time giving its rows in order without holding them in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import table
from .archive import kind_of_zip, unpacked_members
from .charset import charset_of, decoded
from .columns import ColumnNames
from .container import OLE, ZIP, chunks, head_of, unpacked_copy
from .errors import ListError
from .json_shape import wrapped_path
from .json_values import Pairs, Unreadable, is_json_lines, json_lines, json_values
from .markup_kind import markup_kind
from .row import BadRow, Row
from .sheets import sheet_rows
from .workbooks import spooled
from .xml_rows import row_path, xml_rows

_HEAD = 1 << 16

Rows = Callable[[], Iterator[Row | BadRow]]


@dataclass(frozen=True)
class ListFile:
    """What was found out about a file.

    `kind` is `json`, `json_lines`, `table`, `xml`, `html`, `spreadsheet_xml`, `workbook`, `ods` or `archive`; charset and
    delimiter are empty where there is none. What was unpacked lives as long as this object.
    """

    path: Path
    kind: str
    charset: str
    delimiter: str
    read: Rows
    holds: object = field(default=None, compare=False, repr=False)

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows in order. Raises ListError where the file breaks off or breaks, so look through it before writing."""
        return self.read()


def open_list(path: Path, names: ColumnNames, limit: int) -> ListFile:
    """Find out what the file is. `names` knows the columns' names; `limit` is the most unpacked bytes that are read."""
    return _opened(path, names, limit, in_archive=False)


def _opened(path: Path, names: ColumnNames, limit: int, *, in_archive: bool) -> ListFile:
    head = head_of(path, limit)
    if head.startswith((ZIP, OLE)):
        return _container(path, head, names, limit, in_archive)
    return _text(path, names, limit)


def _container(path: Path, head: bytes, names: ColumnNames, limit: int, in_archive: bool) -> ListFile:
    folder = unpacked_copy(path, limit)
    inside = Path(folder.name) / "list" if folder else path
    kind = "workbook" if head.startswith(OLE) else kind_of_zip(inside, limit)
    if kind == "archive":
        if in_archive:
            raise ListError("zip_in_zip")
        return _archive(inside, names, limit)
    return _sheets(path, kind, inside, "", names, limit)


def _sheets(path: Path, kind: str, inside: Path, charset: str, names: ColumnNames, limit: int) -> ListFile:
    spool = spooled(inside, kind, limit, charset)
    sources = [(sheet.name, sheet.hidden, lambda sheet=sheet: spool.rows(sheet)) for sheet in spool.sheets]
    return ListFile(path, kind, charset, "", sheet_rows(sources, names, alone=False), spool)


def _archive(path: Path, names: ColumnNames, limit: int) -> ListFile:
    """The lists in an archive, one after another; a member that is no list is named, unless none of them is one."""
    folder, members = unpacked_members(path, limit)
    lists: list[tuple[str, ListFile]] = []
    others: list[tuple[str, ListError]] = []
    for name, member in members:
        try:
            lists.append((name, _opened(member, names, limit, in_archive=True)))
        except ListError as error:
            others.append((name, error))
    if not lists:
        name, error = others[0] if others else ("", ListError("list_empty"))
        raise ListError(error.cause, error.line, error.detail, name)
    return ListFile(path, "archive", "", "", lambda: _members(lists, others), folder)


def _members(lists: list[tuple[str, ListFile]], others: list[tuple[str, ListError]]) -> Iterator[Row | BadRow]:
    yield from (BadRow(0, "member_no_list", name, counted=False) for name, _ in others)
    for name, file in lists:
        try:
            for row in file.rows():
                yield replace(row, sheet=f"{name} / {row.sheet}" if row.sheet else name)
        except ListError as error:
            raise ListError(error.cause, error.line, error.detail, name) from error


def _text(path: Path, names: ColumnNames, limit: int) -> ListFile:
    def pieces() -> Iterator[bytes]:
        return chunks(path, limit)

    charset = charset_of(pieces, lambda text: names.known(_words(text)))
    head = _head(decoded(pieces(), charset))
    start = head.lstrip("\ufeff \t\r\n")[:1]

    def text() -> Iterator[str]:
        return decoded(chunks(path, limit), charset)

    if start == "<":
        return _markup(path, charset, head, text, names, limit)
    if start == "{" and is_json_lines(head):
        return ListFile(path, "json_lines", charset, "", lambda: _objects(json_lines(table.lines_of(text()))))
    if start in ("[", "{"):
        inner = wrapped_path(text, names) if start == "{" else ()
        return ListFile(path, "json", charset, "", lambda: _objects(json_values(text(), inner)))
    delimiter = table.delimiter_of(head, names.known)
    source = ("", False, lambda: table.grid(table.records(table.lines_of(text()), delimiter)))
    return ListFile(path, "table", charset, delimiter, sheet_rows([source], names, alone=True))


def _markup(
    path: Path, charset: str, head: str, text: Callable[[], Iterator[str]], names: ColumnNames, limit: int
) -> ListFile:
    kind = markup_kind(head)
    if kind != "xml":
        try:
            return _sheets(path, kind, path, charset, names, limit)
        except ListError as error:
            # A page without a list in it is an error page, most likely.
            raise (
                ListError("container_markup", 1) if error.cause in ("header_unknown", "list_empty") else error
            ) from None
    place = row_path(text, names)
    return ListFile(path, "xml", charset, "", lambda: _numbered(xml_rows(text(), place)))


def _numbered(found: Iterable[list[tuple[str, Any]]]) -> Iterator[Row | BadRow]:
    return (Row(number, tuple(cells)) for number, cells in enumerate(found, 1))


def _words(text: str) -> list[str]:
    for delimiter in (*table.DELIMITERS, ":", "{", "}", "<", ">", "/"):
        text = text.replace(delimiter, "\n")
    return [word.strip(" \"'\r\t") for word in text.split("\n")]


def _head(pieces: Iterator[str]) -> str:
    head = ""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD:
            break
    return head


def _objects(values: Iterator[Any]) -> Iterator[Row | BadRow]:
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
