"""Purges personal values whose term is over. The purge is an entry; commitments, hashes and proofs stay as they are."""

from __future__ import annotations

import datetime
from typing import Any

from .entry import compose
from .errors import LedgerError
from .reading import run_on

# An entry names each entry whose values it purged; so many ids fit into one.
AT_ONCE = 1000


def purge(connection: Any, now: datetime.datetime | None = None) -> int:
    """Delete the personal values whose term is over; returns of how many entries.

    `connection` is psycopg2's, of the keeper's role. Each batch is one transaction with the entry that names it: a kill
    leaves neither without the other. The database refuses a purge before the term, and one without its entry. `now` can
    only be earlier than the database's own time, for purging up to a day.
    """
    moment = now or datetime.datetime.now(datetime.timezone.utc)
    total = 0
    while done := _batch(connection, moment):
        total += done
    return total


def _batch(connection: Any, moment: datetime.datetime) -> int:
    with connection:
        run = run_on(connection)
        rows = run(
            "SELECT entry_id FROM govdata_ledger.personal WHERE kept_until <= least(%s, now()) ORDER BY kept_until, entry_id"
            " LIMIT %s",
            (moment, AT_ONCE),
        )
        ids = [str(row[0]) for row in rows]
        if not ids:
            return 0
        fields = {"govdata.purge.count": len(ids), "govdata.purge.entries": ids, "event.reason": "term_over"}
        entry = compose("ledger-purge", fields=fields)
        values = (str(entry.id), entry.canonical)
        run("INSERT INTO govdata_ledger.intake (id, entry) VALUES (%s, %s)", values)
        gone = run("DELETE FROM govdata_ledger.personal WHERE entry_id = ANY(%s::uuid[]) RETURNING entry_id", (ids,))
        if len(gone) != len(ids):
            raise LedgerError("Somebody else purges at this moment. Nothing was done here; try again.")
        return len(ids)
