"""Tables in web pages (many systems export those as `.xls`), and the XML that spreadsheets of 2003 write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from .charset import decoded
from .container import chunks
from .errors import ListError
from .grid import MOST_COLUMNS
from .markup import safe_events
from .spanning import Given, Spans
from .spool import SpoolWriter
from .text_stream import TextBytes

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_MOST_NESTED = 100
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_MOST_SPAN = 65_534


def html_sheets(path: Path, out: SpoolWriter, charset: str) -> None:
    """Write every table of the page that stands in no other one's cell."""
    parser = _Tables(out)
    for piece in decoded(chunks(path, _no_limit()), charset):
        parser.feed(piece)
    parser.close()
    parser.end_row()


def _no_limit() -> int:
    """The size was checked when the charset was looked for."""
    return 1 << 62


class _Tables(HTMLParser):
    def __init__(self, out: SpoolWriter) -> None:
        super().__init__(convert_charrefs=True)
        self._out = out
        self._tables = 0
        self._depth = 0
        self._number = 0
        self._spans = Spans()
        self._row: list[Given] | None = None
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._begin_table(dict(attrs))
        elif tag in ("script", "style"):
            self._silent += 1
        elif self._depth != 1:
            return
        elif tag == "tr":
            self.end_row()
            self._row, self._number = [], self._number + 1
        elif tag in ("td", "th"):
            self._begin_cell(dict(attrs))
        elif tag in ("br", "p", "div", "li") and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)
        elif tag == "table":
            if self._depth == 1:
                self.end_row()
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth == 1 and tag == "tr":
            self.end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def _begin_table(self, attributes: dict[str, str | None]) -> None:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise ListError("too_many_cells", self.getpos()[0])
        if self._depth == 1:
            self._tables += 1
            hidden = "hidden" in attributes or bool(_HIDDEN_STYLE.search(attributes.get("style") or ""))
            self._out.sheet(attributes.get("summary") or str(self._tables), hidden=hidden)
            self._number, self._spans = 0, Spans()

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if self._row is None:
            self._row, self._number = [], self._number + 1
        if len(self._row) > MOST_COLUMNS:
            raise ListError("too_many_cells", self._number)
        self._cell = []
        self._span = (_span(attributes.get("colspan")), _span(attributes.get("rowspan")))

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            lines = (" ".join(line.split()) for line in "".join(self._cell).split("\n"))
            self._row.append(("\n".join(line for line in lines if line), self._span[0], self._span[1]))
        self._cell = None

    def end_row(self) -> None:
        """Write the row at hand, which pages often leave open."""
        self._end_cell()
        if self._row is not None:
            self._out.row(self._number, *self._spans.row(self._number, self._row))
        self._row = None


def _span(word: str | None) -> int:
    """A span as browsers read it: a number from 1 to a limit, 1 in doubt."""
    return min(max(int(word), 1), _MOST_SPAN) if word and word.strip().isdigit() and len(word) < 10 else 1


def spreadsheet_xml_sheets(path: Path, out: SpoolWriter, charset: str) -> None:
    """Write every sheet of a spreadsheet in XML."""
    source = TextBytes(decoded(chunks(path, _no_limit()), charset))
    number, spans = 0, Spans()
    try:
        for event, element in safe_events(source, ("start", "end"), "utf-8"):
            if event == "start" and element.tag == _SS + "Worksheet":
                out.sheet(element.get(_SS + "Name", ""), hidden=False)
                number, spans = 0, Spans()
            elif event == "end" and element.tag == _SS + "Row":
                number = int(element.get(_SS + "Index", number + 1))
                out.row(number, *spans.row(number, list(_cells(element)), given_covered=True))
                element.clear()
    except (etree.XMLSyntaxError, ValueError):
        raise ListError("xml_broken") from None


def _cells(row: Any) -> Iterator[Given]:
    place = 0
    for cell in row.iterchildren(_SS + "Cell"):
        at = int(cell.get(_SS + "Index", place + 1)) - 1
        if at > MOST_COLUMNS:
            raise ListError("too_many_cells", row.sourceline or 0)
        yield from (("", 1, 1) for _ in range(place, at))
        columns, rows = (int(cell.get(_SS + f"Merge{way}", 0)) + 1 for way in ("Across", "Down"))
        data = cell.find(_SS + "Data")
        if at + columns > MOST_COLUMNS:
            raise ListError("too_many_cells", row.sourceline or 0)
        yield "".join(data.itertext()) if data is not None else "", columns, min(rows, _MOST_SPAN)
        yield from (("", 1, 1) for _ in range(columns - 1))
        place = at + columns
