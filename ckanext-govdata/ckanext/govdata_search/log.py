"""Writing to and reading on in the table of documents; the order of its numbers is the order of commits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import psycopg2
import sqlalchemy as sa
from ckan import model
from psycopg2.extensions import BYTES, register_type
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from .document import Document, from_text, to_text
from .engines.base import Change, Feed, Position
from .errors import EngineBusy, EngineFailure, RebuildRunning, WriteHeldUp
from .model import NUMBERS, SEQUENCE, TABLE, SearchDocument

log = logging.getLogger(__name__)

UPGRADE = "ckan db upgrade -p govdata_search"
# Any constant that no other user of advisory locks in this database takes.
_NUMBERING = 0x676F765F73656172
_TURN = 0x676F765F7475726E
_REBUILDING = 0x676F765F72656275
_BATCH = 500

_WHICH = sa.text(
    f"""SELECT to_regclass('{TABLE}')::oid, to_regclass('{SEQUENCE}')::oid,
    (SELECT oid FROM pg_database WHERE datname = current_database())"""  # noqa: S608
)
_LAST = sa.text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {SEQUENCE}")  # noqa: S608
_COUNT_BETWEEN = sa.text(f"SELECT count(*) FROM {TABLE} WHERE number > :before AND number <= :until")  # noqa: S608
_TELL_EACH = 100
_COUNT_WAITING = sa.text(f"SELECT count(*) FROM {TABLE} WHERE number IS NULL")  # noqa: S608
_MANY = 1000
# A subquery, which a plan may go through once for each row, would give numbers anew each time, in another order.
_GIVE_NUMBERS = sa.text(
    f"""WITH n AS (SELECT w.id, nextval('{SEQUENCE}') AS number FROM
    (SELECT id FROM {TABLE} WHERE number IS NULL ORDER BY id) AS w)
    UPDATE {TABLE} AS d SET number = n.number FROM n WHERE d.id = n.id"""  # noqa: S608
)
_DROP_REPLACED = sa.text(
    f"""DELETE FROM {TABLE} AS old USING {TABLE} AS new
    WHERE new.number > :before AND old.index_id = new.index_id AND old.number < new.number"""  # noqa: S608
)
_DROP_CLEARED = sa.text(
    f"""DELETE FROM {TABLE} AS old USING {TABLE} AS new
    WHERE new.number > :before AND new.index_id IS NULL AND old.site_id = new.site_id AND old.number < new.number"""  # noqa: S608
)
_READ = f"""SELECT number, index_id, site_id, document FROM {TABLE}
    WHERE number > %(after)s AND number <= %(until)s ORDER BY number"""  # noqa: S608


@dataclass(frozen=True)
class Row:
    """What is to be written: a document, the deletion of a key (no document), or of a whole site (no key)."""

    key: str | None
    site: str
    document: Document | None


def database() -> Engine | None:
    """CKAN's database; None before CKAN has set it up."""
    return model.meta.engine


def identity(connection: Connection) -> str | None:
    """Which table this is, so that an index knows when it was replaced; None when there is none."""
    table, sequence, base = connection.execute(_WHICH).one()
    return f"{base}/{table}" if table and sequence else None


def table() -> str | None:
    """Which table CKAN's database has; None where there is none, or no database yet. Raises EngineFailure."""
    engine = database()
    if engine is None:
        return None
    with _reading(engine) as connection:
        return identity(connection)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise EngineFailure("reading its table", error) from error


def ensure_table(engine: Engine) -> None:
    """Make the table where the migration has not run yet, and say so.

    The migration finds it and leaves it; CKAN's own `db clean` and `db init` know nothing of extensions' tables.
    """
    with engine.connect() as connection:
        if identity(connection):
            return
    log.warning("The table %s was missing and has been made; run `%s` to bring it under migrations", TABLE, UPGRADE)
    try:
        with engine.begin() as connection:
            NUMBERS.create(connection, checkfirst=True)
            SearchDocument.__table__.create(connection, checkfirst=True)
    except SQLAlchemyError:
        # Another process may have been faster; if not, the error stands.
        with engine.connect() as connection:
            if not identity(connection):
                raise


