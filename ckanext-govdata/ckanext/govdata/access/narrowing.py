"""A search of the DataStore held to the columns of a grant: what names another column is refused before it runs. Pure.

Guarantee: the order that comes out names each column that is read, and no other than the given ones. Whatever is not
understood is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

# The number of a row in its table: needed for paging, and says nothing of any value.
ROW_NUMBER = "_id"
_DIRECTION = re.compile(r"\s+(asc|desc)?(\s*nulls\s+(first|last))?\s*$", re.I)
# Parameters of datastore_search that name no column; all others are refused or looked into.
_HARMLESS = frozenset(
    {
        "resource_id",
        "id",
        "limit",
        "offset",
        "distinct",
        "plain",
        "language",
        "include_total",
        "records_format",
        "include_next_page",
        "total_estimation_threshold",
    }
)
_BOTH = ("$and", "$or")


class OtherColumn(ValueError):
    """The search names a column outside of the grant, or searches all of them at once; `field` is the parameter."""

    def __init__(self, field: str, word: str) -> None:
        self.field, self.word = field, word
        super().__init__(f"{field}: {word}")


def narrowed(order: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """A search with its columns written out, all of them granted; raises OtherColumn.

    `columns` are the granted ones in the table's order. A search for words in all columns (`q` as text, `full_text`) is
    refused, because the index of words covers all columns: words are searched by column.
    """
    allowed = {ROW_NUMBER, *columns}
    for name in order:
        if name not in _HARMLESS and name not in ("fields", "sort", "filters", "q", "full_text"):
            raise OtherColumn(name, name)
    found = dict(order)
    found["fields"] = _within("fields", _names(order.get("fields")), allowed) or [ROW_NUMBER, *columns]
    if order.get("sort"):
        clauses = _clauses(order["sort"])
        _within("sort", [_sorted_by(clause) for clause in clauses], allowed)
        found["sort"] = clauses
    _look_into_filters(_mapping("filters", order.get("filters")), allowed)
    _look_into_words(order, allowed)
    return found


def _within(field: str, names: list[str], allowed: set[str]) -> list[str]:
    for name in names:
        if name not in allowed:
            raise OtherColumn(field, name)
    return names


def _names(given: Any) -> list[str]:
    if not given:
        return []
    if isinstance(given, str):
        return [name.strip().strip('"') for name in given.split(",") if name.strip()]
    return [str(name) for name in given]


def _clauses(given: Any) -> list[str]:
    return [
        clause.strip() for clause in (given.split(",") if isinstance(given, str) else map(str, given)) if clause.strip()
    ]


def _sorted_by(clause: str) -> str:
    return _DIRECTION.sub("", clause + " ").strip().strip('"')


def _mapping(field: str, given: Any) -> Mapping[str, Any]:
    if isinstance(given, str) and given:
        try:
            given = json.loads(given)
        except ValueError as error:
            raise OtherColumn(field, given) from error
    if not given:
        return {}
    if not isinstance(given, Mapping):
        raise OtherColumn(field, str(given))
    return given


def _look_into_filters(filters: Mapping[str, Any], allowed: set[str]) -> None:
    for name, value in filters.items():
        if name in _BOTH:
            for part in value if isinstance(value, list) else [value]:
                _look_into_filters(_mapping("filters", part), allowed)
        elif name not in allowed:
            raise OtherColumn("filters", str(name))


def _look_into_words(order: Mapping[str, Any], allowed: set[str]) -> None:
    if order.get("full_text"):
        raise OtherColumn("full_text", str(order["full_text"]))
    q = order.get("q")
    if not q:
        return
    try:
        words = json.loads(q) if isinstance(q, str) else q
    except ValueError as error:
        raise OtherColumn("q", str(q)) from error
    if not isinstance(words, Mapping):
        raise OtherColumn("q", str(q))
    _within("q", [str(name) for name in words], allowed)
