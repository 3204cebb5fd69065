"""Sheets on disk: written once by whoever parsed a file, read as often as wanted, a row in memory at a time.

A spool is a temporary file without a name: it is gone when the last reader is, and so keeps no text of a refused row.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from .errors import ListError
from .grid import GridRow

_READ_AT_ONCE = 1 << 16


class SpoolWriter:
    """Writes sheets as lines of JSON: an object begins a sheet, an array is a row."""

    def __init__(self, out: IO[bytes], limit: int) -> None:
        self._out, self._limit, self._size = out, limit, 0

    def sheet(self, name: str, *, hidden: bool = False) -> None:
        self._line({"sheet": name, "hidden": hidden})

    def row(self, number: int, cells: list[str], anchors: dict[int, tuple[int, int]]) -> None:
        """A row; blank ones are left out. `anchors` are the covered cells and where their merged cell begins."""
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            self._line([number, cells, [[place, *anchor] for place, anchor in anchors.items() if place < len(cells)]])

    def failed(self, error: ListError) -> None:
        """The reason why nothing can be read, after whatever sheets were written."""
        said = {"cause": error.cause, "at": error.sheet, "line": error.line, "detail": error.detail}
        self._out.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")

    def _line(self, value: Any) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
        self._size += len(line)
        if self._size > self._limit:
            raise ListError("list_too_large", detail=str(self._limit))
        self._out.write(line)


@dataclass(frozen=True)
class SpooledSheet:
    """A sheet in a spool: its name, whether the workbook hides it, and where its rows are."""

    name: str
    hidden: bool
    start: int
    end: int


class Spool:
    """What was written, as sheets. Raises ListError where the writer said why it failed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sheets = self._index()

    def _index(self) -> list[SpooledSheet]:
        found: list[tuple[str, bool, int]] = []
        place = 0
        for line in self._lines(0, os.fstat(self._file.fileno()).st_size):
            if line.startswith(b"{"):
                said = json.loads(line)
                if "cause" in said:
                    raise ListError(said["cause"], said["line"], said["detail"], said["at"])
                found.append((said["sheet"], said["hidden"], place + len(line)))
            place += len(line)
        ends = [*(start for _, _, start in found[1:]), place]
        return [SpooledSheet(*sheet, end) for sheet, end in zip(found, ends, strict=False)]

    def rows(self, sheet: SpooledSheet) -> Iterator[GridRow]:
        """The rows of a sheet in order."""
        for line in self._lines(sheet.start, sheet.end):
            if line.startswith(b"["):
                number, cells, anchors = json.loads(line)
                yield GridRow(number, cells, {place: (top, left) for place, top, left in anchors})

    def _lines(self, start: int, end: int) -> Iterator[bytes]:
        """The lines between two places, read by place so that several readers do not disturb one another."""
        rest = b""
        while start < end:
            piece = os.pread(self._file.fileno(), min(_READ_AT_ONCE, end - start), start)
            if not piece:
                raise ListError("workbook_broken")
            start += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in lines)
        if rest:
            yield rest
