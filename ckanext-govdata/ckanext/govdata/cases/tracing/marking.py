"""A delivery's file with its marks: rows in the holder's order, quotes by the holder's bits, never another fact. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .content import content_digest
from .streams import DIGITS, FORMAT, bits, row_order
from .tables import Table, read_table, write_lines, write_records


@dataclass(frozen=True)
class Marked:
    """The file as it leaves: its bytes, their SHA-256, and the digest of the content that no order changes."""

    content: bytes
    sha256: str
    content_sha256: str


def mark(content: bytes, key: bytes, tolerances: Mapping[str, Decimal] | None = None) -> Marked:
    """Mark a file for one holder.

    `tolerances` names the columns in which the agency lets the last digit be moved by one, and by how much at most; none
    unless given, and then every value is the source's to the letter. The same file and key give the same bytes. Raises
    NotRewritable.
    """
    table = read_table(content)
    cells = _with_digits(table, key, tolerances or {})
    order = row_order(key, len(table.rows))
    quotes = bits(key, FORMAT, len(table.rows))
    whole = write_records(table, order) if table.raw else write_lines(table, order, quotes, cells)
    return Marked(whole, hashlib.sha256(whole).hexdigest(), content_digest(table.heading, cells))


def _with_digits(
    table: Table, key: bytes, tolerances: Mapping[str, Decimal]
) -> tuple[tuple[str, ...], ...] | list[tuple[str, ...]]:
    places = {place: tolerances[name] for place, name in enumerate(table.heading) if name in tolerances}
    if not places or table.raw:
        return table.rows
    rows = [list(row) for row in table.rows]
    for place, tolerance in places.items():
        drawn = bits(key, DIGITS + table.heading[place], len(rows))
        for row, bit in zip(rows, drawn, strict=True):
            row[place] = with_last_bit(row[place], bit, tolerance)
    return [tuple(row) for row in rows]


def with_last_bit(text: str, bit: int, tolerance: Decimal) -> str:
    """A number whose last digit is odd or even as the bit says; what is no plain number, or too coarse, stays."""
    unit = unit_of(text)
    if unit is None or unit > tolerance or last_bit(text) == bit:
        return text
    value = Decimal(text)
    # Upwards at even tens, so that the value keeps its number of digits and the mean of a column hardly moves.
    moved = value + unit if int(text[-1]) < 5 else value - unit
    return f"{moved:f}"


def unit_of(text: str) -> Decimal | None:
    """The worth of a plain number's last digit; None for anything else."""
    if not text or not text[-1].isdigit() or not text.isascii():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if f"{value:f}" != text:
        return None  # leading zeros and exponents: a code, or a spelling that would not come back
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent <= 0 else None


def last_bit(text: str) -> int:
    """Whether a number's last digit is odd."""
    return int(text[-1]) & 1
