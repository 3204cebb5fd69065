"""ODS, read as a stream: spans, repeated rows and cells, hidden tables. What repeats itself beyond any sheet is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from .errors import ListError
from .grid import MOST_COLUMNS
from .markup import safe_events
from .spanning import Spans
from .spool import SpoolWriter

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_MOST_REPEATS = 10_000


def ods_sheets(path: Path, out: SpoolWriter, _charset: str = "") -> None:
    """Write every table of the document. Raises ListError where it is encrypted or broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            if b"encryption-data" in archive.read("META-INF/manifest.xml")[: 1 << 20]:
                raise ListError("workbook_encrypted")
            with archive.open("content.xml") as content:
                _tables(safe_events(content, ("start", "end")), out)
    except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, OSError):
        raise ListError("workbook_broken") from None


def _tables(events: Iterator[tuple[str, Any]], out: SpoolWriter) -> None:
    hidden: set[str] = set()
    number, spans = 0, Spans()
    for event, element in events:
        if event == "start" and element.tag == _TABLE + "table":
            out.sheet(element.get(_TABLE + "name", ""), hidden=element.get(_TABLE + "style-name", "") in hidden)
            number, spans = 0, Spans()
        elif (
            event == "end" and element.tag == _STYLE + "table-properties" and element.get(_TABLE + "display") == "false"
        ):
            hidden.add(element.getparent().get(_STYLE + "name", ""))
        elif event == "end" and element.tag == _TABLE + "table-row":
            number = _row(element, number, spans, out)
            _forget(element)


def _row(element: Any, number: int, spans: Spans, out: SpoolWriter) -> int:
    cells = [cell for cell in element if cell.tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell")]
    repeats = int(element.get(_TABLE + "number-rows-repeated", 1))
    row = _cells(cells)
    if not any(text for text, _, _ in row):
        spans.row(number + 1, [], given_covered=True)
        return number + repeats
    if repeats > _MOST_REPEATS:
        raise ListError("too_many_cells", number + 1)
    for _ in range(repeats):
        number += 1
        out.row(number, *spans.row(number, row, given_covered=True))
    return number


def _cells(cells: list[Any]) -> list[tuple[str, int, int]]:
    """Text, columns and rows of each cell; empty ones at the end, which documents repeat to the sheet's edge, are left out."""
    found: list[tuple[str, int, int]] = []
    for cell in cells:
        repeats = int(cell.get(_TABLE + "number-columns-repeated", 1))
        text = _text(cell)
        if not text and (repeats > MOST_COLUMNS or len(found) + repeats > MOST_COLUMNS):
            break
        if len(found) + repeats > MOST_COLUMNS:
            raise ListError("too_many_cells")
        columns, rows = (int(cell.get(_TABLE + f"number-{way}-spanned", 1)) for way in ("columns", "rows"))
        found += [(text, columns, rows)] * repeats
    return found


def _text(cell: Any) -> str:
    kind = cell.get(_OFFICE + "value-type")
    if kind in ("date", "float") and (value := cell.get(_OFFICE + ("date-value" if kind == "date" else "value"))):
        return value.removesuffix("T00:00:00").removesuffix(".0")
    return "\n".join("".join(_pieces(part)) for part in cell if part.tag == _TEXT + "p")


def _pieces(part: Any) -> Iterator[str]:
    yield part.text or ""
    for inner in part:
        if inner.tag == _TEXT + "s":
            yield " " * min(int(inner.get(_TEXT + "c", 1)), 100)
        elif inner.tag in (_TEXT + "line-break", _TEXT + "tab"):
            yield "\n"
        elif isinstance(inner.tag, str) and not inner.tag.startswith(_OFFICE):
            yield from _pieces(inner)
        yield inner.tail or ""


def _forget(element: Any) -> None:
    """Free what was read: the element's content, and the elements before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
