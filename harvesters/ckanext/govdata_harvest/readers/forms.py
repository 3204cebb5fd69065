"""Forms: an entry laid out as labels with their values beside them, one after another in a sheet, data items in a table below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .columns import ColumnNames
from .entry_rows import CLOSING_FIELDS, ITEM_COLUMN
from .errors import ListError
from .grid import GridRow, letters_of
from .row import BadRow, Row

_MOST_CELLS = 20_000


def form_score(head: Sequence[GridRow], names: ColumnNames) -> int:
    """How many different fields stand as labels with a value beside them; 0 where no title is among them."""
    found = {names.field(label) for row in head for label, _, _ in _pairs(row, names)}
    return len(found - {""}) if "title" in found else 0


def forms(sheet: str, rows: Iterable[GridRow], names: ColumnNames) -> Iterator[Row | BadRow]:
    """The entries of a sheet of forms; the label of the title begins the next one. Numbered by the row of that label."""
    form = _Form(sheet, names)
    for row in rows:
        if not row.filled():
            form.end_items()
            continue
        if form.takes_item(row):
            continue
        pairs = list(_pairs(row, names))
        for label, value, place in pairs:
            if names.field(label) == "title" and form.has_title:
                yield from form.finished()
            form.add(row.number, label, value, place)
        form.begin_items(row, pairs)
    yield from form.finished()


def _pairs(row: GridRow, names: ColumnNames) -> Iterator[tuple[str, str, int]]:
    """Each known label in the row with the value beside it and the value's place; labels beside one another have none."""
    filled = row.filled()
    for position, place in enumerate(filled):
        label = row.cell(place).strip()
        if not _is_label(label, names):
            continue
        following = filled[position + 1] if position + 1 < len(filled) else None
        if following is not None and not _is_label(row.cell(following).strip(), names):
            yield label, row.cell(following), following


def _is_label(text: str, names: ColumnNames) -> bool:
    return len(text) <= 60 and (names.known([text]) > 0 or names.is_item(text))


class _Form:
    """One form being read."""

    def __init__(self, sheet: str, names: ColumnNames) -> None:
        self._sheet, self._names = sheet, names
        self._clear()

    def _clear(self) -> None:
        self._cells: list[tuple[str, Any]] = []
        self._letters: dict[str, str] = {}
        self._items: list[dict[str, str]] = []
        self._columns: dict[int, str] = {}
        self._number, self.has_title = 0, False

    def add(self, number: int, label: str, value: str, place: int) -> None:
        """Keep a value under its label."""
        if len(self._cells) + len(self._items) > _MOST_CELLS:
            raise ListError("entry_too_long", self._number, sheet=self._sheet)
        if self._names.field(label) == "title" or not self._number:
            self._number = number
            self.has_title = self.has_title or self._names.field(label) == "title"
        self._cells.append((label, value))
        self._letters.setdefault(label, letters_of(place))

    def begin_items(self, row: GridRow, pairs: list[tuple[str, str, int]]) -> None:
        """A row that names columns of data items heads a table of them."""
        named = {
            place: row.cell(place).strip() for place in row.filled() if self._names.is_item(row.cell(place).strip())
        }
        if len(named) > 1 and not pairs:
            self._columns = {place: row.cell(place).strip() for place in row.filled()}

    def _ends_items(self, row: GridRow) -> bool:
        """Whether labels go on below the items; an item may bear the name of a label, but not of one that closes data."""
        filled = row.filled()
        if any(place not in self._columns for place in filled):
            return True
        label = row.cell(filled[0]).strip()
        if not _is_label(label, self._names):
            return False
        return len(filled) < len(self._columns) or self._names.field(label) in CLOSING_FIELDS

    def takes_item(self, row: GridRow) -> bool:
        """Whether the row is one of the items' table; if so it is kept."""
        if not self._columns:
            return False
        if self._ends_items(row):
            self.end_items()
            return False
        if len(self._items) > _MOST_CELLS:
            raise ListError("entry_too_long", self._number, sheet=self._sheet)
        self._items.append({name: row.cell(place) for place, name in self._columns.items() if row.cell(place).strip()})
        return True

    def end_items(self) -> None:
        self._columns = {}

    def finished(self) -> Iterator[Row]:
        """The form as one row, if it holds anything."""
        if self._cells:
            items = [(ITEM_COLUMN, self._items)] if self._items else []
            yield Row(self._number, tuple(self._cells) + tuple(items), self._sheet, dict(self._letters))
        self._clear()
