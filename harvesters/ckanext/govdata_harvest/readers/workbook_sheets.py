"""XLSX, XLSB and XLS by calamine: every sheet's cells with what is merged."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from .errors import ListError
from .grid import MOST_COLUMNS, cell_text
from .spool import SpoolWriter

Merge = tuple[tuple[int, int], tuple[int, int]]


def workbook_sheets(path: Path, out: SpoolWriter, _charset: str = "") -> None:
    """Write every sheet of the workbook. Raises ListError where it is encrypted or broken."""
    try:
        book = CalamineWorkbook.from_path(str(path))
        for meta in book.sheets_metadata:
            out.sheet(meta.name, hidden=meta.visible != SheetVisibleEnum.Visible)
            _rows(book, meta.name, out)
    except PasswordError:
        raise ListError("workbook_encrypted") from None
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile):
        raise ListError("workbook_broken") from None


def _rows(book: CalamineWorkbook, name: str, out: SpoolWriter) -> None:
    sheet = book.get_sheet_by_name(name)
    if not sheet.height or sheet.start is None:
        return
    # Rows come from the sheet's first on, their cells only from the first column that is used.
    margin = [""] * sheet.start[1]
    merges = _merges(sheet.merged_cell_ranges or [])
    covering: list[Merge] = []
    values: dict[tuple[int, int], str] = {}
    for place, given in enumerate(sheet.iter_rows()):
        cells = [*margin, *map(cell_text, given)]
        covering = [merge for merge in (*covering, *merges.get(place, ())) if merge[1][0] >= place]
        out.row(place + 1, cells, _cover(cells, place, covering, values))


def _merges(ranges: list[Merge]) -> dict[int, list[Merge]]:
    found: dict[int, list[Merge]] = defaultdict(list)
    for start, end in ranges:
        found[start[0]].append((start, end))
    return found


def _cover(
    cells: list[str], row: int, covering: list[Merge], values: dict[tuple[int, int], str]
) -> dict[int, tuple[int, int]]:
    """Put the merged cells' values into the cells that they cover in this row; says which these are."""
    anchors: dict[int, tuple[int, int]] = {}
    for start, end in covering:
        if row == start[0]:
            values[start] = cells[start[1]] if start[1] < len(cells) else ""
        value = values.get(start, "")
        last = min(end[1], MOST_COLUMNS)
        if value and last >= len(cells):
            cells.extend([""] * (last + 1 - len(cells)))
        for place in range(start[1], min(last + 1, len(cells))):
            cells[place] = value
            anchors[place] = (start[0] + 1, start[1])
        if row == end[0]:
            values.pop(start, None)
    return anchors
