"""Whether a row is marked as a state secret: then it is refused whole, and only its number is kept (DCF-2, ZB-2, LYG-7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ckanext.govdata.catalogue.domain import STATE_SECRET_WORDS

from .columns import TIER_FIELDS, ColumnPlan, squeezed
from .tiers import Cells
from .vocabulary import folded, raw, words

_MARKED_FIELDS = ("secrecy", "grading", "open_exception", "sharing_tier")


def is_state_secret(cells: Cells, plan: ColumnPlan) -> bool:
    """Whether any column on secrecy, grading, exception or tier, or a data item, marks this row."""
    for name in (*_MARKED_FIELDS, *TIER_FIELDS):
        on_tier = name in TIER_FIELDS
        for column in plan.of(name):
            if any(_marks(column, value, asks=name == "secrecy", on_tier=on_tier) for value in _flat(cells, column)):
                return True
    items = (value for column in plan.of("data_items") for value in cells.get(column, ()))
    return any(_item_marks(item) for value in items for item in _items_in(value)) or _hinted(cells, plan)


def _hinted(cells: Cells, plan: ColumnPlan) -> bool:
    """Columns of unknown name: a whole cell that is a word for secrecy counts, and so does a name that asks for it."""
    for column in plan.hints:
        asks = any(stem in column for stem in raw("secrets")["stems"])
        if any(_marks(column, value, asks=asks, on_tier=False, whole=not asks) for value in _flat(cells, column)):
            return True
    return False


def _flat(cells: Cells, column: str) -> Iterator[Any]:
    for value in cells.get(column, ()):
        if isinstance(value, (list, tuple)):
            yield from (held for held in value if not isinstance(held, Mapping))
        else:
            yield value


def _marks(column: str, value: Any, *, asks: bool, on_tier: bool, whole: bool = False) -> bool:
    word = folded("是" if value is True else value)
    if "".join(word.split()) in STATE_SECRET_WORDS or (word in words("secrets", "words") and not whole):
        return True
    if asks and word in words("secrets", "yes"):
        return True
    return not whole and _has_stem(word) and not (on_tier and _treated(word))


def _has_stem(word: str) -> bool:
    for denial in raw("secrets")["denials"]:
        word = word.replace(denial, "")
    return any(stem in word for stem in raw("secrets")["stems"])


def _treated(word: str) -> bool:
    return any(mark in word for mark in raw("secrets")["treated"])


def _items_in(value: Any) -> Iterable[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def _item_marks(item: Mapping[str, Any]) -> bool:
    listed = raw("words")["item_fields"]
    marked = {squeezed(name) for key in ("secrecy", "tier") for name in listed[key]}
    tiers = {squeezed(name) for name in listed["tier"]}
    for column, value in item.items():
        name = squeezed(column)
        if name in marked and _marks(column, value, asks="密" in name or name == "secrecy", on_tier=name in tiers):
            return True
    return False
