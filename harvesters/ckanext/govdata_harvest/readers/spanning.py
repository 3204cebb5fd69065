"""Cells that span columns and rows, laid out row by row as HTML and ODS describe them."""

from __future__ import annotations

from .errors import ListError
from .grid import MOST_COLUMNS, Anchor

Given = tuple[str, int, int]


class Spans:
    """Remembers what hangs down from the rows above; one for each table."""

    def __init__(self) -> None:
        # By column: the text, where it begins, and the last row that it covers.
        self._hanging: dict[int, tuple[str, Anchor, int]] = {}

    def row(
        self, number: int, given: list[Given], *, given_covered: bool = False
    ) -> tuple[list[str], dict[int, Anchor]]:
        """The cells of this row and the anchors of covered ones.

        `given` are text, columns and rows of each cell. In ODS covered cells stand among them (`given_covered`), in HTML not.
        """
        cells: dict[int, str] = {}
        anchors: dict[int, Anchor] = {}
        place = 0
        for text, columns, rows in given:
            while not given_covered and place in self._hanging and self._hanging[place][2] >= number:
                place += 1
            if place + columns > MOST_COLUMNS:
                raise ListError("too_many_cells", number)
            if not (given_covered and place in anchors):
                self._put(number, place, (text, columns, rows), cells, anchors)
            place += 1 if given_covered else columns
        self._hang(number, cells, anchors)
        width = max(cells, default=-1) + 1
        return [cells.get(place, "") for place in range(width)], anchors

    def _put(self, number: int, place: int, given: Given, cells: dict[int, str], anchors: dict[int, Anchor]) -> None:
        text, columns, rows = given
        anchor = (number, place)
        for covered in range(place, place + columns):
            cells[covered] = text
            if columns > 1 or rows > 1:
                anchors[covered] = anchor
            if rows > 1:
                self._hanging[covered] = (text, anchor, number + rows - 1)

    def _hang(self, number: int, cells: dict[int, str], anchors: dict[int, Anchor]) -> None:
        for place, (text, anchor, last) in list(self._hanging.items()):
            if last < number:
                del self._hanging[place]
            elif anchor[0] < number:
                cells[place], anchors[place] = text, anchor
