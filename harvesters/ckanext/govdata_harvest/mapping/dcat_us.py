"""Datasets of a DCAT-US catalogue (`data.json`, 1.1 and 3) as rows: objects and lists in them become cells of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..readers import BadRow, Row

_MARKS = frozenset({"accessLevel", "accessRights"})
_SHAPES = frozenset({"distribution", "contactPoint", "publisher", "bureauCode", "programCode", "@type"})
# What restricts the use of data that is public otherwise; beside an opening word it holds the row.
_RESTRICTIONS = ("accessRestriction", "useRestriction", "cuiRestriction")


def unfolded(rows: Iterator[Row | BadRow]) -> Iterator[Row | BadRow]:
    """The rows; one that is a dataset of DCAT-US with its publisher, contact and distributions as plain cells."""
    for row in rows:
        yield _unfolded(row) if isinstance(row, Row) and _is_dataset(row) else row


def _is_dataset(row: Row) -> bool:
    names = {name for name, _ in row.cells}
    return bool(names & _SHAPES) and (bool(names & _MARKS) or {"distribution", "identifier"} <= names)


def _unfolded(row: Row) -> Row:
    cells = [
        (name, value) for name, value in row.cells if name not in ("publisher", "contactPoint", "spatial", "theme")
    ]
    held = dict(row.cells)
    cells += [("publisher", name) for name in _publisher(held.get("publisher"))]
    cells += [("contactEmail", mail) for mail in _mails(held.get("contactPoint"))]
    cells += [("formats", found)] if (found := _formats(held.get("distribution"))) else []
    cells += [("spatial", held["spatial"])] if isinstance(held.get("spatial"), str) else []
    cells += [("keyword", held["theme"])] if isinstance(held.get("theme"), list) else []
    cells += [("openConditions", text) for name in _RESTRICTIONS for text in _texts(held.get(name))]
    return replace(row, cells=tuple(cells))


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [held for held in (value if isinstance(value, list) else [value]) if isinstance(held, Mapping)]


def _publisher(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(held["name"]) for held in _objects(value)[:1] if isinstance(held.get("name"), str)]


def _mails(value: Any) -> list[str]:
    found = (held.get("hasEmail") for held in _objects(value))
    return [mail.removeprefix("mailto:") for mail in found if isinstance(mail, str)][:1]


def _formats(value: Any) -> list[str]:
    """The format of each distribution, or its media type, each word once."""
    words = (held.get("format") or held.get("mediaType") for held in _objects(value))
    return list(dict.fromkeys(word.strip() for word in words if isinstance(word, str) and word.strip()))


def _texts(value: Any) -> list[str]:
    """What a restriction says; one that is an object says it somewhere in it."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for held in value for text in _texts(held)]
    return [text for held in value.values() for text in _texts(held)] if isinstance(value, Mapping) else []
