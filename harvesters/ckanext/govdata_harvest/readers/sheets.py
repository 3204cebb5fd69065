"""Which sheets of a file hold entries, which describe their data items, and which are passed over; said for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .columns import ColumnNames
from .entry_rows import CLOSING_FIELDS
from .errors import ListError
from .grid import GridRow
from .item_sheet import ItemsByTitle
from .layout import Sheet, entries, look_at, refuse_without_table
from .row import BadRow, Row

Source = tuple[str, bool, Callable[[], Iterator[GridRow]]]
_SAYS_WHOSE_OR_HOW = frozenset({"agency", "open_tier", "open_conditions", "open_mode"})


@dataclass(frozen=True)
class _Found:
    """A sheet that is shown, with what it was found to be."""

    sheet: Sheet
    rows: Callable[[], Iterator[GridRow]]


def sheet_rows(sources: Sequence[Source], names: ColumnNames, *, alone: bool) -> Callable[[], Iterator[Row | BadRow]]:
    """The rows of all sheets that hold entries. Raises ListError where none does.

    Hidden sheets are not read: what an agency does not show in its list it does not publish by it.
    """
    hidden = [name for name, is_hidden, _ in sources if is_hidden]
    found = [
        _Found(look_at(name, rows(), names, alone=alone), rows) for name, is_hidden, rows in sources if not is_hidden
    ]
    lists, items, others = _sorted(found, names)
    if not lists:
        refuse_without_table([each.sheet for each in found])

    def read() -> Iterator[Row | BadRow]:
        yield from (BadRow(0, "sheet_hidden", name, counted=False) for name in hidden)
        yield from (BadRow(each.sheet.first, "sheet_passed", each.sheet.name, counted=False) for each in others)
        joined = ItemsByTitle(names)
        for each in items:
            joined.read(each.sheet, each.rows())
        for each in lists:
            yield from joined.joined(entries(each.sheet, each.rows(), names))
        yield from joined.left_over()

    return read


def _sorted(found: list[_Found], names: ColumnNames) -> tuple[list[_Found], list[_Found], list[_Found]]:
    """The sheets of entries, of items, and the others."""
    known = [each for each in found if each.sheet.kind != "none"]
    titled = [each for each in known if each.sheet.kind == "form" or _is_list(each.sheet, names)]
    plain = [each for each in titled if not each.sheet.has_items(names)]
    items = [each for each in known if each.sheet.has_items(names) and plain and each not in plain]
    lists = [each for each in titled if each not in items]
    if not lists and known:
        # No sheet says whose its entries are: those with a title and the most columns known.
        named = [each for each in known if "title" in each.sheet.fields(names)]
        lists = [max(named, key=lambda each: each.sheet.header.known)] if named else []
    others = [each for each in found if each not in lists and each not in items and each.sheet.first]
    _refuse_unread_words(others, lists, names)
    return lists, items, others


def _is_list(sheet: Sheet, names: ColumnNames) -> bool:
    fields = sheet.fields(names)
    return "title" in fields and bool(fields & _SAYS_WHOSE_OR_HOW)


def _refuse_unread_words(others: list[_Found], lists: list[_Found], names: ColumnNames) -> None:
    """A sheet of items that belongs to no entry, but speaks of tiers or secrecy, must not be passed over."""
    for each in others:
        if lists and each.sheet.has_items(names) and each.sheet.fields(names) & CLOSING_FIELDS:
            raise ListError("items_without_entry", each.sheet.first, sheet=each.sheet.name)
