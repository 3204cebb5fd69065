"""Sheets as numbered rows of cells, whatever they were read from; merged cells carry their value in each cell they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The most columns of a sheet; spreadsheets know no more.
MOST_COLUMNS = 16_384

Anchor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row: its number as a spreadsheet shows it, its cells as text, and for covered cells where their merged cell begins."""

    number: int
    cells: list[str]
    anchors: Mapping[int, Anchor] = field(default_factory=dict)

    def cell(self, place: int) -> str:
        return self.cells[place] if place < len(self.cells) else ""

    def anchor(self, place: int) -> Anchor:
        """The place of the value: of the cell itself, or where the merged cell that covers it begins."""
        return self.anchors.get(place, (self.number, place))

    def filled(self) -> list[int]:
        """The places of the cells that hold something, a merged cell once, at the first place of it in this row."""
        found: dict[Anchor, int] = {}
        for place, cell in enumerate(self.cells):
            if cell and not cell.isspace():
                found.setdefault(self.anchor(place), place)
        return list(found.values())


def letters_of(place: int) -> str:
    """The letters of a column as spreadsheets name it: 0 is A, 26 is AA."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def cell_text(value: Any) -> str:
    """A cell's value as text: whole numbers without a fraction, dates as ISO dates, true and false as in spreadsheets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
