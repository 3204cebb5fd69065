"""Where entries come in: one insert, committed before anything that it records takes effect.

Guarantee: when `record` returns, the entry is on disk (or, with a session, will be exactly when the caller's transaction is);
when it raises IntakeUnavailable, conditional data must not be handed out. No lock is held, and nothing of the log is read.
"""

from __future__ import annotations

import datetime
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg2
import psycopg2.errors
from flask import g, has_request_context

from .. import config
from . import portal
from .entry import Entry, opened
from .errors import IntakeUnavailable
from .gaps import count_gap
from .reading import run_in

_INSERT = "INSERT INTO govdata_ledger.intake (id, entry) VALUES (%s, %s) ON CONFLICT (id) DO NOTHING"
_KEEP = "INSERT INTO govdata_ledger.personal (entry_id, opened, kept_until) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
# Both statements travel together and commit together: one implicit transaction, one round trip.
_INSERT_WITH_PERSON = f"{_KEEP}; {_INSERT}"
# What a connection of the intake's own is told once. Parsing and planning cost half of an insert, so each is prepared; and
# whatever the server's settings say, an entry is on disk when its insert is through.
_READY = """
DEALLOCATE ALL;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
PREPARE govdata_entry (uuid, bytea) AS
    INSERT INTO govdata_ledger.intake (id, entry) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING;
PREPARE govdata_entry_with_person (uuid, bytea, jsonb, timestamptz) AS
    WITH person AS (
        INSERT INTO govdata_ledger.personal (entry_id, opened, kept_until) VALUES ($1, $3, $4) ON CONFLICT DO NOTHING
    )
    INSERT INTO govdata_ledger.intake (id, entry) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING
"""
_EXECUTE = "EXECUTE govdata_entry (%s, %s)"
_EXECUTE_WITH_PERSON = "EXECUTE govdata_entry_with_person (%s, %s, %s, %s)"
_OPTIONS = "-c statement_timeout=3000 -c lock_timeout=1000 -c application_name=govdata_ledger_intake"
_RETENTION = datetime.timedelta(days=183)


class Intake:
    """The intake of one database. Each thread keeps a connection of its own; a forked process opens new ones."""

    def __init__(self, url: str, retention: datetime.timedelta = _RETENTION) -> None:
        self._url = url
        self._retention = retention
        self._local = threading.local()

    def record(self, entry: Entry, session: Any = None, kept_until: datetime.datetime | None = None) -> uuid.UUID:
        """Write the entry down; returns its id.

        Without a session in a transaction of its own, with one in the caller's: then the entry is there exactly if the
        change that it records is. `kept_until` is the end of the term of its personal values, half a year from now unless
        given. Writing the same entry again adds nothing.

        Raises IntakeUnavailable when the database does not take it within 3 s.
        """
        identity, person = str(entry.id), self._person(entry, kept_until)
        try:
            if session is None:
                self._write((identity, entry.canonical, *person))
            elif person:
                run_in(session)(_INSERT_WITH_PERSON, (identity, *person, identity, entry.canonical))
            else:
                run_in(session)(_INSERT, (identity, entry.canonical))
        except Exception as error:
            raise _unavailable(error) from error
        return entry.id

    def record_all(self, entries: Sequence[Entry], session: Any) -> None:
        """Write entries into the caller's transaction, by one statement, and by another what they keep apart.

        Raises IntakeUnavailable, as `record` does.
        """
        kept = [(str(entry.id), *self._person(entry, None)) for entry in entries if entry.personal]
        try:
            if kept:
                run_in(session)(
                    _KEEP.replace("(%s, %s, %s)", _rows(3, len(kept))), [value for row in kept for value in row]
                )
            values = [value for entry in entries for value in (str(entry.id), entry.canonical)]
            run_in(session)(_INSERT.replace("(%s, %s)", _rows(2, len(entries))), values)
        except Exception as error:
            raise _unavailable(error) from error

    def _person(self, entry: Entry, kept_until: datetime.datetime | None) -> tuple[Any, ...]:
        """What is kept apart of an entry, and until when; empty where nothing is."""
        if not entry.personal:
            return ()
        until = kept_until or datetime.datetime.now(datetime.timezone.utc) + self._retention
        return opened(entry.personal), until

    def _write(self, values: tuple[Any, ...]) -> None:
        """Once more on a new connection when the kept one turns out dead; the entry's id keeps it from being there twice."""
        connection, kept = self._connection()
        try:
            _execute(connection, values)
        except psycopg2.errors.InvalidSqlStatementName:
            # Something between here and the database, such as a pool of connections, has forgotten what was prepared.
            _make_ready(connection)
            _execute(connection, values)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            if not kept or not connection.closed:
                raise
            _execute(self._connection()[0], values)

    def _connection(self) -> tuple[Any, bool]:
        found = getattr(self._local, "connection", None)
        if found is not None and self._local.process == os.getpid() and not found.closed:
            return found, True
        found = psycopg2.connect(self._url, connect_timeout=3, options=_OPTIONS)
        found.autocommit = True
        try:
            _make_ready(found)
        except BaseException:
            found.close()
            raise
        self._local.connection, self._local.process = found, os.getpid()
        return found, False


def _rows(width: int, number: int) -> str:
    """Places for the values of so many rows."""
    return ", ".join([f"({', '.join(['%s'] * width)})"] * number)


def _unavailable(error: Exception) -> IntakeUnavailable:
    return IntakeUnavailable(
        f"The ledger does not take entries: {str(error).strip()}. Conditional data is not handed out meanwhile;"
        " see that the database runs and that ckan govdata ledger status is in order."
    )


def _make_ready(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_READY)


def _execute(connection: Any, values: tuple[Any, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_EXECUTE if len(values) == 2 else _EXECUTE_WITH_PERSON, values)


@cache
def _intake(url: str, retention: datetime.timedelta) -> Intake:
    return Intake(url, retention)


def running() -> Intake:
    """The intake of the running portal's database."""
    return _intake(portal.portal_url(), config.ledger_retention())


def record(entry: Entry, session: Any = None, kept_until: datetime.datetime | None = None) -> uuid.UUID:
    """Write an entry into the running portal's ledger (LYG-21), before bytes leave or within the change that it records.

    See `Intake.record`. Raises IntakeUnavailable: then no conditional data leaves.
    """
    with _noticed():
        return running().record(entry, session, kept_until)


def record_all(entries: Sequence[Entry], session: Any) -> None:
    """Write entries within the change that they record. See `Intake.record_all`."""
    with _noticed():
        running().record_all(entries, session)


@contextmanager
def _noticed() -> Iterator[None]:
    """Leaves a mark in the request whose entry was not taken: CKAN's API swallows the error and its cause."""
    try:
        yield
    except IntakeUnavailable:
        if has_request_context():
            g.govdata_ledger_refused = True
        raise


def refused_in_request() -> bool:
    """Whether an entry of the present request was not taken."""
    return bool(g.get("govdata_ledger_refused"))


def record_or_count(entry: Entry) -> bool:
    """For unconditional data, which goes on without the ledger: True when written, False when counted as a gap.

    The sequencer turns counted gaps into an entry of their own as soon as the database takes entries again.
    """
    try:
        running().record(entry)
    except IntakeUnavailable:
        count_gap(portal.folder().path, entry)
        return False
    return True
