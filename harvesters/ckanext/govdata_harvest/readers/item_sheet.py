"""Data items on a sheet of their own, brought to their entries by the title that both sheets name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from .columns import ColumnNames
from .entry_rows import ITEM_COLUMN
from .errors import ListError
from .grid import GridRow
from .layout import Sheet, entries
from .row import BadRow, Row

_MOST_ITEMS = 1_000_000


class ItemsByTitle:
    """The cells of the item sheets, by the title or the code that they name."""

    def __init__(self, names: ColumnNames) -> None:
        self._names = names
        self._cells: dict[str, list[tuple[str, Any]]] = {}
        self._from: dict[str, tuple[str, int]] = {}
        self._count = 0

    def read(self, sheet: Sheet, rows: Iterable[GridRow]) -> None:
        """Keep what the sheet says. Raises ListError where it names no entries."""
        if not sheet.fields(self._names) & {"title", "resource_code"}:
            raise ListError("items_without_entry", sheet.first, sheet=sheet.name)
        for row in entries(sheet, rows, self._names):
            if isinstance(row, Row) and (key := self._key(row)):
                self._count += len(row.cells)
                if self._count > _MOST_ITEMS:
                    raise ListError("too_many_cells", row.number, sheet=sheet.name)
                own = [
                    cell
                    for cell in row.cells
                    if self._names.field(cell[0]) not in ("title", "resource_code", "numbers")
                ]
                self._cells.setdefault(key, []).extend(_as_items(own, self._names))
                self._from.setdefault(key, (sheet.name, row.number))

    def _key(self, row: Row) -> str:
        for field in ("title", "resource_code"):
            for name, value in row.cells:
                if self._names.field(name) == field and isinstance(value, str) and value.strip():
                    return "".join(value.split())
        return ""

    def joined(self, rows: Iterator[Row | BadRow]) -> Iterator[Row | BadRow]:
        """The rows with their items."""
        for row in rows:
            key = self._key(row) if isinstance(row, Row) and self._cells else ""
            if isinstance(row, Row) and key in self._cells:
                self._from.pop(key, None)
                yield replace(row, cells=(*row.cells, *self._cells[key]))
            else:
                yield row

    def left_over(self) -> Iterator[BadRow]:
        """Items whose entry stands nowhere, named by the row where they begin."""
        for sheet, number in self._from.values():
            yield BadRow(number, "items_without_entry", sheet, counted=False)


def _as_items(cells: list[tuple[str, Any]], names: ColumnNames) -> list[tuple[str, Any]]:
    """The cells of one item row: its item columns as one object, whatever else it says as it stands."""
    item: dict[str, str] = {}
    found: list[tuple[str, Any]] = []
    for name, value in cells:
        if isinstance(value, list):
            found.append((ITEM_COLUMN, value))
        elif names.is_item(name) and value.strip():
            item[name] = value
        elif value.strip():
            found.append((name, value))
    return [*found, (ITEM_COLUMN, [item])] if item else found
