"""Rows that have to be there."""

from __future__ import annotations

from typing import TypeVar

from ckan import model

_Kind = TypeVar("_Kind")


def the(kind: type[_Kind], row_id: str | None) -> _Kind:
    """The row of this id. Raises LookupError: nothing deletes such rows, so a missing one is a mistake of ours."""
    found = model.Session.get(kind, row_id)
    if found is None:
        raise LookupError(f"{kind.__name__} {row_id}")
    return found
