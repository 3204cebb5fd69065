"""Compares CKAN's datasets with the index, both ways, and mends what differs."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from ckan.plugins import toolkit as tk

from . import from_tables, in_order, log
from .interpret import Manner, read_filter
from .model import TABLE
from .projection import projection

# The document is kept as text; its dates are written as CKAN writes them, and CKAN compares as many characters of them.
_MODIFIED = '"metadata_modified": "([^"]*)"'
_STALE = sa.text(
    f"""SELECT p.id FROM package AS p JOIN {TABLE} AS d ON d.index_id = md5(p.id || :site)
    WHERE d.document IS NOT NULL AND p.metadata_modified IS NOT NULL AND left(substring(d.document from :pattern), 22)
    <> left(to_char(p.metadata_modified, 'YYYY-MM-DD"T"HH24:MI:SS.US'), 22)"""  # noqa: S608
)


@dataclass(frozen=True)
class Differences:
    """Datasets by id that the index lacks or has an old state of, and keys of documents that belong to no dataset."""

    missing: frozenset[str]
    stale: frozenset[str]
    surplus: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.surplus)


def differences() -> Differences:
    """What differs once the index has everything that waited for it. Raises SearchEngineError.

    What is written while both are read differs for a moment: only what differs when looked at again does.
    """
    found = _differences()
    if not found:
        return found
    again, behind = _differences(), found.missing | found.stale
    return Differences(again.missing & behind, again.stale & behind, again.surplus & found.surplus)


def _differences() -> Differences:
    projection().catch_up()
    site = str(tk.config.get("ckan.site_id"))
    held = {from_tables.key_of(id_): id_ for id_ in from_tables.dataset_ids()}
    indexed = set(projection().keys(read_filter(f'+site_id:"{site}" +entity_type:package', Manner())))
    missing = frozenset(id_ for key, id_ in held.items() if key not in indexed)
    stale = frozenset(id_ for id_ in _stale(site) if id_ not in missing and from_tables.key_of(id_) in held)
    return Differences(missing, stale, frozenset(indexed - held.keys()))


def _stale(site: str) -> list[str]:
    database = log.database()
    if database is None:
        return []
    log.ensure_table(database)
    with database.connect() as connection:
        return list(connection.execute(_STALE, {"site": site, "pattern": _MODIFIED}).scalars())


def mend(found: Differences) -> dict[str, str]:
    """Make what is missing or old anew and remove what is too much; returns the datasets that cannot be made, and why."""
    failed: dict[str, str] = {}
    ids = sorted(found.missing | found.stale)
    for start in range(0, len(ids), from_tables.BATCH):
        failed |= from_tables.make_batch(ids[start : start + from_tables.BATCH])[1]
    database = log.database()
    if database is not None:
        in_order.remove_gone(database, sorted(found.surplus))
    projection().catch_up()
    return failed


def names_of(keys: frozenset[str]) -> list[str]:
    """The ids of documents by their keys, where the table still knows them; else the keys."""
    known = {key: str(document.get("id") or key) for key, document in log.latest() if key in keys} if keys else {}
    return sorted(known.get(key, key) for key in keys)
