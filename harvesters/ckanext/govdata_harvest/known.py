"""What the catalogue already holds of a list: one look at the imported entries, kept to what this list can name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from .survey import Survey, short


@dataclass(frozen=True)
class Known:
    """An entry that came by a list before: where it stands, and the digest of the row that it was made of."""

    id: str
    list_id: str
    content: str
    tier: str
    tier_word: str
    publication: str
    causes: tuple[str, ...]
    agency_id: str


class KnownEntries:
    """The imported entries by their keys. Addresses hold across lists; codes and derived keys within one list alone."""

    def __init__(self, list_id: str, found: Survey) -> None:
        self._list_id = list_id
        self._entries: dict[str, Known] = {}
        for row in _imported():
            key = str(row.key)
            here = row.list_id == list_id
            if short(key) in found.groups and (here or (key.startswith("url:") and key not in self._entries)):
                self._entries[key] = Known(
                    row.id,
                    row.list_id or "",
                    row.content or "",
                    row.tier or "",
                    row.tier_word or "",
                    row.publication or "",
                    _causes(row.causes),
                    row.owner_org or "",
                )

    def find(self, candidates: Iterable[str]) -> Known | None:
        """The entry that one of these keys names."""
        return next((self._entries[key] for key in candidates if key in self._entries), None)


def _imported() -> Iterable[sa.Row[tuple[str, ...]]]:
    package = model.package_table
    extras = package.c["extras"]

    def extra(name: str) -> sa.ColumnElement[str]:
        return extras[name].astext

    query = sa.select(
        package.c["id"],
        package.c["owner_org"],
        extra("list_key").label("key"),
        extra("list_id").label("list_id"),
        extra("list_hash").label("content"),
        extra("open_tier").label("tier"),
        extra("tier_word").label("tier_word"),
        extra("publication").label("publication"),
        extra("hold_causes").label("causes"),
    ).where(package.c["state"] == "active", extras.has_key("list_key"))
    return model.Session.execute(query.execution_options(yield_per=1000))


def _causes(stored: str | None) -> tuple[str, ...]:
    try:
        return tuple(str(cause) for cause in json.loads(stored)) if stored else ()
    except ValueError:
        return ()
