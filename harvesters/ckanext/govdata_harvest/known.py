"""What the catalogue already holds of a list: one look at the imported entries, kept to what this list can name."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model

from .deciding import Decided
from .places import Place
from .planning import Known
from .shut import shut_for
from .survey import Survey, short


class KnownEntries:
    """The imported entries by their keys. Addresses hold across lists; codes and derived keys within one list alone."""

    def __init__(self, list_id: str, found: Survey, place: Place) -> None:
        self.list_id = list_id
        self._place = place
        self._entries: dict[str, Known] = {}
        self._listed: dict[str, Known] = {}
        self.secret: list[Known] = []
        self.held = 0
        # Whether an entry of this list is shut: then the list holds what leaked, and is kept no longer than it is read.
        self.has_shut = False
        shut = shut_for(list_id)
        for row in _imported():
            self._keep(_known(row, row.id in shut), found)

    def _keep(self, known: Known, found: Survey) -> None:
        here = known.list_id == self.list_id
        self.has_shut = self.has_shut or (here and known.is_shut)
        group = found.groups.get(short(known.key))
        if group is not None and (here or (known.key.startswith("url:") and known.key not in self._entries)):
            self._entries[known.key] = known
        if here and not known.is_withdrawn:
            self.held += 1
            if group is not None and group.secret:
                self.secret.append(known)
            elif group is None:
                self._listed[known.id] = known

    def find(self, candidates: Iterable[str]) -> Known | None:
        """The entry that one of these keys names; it has not left the list then."""
        known = next((self._entries[key] for key in candidates if key in self._entries), None)
        if known is not None:
            self._listed.pop(known.id, None)
        return known

    def is_of_another_agency(self, row: Decided, known: Known) -> bool:
        """Whether the entry belongs to another agency than the row."""
        return self._place.place(row.entry, row.agency)["owner_org"] != known.agency_id

    def missing(self) -> list[Known]:
        """The entries of this list that no row named; asked when all rows were looked for."""
        return list(self._listed.values())


def _known(row: sa.Row[tuple[str, ...]], is_shut: bool) -> Known:
    """An entry; what a hundred thousand of them have in common is held once."""
    return Known(
        id=row.id,
        list_id=sys.intern(row.list_id or ""),
        key=str(row.key),
        content=row.content or "",
        tier=sys.intern(row.tier or ""),
        tier_word=sys.intern(row.tier_word or ""),
        publication=sys.intern(row.publication or ""),
        causes=_causes(row.causes),
        agency_id=sys.intern(row.owner_org or ""),
        is_shut=is_shut,
    )


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
