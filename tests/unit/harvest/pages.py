"""A sheet with merged cells, and how each container writes it down; text without merged cells leaves the covered ones empty."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

import xlwt

from .files import ods, workbook

Merge = tuple[int, int, int, int]


@dataclass
class Page:
    """Rows of text, and merged cells as (first row, first column, last row, last column), counted from 0."""

    rows: list[list[str]]
    merges: list[Merge] = field(default_factory=list)

    def add(self, row: list[str]) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self.merges.append((top, left, bottom, right))

    def cells(self) -> Iterator[list[tuple[str, int, int, bool]]]:
        """Text, columns, rows and whether the cell is covered by another one."""
        covered = {
            (row, column): (top, left)
            for top, left, bottom, right in self.merges
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
            if (row, column) != (top, left)
        }
        spans = {(top, left): (right - left + 1, bottom - top + 1) for top, left, bottom, right in self.merges}
        for number, row in enumerate(self.rows):
            yield [
                (
                    "" if (number, place) in covered else text,
                    *spans.get((number, place), (1, 1)),
                    (number, place) in covered,
                )
                for place, text in enumerate(row)
            ]


def as_text(page: Page, delimiter: str, line_end: str = "\r\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([text for text, _, _, _ in row] for row in page.cells())
    return out.getvalue()


def as_xlsx(page: Page, hidden: list[list[str]] | None = None) -> bytes:
    def fill(sheet: Any) -> None:
        for row in page.rows:
            sheet.append([cell or None for cell in row])
        for top, left, bottom, right in page.merges:
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)

    def hide(sheet: Any) -> None:
        for row in hidden or []:
            sheet.append(row)
        sheet.sheet_state = "hidden"

    return workbook(fill, hide) if hidden else workbook(fill)


def as_xls(page: Page) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("清单", cell_overwrite_ok=True)
    for number, row in enumerate(page.cells()):
        for place, (text, columns, rows, covered) in enumerate(row):
            if columns > 1 or rows > 1:
                sheet.write_merge(number, number + rows - 1, place, place + columns - 1, text)
            elif text and not covered:
                sheet.write(number, place, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_ods(page: Page) -> bytes:
    lines: list[str] = []
    for row in page.cells():
        lines.append("<table:table-row>")
        for text, columns, rows, covered in row:
            more = f' table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
            paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
            tag = "covered-table-cell" if covered else "table-cell"
            lines.append(
                f'<table:{tag} office:value-type="string"{more if columns * rows > 1 else ""}>{paragraphs}</table:{tag}>'
            )
        lines.append("</table:table-row>")
    return ods([], "".join(lines))


def as_html(page: Page) -> str:
    lines: list[str] = []
    for row in page.cells():
        cells = (
            f'<td colspan="{columns}" rowspan={rows}>{escape(text).replace(chr(10), "<br>")}'
            for text, columns, rows, covered in row
            if not covered
        )
        lines.append("<tr>" + "</td>".join(cells))
    return f"<html><body><p>导出</p><table border=1>{''.join(lines)}</table></body></html>"


def as_spreadsheet_xml(page: Page) -> str:
    lines: list[str] = []
    for row in page.cells():
        lines.append("<Row>")
        for place, (text, columns, rows, covered) in enumerate(row, 1):
            if not covered and text:
                merged = f' ss:MergeAcross="{columns - 1}" ss:MergeDown="{rows - 1}"'
                data = f'<Data ss:Type="String">{escape(text)}</Data>'
                lines.append(f'<Cell ss:Index="{place}"{merged if columns * rows > 1 else ""}>{data}</Cell>')
        lines.append("</Row>")
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="清单"><Table>'
        f"{''.join(lines)}</Table></Worksheet></Workbook>"
    )
