"""From a sheet to its entries: the table found, footnotes and repeated headers passed over, the rows of one entry joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from .columns import ColumnNames
from .entry_rows import EntryRows
from .errors import ListError
from .forms import form_score, forms
from .grid import GridRow, letters_of
from .header import HEAD_ROWS, Header, find_header
from .row import BadRow, Row

# Known names that make a header in a workbook; a text table, which is nothing else, needs one.
_ENOUGH_IN_SHEETS = 2
_SAME_AS_HEADER = 0.6
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Sheet:
    """What a sheet was found to be: `kind` is `table`, `form` or `none`."""

    name: str
    kind: str
    header: Header
    first: int = 0

    def fields(self, names: ColumnNames) -> set[str]:
        """The fields that its columns fill."""
        return {field for name in self.header.names if name and (field := names.field(name))}

    def has_items(self, names: ColumnNames) -> bool:
        """Whether it describes data items, by two columns or more."""
        return sum(1 for name in self.header.names if name and names.is_item(name)) > 1


def look_at(name: str, rows: Iterable[GridRow], names: ColumnNames, *, alone: bool) -> Sheet:
    """What the sheet is, by its first rows; `alone` where the file is one text table and a single known name will do."""
    head = _head(iter(rows))
    first = head[0].number if head else 0
    header = find_header(head, names)
    labels = form_score(head, names)
    if labels > max(header.known, 2):
        return Sheet(name, "form", header, first)
    single = alone or (head and len(head[header.body - 1].filled()) == 1)
    enough = 1 if single else _ENOUGH_IN_SHEETS
    return Sheet(name, "table" if header.known >= enough else "none", header, first)


def entries(sheet: Sheet, rows: Iterable[GridRow], names: ColumnNames) -> Iterator[Row | BadRow]:
    """The entries of a sheet that is a table or a form, in order."""
    if sheet.kind == "form":
        yield from forms(sheet.name, rows, names)
        return
    found = iter(rows)
    head = _head(found)
    yield from _body(sheet, chain(head[sheet.header.body :], found), names)


def _head(rows: Iterator[GridRow]) -> list[GridRow]:
    return list(islice((row for row in rows if row.filled()), HEAD_ROWS))


def _body(sheet: Sheet, rows: Iterable[GridRow], names: ColumnNames) -> Iterator[Row | BadRow]:
    header = sheet.header
    letters = {name: letters_of(place) for place, name in reversed(list(enumerate(header.names))) if name}
    group = EntryRows(header, names, sheet.name, letters)
    for row in rows:
        filled = row.filled()
        if not filled:
            continue
        cause = _aside(row, filled, header, group, names)
        if cause:
            yield from group.finished()
            yield BadRow(row.number, cause, sheet.name, counted=False)
        elif any(place >= len(header.names) for place in filled):
            yield from group.finished()
            yield BadRow(row.number, "row_too_many_cells", sheet.name)
        elif not group.takes(row):
            yield from group.finished()
            group.begin(row)
    yield from group.finished()


def _aside(row: GridRow, filled: list[int], header: Header, group: EntryRows, names: ColumnNames) -> str:
    """The cause why a line is no row of the table, or an empty text."""
    if _is_header(row, filled, header, names):
        return "header_repeated"
    titled = [place for place in filled if place in group.titles]
    first = row.cell(filled[0]).strip()
    decides = any(place in group.deciding and not _is_remark(row.cell(place).strip(), names) for place in filled)
    if names.is_aside(first) and not decides:
        return "line_aside" if not titled or filled[0] in titled else ""
    if len(filled) > 1 or any(place in group.items for place in filled):
        return ""
    spans = sum(1 for place in range(len(row.cells)) if row.anchor(place) == row.anchor(filled[0])) > 1
    return "line_aside" if not titled or spans else ""


def _is_remark(text: str, names: ColumnNames) -> bool:
    """What stands beside a footnote or a sum: a number, or another such remark."""
    return text.isdigit() or names.is_aside(text)


def _is_header(row: GridRow, filled: list[int], header: Header, names: ColumnNames) -> bool:
    """Whether most cells are the names of their own columns."""
    others, most = 0, len(filled) - max(2, _SAME_AS_HEADER * len(filled))
    for place in filled:
        name, cell = header.names[place] if place < len(header.names) else "", row.cell(place).strip()
        others += not name or not (cell == name or _is_name_of(cell, names.field(name), names))
        if others > most:
            return False
    return True


def _is_name_of(cell: str, field: str, names: ColumnNames) -> bool:
    return field != "" and len(cell) <= _LONGEST_NAME and names.field(cell) == field


def refuse_without_table(sheets: list[Sheet]) -> None:
    """Raise ListError where none of the sheets has a table or a form that is known."""
    if not sheets or all(sheet.first == 0 for sheet in sheets):
        raise ListError("list_empty")
    named = next(sheet for sheet in sheets if sheet.first)
    raise ListError("header_unknown", named.first, sheet=named.name)
