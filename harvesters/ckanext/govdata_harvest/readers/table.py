"""Text tables: the delimiter and the header row found by the column names that are known, then record after record."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence

from .errors import ListError
from .grid import MOST_COLUMNS, GridRow

DELIMITERS = (",", "\t", ";", "|", "，")
_HEAD_RECORDS = 20
_FIELD_LIMIT = 1 << 20
_LONGEST_LINE = 1 << 24

Knows = Callable[[Sequence[str]], int]


def lines_of(pieces: Iterable[str]) -> Iterator[str]:
    """The text by lines, line ends kept, as the csv module wants it."""
    rest = ""
    for piece in pieces:
        if len(rest) > _LONGEST_LINE:
            raise ListError("line_too_long")
        held = (rest + piece).splitlines(keepends=True)
        # A carriage return at the very end of a piece may be half of a line end.
        rest = held.pop() if held and not held[-1].endswith("\n") else ""
        yield from held
    if rest:
        yield rest


def delimiter_of(head: str, knows: Knows) -> str:
    """The delimiter under which the head of the text has the most known column names, commas in doubt."""
    lines = [line for line in head.splitlines() if line.strip()][:_HEAD_RECORDS]

    def score(delimiter: str) -> tuple[int, int]:
        records = list(csv.reader(lines, delimiter=delimiter))
        return max(knows(record) for record in records), max(len(record) for record in records)

    return max(DELIMITERS, key=score) if lines else ","


def records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered records (the first is 1, as a spreadsheet shows it); blank ones are counted and left out."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for number, record in enumerate(reader, 1):
            if len(record) > MOST_COLUMNS:
                raise ListError("too_many_cells", number)
            if any(cell.strip() for cell in record):
                yield number, record
    except csv.Error as error:
        raise ListError("table_broken", reader.line_num) from error


def grid(found: Iterable[tuple[int, list[str]]]) -> Iterator[GridRow]:
    """The records as rows of a sheet."""
    return (GridRow(number, record) for number, record in found)
