"""Which rows of the source a leaked file's rows are: by the columns that both have, rounded as the file is rounded. Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

_ROUNDINGS = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN)
_MOST_DIGITS = 18
Cell = str | Decimal


def plain(text: object) -> str:
    """A heading or text as it is compared: width, case and space make no difference."""
    return " ".join(unicodedata.normalize("NFKC", str(text)).split()).casefold()


def match(
    source: tuple[Sequence[str], Sequence[Sequence[str]]],
    leaked: tuple[Sequence[str], Sequence[Sequence[str]]],
    leave_out: Iterable[str] = (),
) -> list[int | None]:
    """For each leaked row the source's row; None where the source has none such, or several, or it came before.

    Both are given as heading and rows. Columns that `leave_out` names are not compared. Where hardly a row is found, columns
    whose values the source does not know are taken for tampered with and left out too.
    """
    columns = _shared(source[0], leaked[0], {plain(name) for name in leave_out})
    if not columns:
        return [None] * len(leaked[1])
    ours = [_column(source[1], place) for place, _ in columns]
    theirs = [_column(leaked[1], place) for _, place in columns]
    best = _best(ours, theirs)
    if len(columns) > 1 and _found(best) * 2 < len(best):
        known = [place for place in range(len(columns)) if _is_known(ours[place], theirs[place])]
        if known and len(known) < len(columns):
            other = _best([ours[place] for place in known], [theirs[place] for place in known])
            best = max(best, other, key=_found)
    return best


def _shared(ours: Sequence[str], theirs: Sequence[str], without: set[str]) -> list[tuple[int, int]]:
    places = {plain(name): place for place, name in enumerate(theirs)}
    words = [plain(name) for name in ours]
    return [(place, places[word]) for place, word in enumerate(words) if word in places and word not in without]


def _column(rows: Sequence[Sequence[str]], place: int) -> list[Cell]:
    return [_cell(row[place]) if place < len(row) else "" for row in rows]


def _cell(text: str) -> Cell:
    """A number as a number, so that 1.50 and 1.5 are one; all else as plain text."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return plain(text)
    return value.normalize() if value.is_finite() and abs(value.adjusted()) <= _MOST_DIGITS else plain(text)


def _best(ours: Sequence[list[Cell]], theirs: Sequence[list[Cell]]) -> list[int | None]:
    """The matching under whichever way of rounding finds most."""
    units = [_unit(mine, other) for mine, other in zip(ours, theirs, strict=True)]
    if not any(units):
        return _by_key(ours, theirs)
    tried = ([_rounded(mine, unit, how) for mine, unit in zip(ours, units, strict=True)] for how in _ROUNDINGS)
    return max((_by_key(mine, theirs) for mine in tried), key=_found)


def _unit(ours: list[Cell], theirs: list[Cell]) -> Decimal | None:
    """To what a leaked column is rounded; None where it is as fine as the source's."""
    mine, other = _finest(ours), _finest(theirs)
    return Decimal(1).scaleb(other) if mine is not None and other is not None and other > mine else None


def _finest(column: list[Cell]) -> int | None:
    return min((_exponent(cell) for cell in column if isinstance(cell, Decimal) and cell), default=None)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _rounded(column: list[Cell], unit: Decimal | None, how: str) -> list[Cell]:
    if unit is None:
        return column
    return [cell.quantize(unit, how).normalize() if isinstance(cell, Decimal) else cell for cell in column]


def _by_key(ours: Sequence[list[Cell]], theirs: Sequence[list[Cell]]) -> list[int | None]:
    keys = list(zip(*ours, strict=True))
    count = Counter(keys)
    places = {key: place for place, key in enumerate(keys) if count[key] == 1}
    seen: set[int] = set()
    found: list[int | None] = []
    for key in zip(*theirs, strict=True):
        place = places.get(key)
        found.append(None if place in seen else place)
        if place is not None:
            seen.add(place)
    return found


def _found(rows: Sequence[int | None]) -> int:
    return len(rows) - rows.count(None)


def _is_known(ours: list[Cell], theirs: list[Cell]) -> bool:
    unit = _unit(ours, theirs)
    known: set[Cell] = {cell for how in _ROUNDINGS for cell in _rounded(ours, unit, how)}
    hits: Callable[[Cell], bool] = known.__contains__
    return sum(map(hits, theirs)) * 2 >= len(theirs)
