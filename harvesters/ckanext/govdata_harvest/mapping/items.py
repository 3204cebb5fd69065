"""The data items (数据项) of a row: a list of names in one cell, or objects with columns of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from .columns import squeezed
from .text import clipped, one_line, values_in
from .tiers import Reading, read_cell
from .vocabulary import is_placeholder, raw

_MOST_ITEMS = 500
_LIMIT = 200
_STORED = ("title", "name", "type", "unit", "example")


@cache
def _item_fields() -> dict[str, str]:
    listed = raw("words")["item_fields"]
    found: dict[str, str] = {}
    for name, columns in listed.items():
        for column in columns:
            found.setdefault(squeezed(str(column)), name)
    return found


def items_of(values: Sequence[Any]) -> tuple[list[dict[str, str]], list[Reading]]:
    """The items as the catalogue stores them, and what they say on their own tiers."""
    items: list[dict[str, str]] = []
    readings: list[Reading] = []
    for value in values:
        if isinstance(value, list) and any(isinstance(held, Mapping) for held in value):
            for held in value:
                if isinstance(held, Mapping):
                    item, said = _item(held)
                    readings += said
                    items += [item] if item else []
        else:
            items += [
                {"title": clipped(one_line(word), _LIMIT)} for word in values_in(value) if not is_placeholder(word)
            ]
    return items[:_MOST_ITEMS], readings


def _item(held: Mapping[str, Any]) -> tuple[dict[str, str], list[Reading]]:
    item: dict[str, str] = {}
    readings: list[Reading] = []
    for column, value in held.items():
        name = _item_fields().get(squeezed(column))
        if name == "tier":
            readings += read_cell(column, value)
        elif name in _STORED and not is_placeholder(value) and name not in item:
            item[name] = clipped(one_line(value), _LIMIT)
    tiers = {reading.tier for reading in readings if reading.tier}
    if len(tiers) == 1 and item:
        item["tier"] = next(iter(tiers)).value
    return item, readings
