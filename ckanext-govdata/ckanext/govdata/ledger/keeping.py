"""What is done to the ledger itself stands in the ledger: entries that its own keepers write, on their own connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .entry import Entry, compose
from .reading import run_on


def keep(connection: Any, entry: Entry) -> None:
    """Write an entry on a psycopg2 connection and commit. Written again, it is there once."""
    with connection:
        statement = "INSERT INTO govdata_ledger.intake (id, entry) VALUES (%s, %s) ON CONFLICT (id) DO NOTHING"
        run_on(connection)(statement, (str(entry.id), entry.canonical))


def note_keeping(connection: Any, action: str, fields: Mapping[str, Any] | None = None) -> None:
    """Record that somebody set up, backed up or restored the ledger; before its tables are made there is nothing to record."""
    with connection:
        there = run_on(connection)("SELECT to_regclass('govdata_ledger.intake')", ())[0][0]
    if there is not None:
        keep(connection, compose(action, fields=fields or {}))