def append(connection: Connection, rows: Sequence[Row], numbered: bool = False) -> None:
    """Write rows in the caller's transaction; they count once it commits.

    With `numbered` they get the next numbers at once; only who called `number_waiting` in this transaction may ask for that.
    """
    table = SearchDocument.__table__
    statement = sa.insert(table).values(number=NUMBERS.next_value()) if numbered else sa.insert(table)
    values = [
        {
            "index_id": row.key,
            "site_id": row.site,
            "document": None if row.document is None else to_text(row.document),
        }
        for row in rows
    ]
    for start in range(0, len(values), _BATCH):
        connection.execute(statement, values[start : start + _BATCH])


def number_waiting(connection: Connection) -> int:
    """Number the committed rows that wait, drop what they replace, and return the last number given so far.

    Until the caller's transaction ends nobody else gives numbers.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERING)))
    before = connection.execute(_LAST).scalar_one()
    waiting_now = connection.execute(_COUNT_WAITING).scalar_one()
    if waiting_now > _MANY:
        # A table that has just grown has no statistics yet, and the planner joins its thousands of rows one by one.
        connection.execute(sa.text("SET LOCAL enable_nestloop = off"))
    if waiting_now:
        connection.execute(_GIVE_NUMBERS)
        drop_replaced(connection, before)
    return connection.execute(_LAST).scalar_one()


def drop_replaced(connection: Connection, before: int) -> None:
    """Remove what rows with numbers above `before` replace; for who may give numbers."""
    connection.execute(_DROP_REPLACED, {"before": before})
    connection.execute(_DROP_CLEARED, {"before": before})


def feed(position: Position) -> Feed | None:
    """What stands behind the position; None when nothing does, or there is no table yet. Raises EngineFailure."""
    engine = database()
    if engine is None:
        return None
    try:
        with engine.begin() as connection:
            table = identity(connection)
            if table is None:
                return None
            last = number_waiting(connection)
    except SQLAlchemyError as error:
        raise EngineFailure("reading its table", error) from error
    from_start = position.table != table or position.number > last
    if not from_start and position.number == last:
        return None
    after = 0 if from_start else position.number
    return Feed(_changes(engine, after, last), Position(table, last), _count(after, last), from_start)


def followed(progress: Callable[[int, int], None]) -> Callable[[Position], Feed | None]:
    """A feed that tells how many rows were taken from it, and how many there are in all."""
    taken = 0

    def following(position: Position) -> Feed | None:
        found = feed(position)
        if found is None:
            return None
        before = 0 if found.from_start else position.number
        count = _count_between(before, found.until.number)
        return replace(found, changes=_counted(found.changes, count), count=count)

    def _counted(changes: Iterable[Change], more: int) -> Iterator[Change]:
        nonlocal taken
        total = taken + more
        for change in changes:
            yield change
            taken += 1
            if taken % _TELL_EACH == 0 or taken == total:
                progress(taken, total)

    return following


def _count(before: int, until: int) -> int:
    """How many rows there are; of few numbers so many at most, since not each write should ask for it."""
    most = until - before
    return most if most <= _MANY else _count_between(before, until)


def _count_between(before: int, until: int) -> int:
    engine = database()
    if engine is None:
        return 0
    with _reading(engine) as connection:
        return int(connection.execute(_COUNT_BETWEEN, {"before": before, "until": until}).scalar_one())


_in_turn = threading.Lock()


@contextmanager
def turn(seconds: float) -> Iterator[None]:
    """One at a time among all threads, processes and machines that use this database.

    Raises EngineBusy after `seconds`, with 0 at once.
    Who is killed in its turn loses it with its connection.
    """
    engine = database()
    if engine is None:
        yield
        return
    # The threads of a process wait here, so that they don't hold a connection each while they wait.
    if not _in_turn.acquire(timeout=seconds):
        raise WriteHeldUp(seconds)
    try:
        with engine.begin() as connection:
            _lock(connection, _TURN, seconds)
            yield
    finally:
        _in_turn.release()


@contextmanager
def rebuilding() -> Iterator[None]:
    """The one who builds a whole index, among all that use this database. Raises RebuildRunning at once where there is one.

    Who is killed meanwhile loses it with its connection. A connection lost after hours says nothing about what was built.
    """
    engine = database()
    if engine is None:
        yield
        return
    connection = engine.connect()
    try:
        try:
            _lock(connection, _REBUILDING, 0)
        except EngineBusy as error:
            raise RebuildRunning from error
        yield
    finally:
        with suppress(SQLAlchemyError):
            connection.close()


def _lock(connection: Connection, which: int, seconds: float) -> None:
    """Hold an advisory lock until the transaction ends. Raises EngineBusy after `seconds`.

    PostgreSQL takes a time limit of 0 for none, so who does not want to wait only tries.
    """
    if seconds <= 0:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(which))).scalar_one():
            raise WriteHeldUp(0)
        return
    try:
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {max(1, int(seconds * 1000))}"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(which)))
    except OperationalError as error:
        raise WriteHeldUp(seconds) from error


def _changes(engine: Engine, after: int, until: int) -> Iterator[Change]:
    """The rows in order, as they come. Documents stay bytes: whoever reads one wants it so, in whichever process."""
    try:
        with closing(engine.raw_connection()) as connection:
            # A role, or the environment, may have text come as GBK; it ends with the transaction.
            connection.cursor().execute("SET LOCAL client_encoding TO 'UTF8'")
            rows: Any = connection.cursor("govdata_search_rows")
            rows.itersize = _BATCH
            register_type(BYTES, rows)
            rows.execute(_READ, {"after": after, "until": until})
            for number, key, site, document in rows:
                yield Change(number, key and key.decode(), site.decode(), document)
    except (SQLAlchemyError, psycopg2.Error) as error:
        raise EngineFailure("reading its table", error) from error


def waiting(position: Position) -> int:
    """How many rows an engine at this position has not applied."""
    engine = database()
    if engine is None:
        return 0
    with _reading(engine) as connection:
        if identity(connection) is None:
            return 0
        counted = sa.text(f"SELECT count(*) FROM {TABLE} WHERE number IS NULL OR number > :after")  # noqa: S608
        return connection.execute(counted, {"after": position.number}).scalar_one()


def latest(parts: Sequence[Sequence[str]] = ()) -> Iterator[tuple[str, Document]]:
    """The latest documents with their keys, known without any index: those whose text has one of each group of parts."""
    engine = database()
    if engine is None:
        return
    given = {f"p{n}_{m}": part for n, group in enumerate(parts) for m, part in enumerate(group)}
    groups = (
        " OR ".join(f"position(:p{n}_{m} in document) > 0" for m in range(len(group)))
        for n, group in enumerate(parts)
        if group
    )
    having = "".join(f" AND ({group})" for group in groups)
    # The names in `having` are made here; what is looked for is bound.
    wanted = sa.text(
        f"""SELECT index_id, document FROM (SELECT DISTINCT ON (index_id) index_id, document FROM {TABLE}
        WHERE index_id IS NOT NULL ORDER BY index_id, id DESC) AS newest WHERE document IS NOT NULL{having}"""  # noqa: S608
    )
    with _reading(engine) as connection:
        if identity(connection) is not None:
            streaming = connection.execution_options(stream_results=True, yield_per=_BATCH)
            for key, document in streaming.execute(wanted, given):
                yield key, from_text(document)


def rows_of(documents: Iterable[Document], default_site: str) -> list[Row]:
    return [Row(document["index_id"], str(document.get("site_id") or default_site), document) for document in documents]
