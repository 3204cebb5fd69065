"""Rows as reading gives them: numbered, with named cells and the place where they stand; or the cause why a row is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One entry: its number, and its cells in order; a column that stands twice is there twice.

    Rows of JSON and XML are numbered from 1; rows of a table as a spreadsheet numbers them, header included. `sheet` names
    the sheet or the member of an archive; `letters` the column of each name, where the list is a table.
    """

    number: int
    cells: tuple[tuple[str, Any], ...]
    sheet: str = ""
    letters: Mapping[str, str] = field(default_factory=dict, compare=False)

    def address(self, column: str) -> str:
        """The cell of a column, such as D17; empty where the list is no table."""
        letters = self.letters.get(column, "")
        return f"{letters}{self.number}" if letters else ""


@dataclass(frozen=True)
class BadRow:
    """A row that is none; only its place and the cause are kept.

    `counted` is false for what stands in a table and is no row of it: a footnote, a repeated header, a sheet that is passed over.
    """

    number: int
    cause: str
    sheet: str = ""
    counted: bool = True
