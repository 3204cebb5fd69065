"""The rows of one entry: its catalogue cells in the first row, its data items one a row, joined into one row.

Whatever the further rows say outside the columns of data items is kept beside what the first one says, so that a stricter word
for the tier or a mark of secrecy in any of them is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .columns import ColumnNames
from .errors import ListError
from .grid import Anchor, GridRow
from .header import Header
from .row import Row

_TIERS = frozenset({"open_tier", "open_conditions", "open_mode"})
# Fields whose words can close an entry.
CLOSING_FIELDS = frozenset({*_TIERS, "secrecy", "sharing_tier", "grading", "open_exception"})
# These may differ between the rows of one entry: they speak of the item, or number the rows.
_LOOSE = frozenset({*CLOSING_FIELDS, "sharing_mode", "numbers"})
# Under this name an entry's items come, where no column of the list has a name for all of them.
ITEM_COLUMN = "数据项"
_MOST_ROWS = 20_000
_SEVERAL = ",，、;；\n"


class EntryRows:
    """Collects the rows of one entry after another; not to be shared between tables."""

    def __init__(self, header: Header, names: ColumnNames, sheet: str, letters: Mapping[str, str]) -> None:
        self._header, self._sheet, self._letters = header, sheet, letters
        fields = {place: names.field(name) for place, name in enumerate(header.names) if name}
        self.titles = [place for place, field in fields.items() if field == "title"]
        # Where one of these is filled, the line is an entry, whatever it begins with.
        self.deciding = [place for place, field in fields.items() if field in _TIERS or field == "agency"]
        self.items = [place for place in fields if names.is_item(header.names[place]) and place not in self.titles]
        self._loose = {place for place, field in fields.items() if field in _LOOSE}
        listed = [place for place in self.items if fields[place] == "data_items"]
        self._item_column = header.names[listed[0]] if listed else ITEM_COLUMN
        self._named_items = set(listed)
        self._rows: list[GridRow] = []
        self._title: tuple[Anchor, str] | None = None

    def begin(self, row: GridRow) -> None:
        """Start an entry with this row."""
        self._rows = [row]
        place = self._title_place(row)
        self._title = None if place is None else (row.anchor(place), row.cell(place).strip())

    def takes(self, row: GridRow) -> bool:
        """Whether the row goes on with the entry at hand; if so it is kept."""
        if not self._rows or not self._goes_on(row):
            return False
        if len(self._rows) >= _MOST_ROWS:
            raise ListError("entry_too_long", self._rows[0].number, sheet=self._sheet)
        self._rows.append(row)
        return True

    def finished(self) -> Iterator[Row]:
        """The entry at hand, if there is one, as one row."""
        rows, self._rows = self._rows, []
        if rows:
            yield Row(rows[0].number, tuple(self._cells(rows)), self._sheet, self._letters)

    def _title_place(self, row: GridRow) -> int | None:
        return next((place for place in self.titles if row.cell(place).strip()), None)

    def _goes_on(self, row: GridRow) -> bool:
        place = self._title_place(row)
        if self._title is None:
            return False
        anchor, title = self._title
        items = [item for item in self.items if row.cell(item).strip()]
        if place is None:
            return bool(items) and all(self._is_item_cell(row, cell) for cell in row.filled())
        if row.anchor(place) == anchor:
            return True
        return bool(items) and row.cell(place).strip() == title and self._repeats(row)

    def _is_item_cell(self, row: GridRow, place: int) -> bool:
        """Whether the cell may stand in a row below an entry's first: of an item, loose, or merged with the one above."""
        above = self._rows[-1]
        return place in self.items or place in self._loose or row.anchor(place) == above.anchor(place)

    def _repeats(self, row: GridRow) -> bool:
        """Whether the row repeats the entry's own cells and differs in its items alone."""
        first = self._rows[0]
        own = [
            place for place in range(len(self._header.names)) if place not in self.items and place not in self._loose
        ]
        same = all(row.cell(place).strip() == first.cell(place).strip() for place in own)
        return same and any(row.cell(place).strip() != first.cell(place).strip() for place in self.items)

    def _cells(self, rows: list[GridRow]) -> Iterator[tuple[str, Any]]:
        first = rows[0]
        items = self._listed_items(rows)
        for place, name in enumerate(self._header.names):
            if not name or (items and place in self.items) or place >= len(first.cells):
                continue
            if len(rows) == 1:
                yield name, first.cells[place]
                continue
            own = (row.cell(place) for row in rows[1:] if row.anchor(place) == (row.number, place))
            further = dict.fromkeys(cell for cell in own if cell.strip() and cell != first.cell(place))
            yield from ((name, cell) for cell in (first.cell(place), *further))
        if items:
            yield self._item_column, items

    def _listed_items(self, rows: list[GridRow]) -> list[dict[str, str]]:
        """The items as objects; of an entry on one row only where the row describes one item by several columns."""
        if len(rows) == 1 and not self._is_one_item(rows[0]):
            return []
        found = [
            {self._header.names[place]: row.cell(place) for place in self.items if row.cell(place).strip()}
            for row in rows
        ]
        return [item for item in found if item]

    def _is_one_item(self, row: GridRow) -> bool:
        filled = [place for place in self.items if row.cell(place).strip()]
        several = any(mark in row.cell(place).strip() for place in self._named_items for mark in _SEVERAL)
        return len(filled) > 1 and not several
