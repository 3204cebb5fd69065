"""The index kept in step with its table: who writes where, and when what was written can be found."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from . import config, log, lost, unavailable
from .document import Document
from .engines import make_engine
from .engines.base import Engine
from .engines.memory import select
from .errors import EngineBusy, EngineFailure, EngineUnavailable, IndexMissing, NoIndex, Refusing, SearchEngineError
from .fields import Kind, kind_of
from .later import Later
from .query import Combine, Query, Term
from .request import Answer, Request
from .several import workers

logger = logging.getLogger(__name__)

_PAUSE = 5.0
"""How long searches leave an index alone that could not be written, in seconds."""
_PENDING = "govdata_search_pending"
_HAS_WRITTEN = sa.text("SELECT txid_current_if_assigned() IS NOT NULL")


class Pending:
    """What a session has written and not committed yet."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.wanted = False
        """Whether the index has to follow as soon as the transaction commits."""
        self.at_savepoints: dict[Any, dict[str, Document]] = {}
        """The documents as they were at each savepoint that is open."""


class Projection:
    """One engine and the table behind it, for all threads of a process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._caught_up = False
        self._try_again = 0.0
        self._later = Later(self.catch_up)
        if engine.capabilities.remote:
            engine.turns = log.turn  # type: ignore[attr-defined]
            engine.rebuilds = log.rebuilding  # type: ignore[attr-defined]

    def write(self, rows: Sequence[log.Row], at_once: bool) -> None:
        """Keep rows safe, and with `at_once` make them findable before returning.

        Where the session is in the midst of changing something the rows belong to that transaction: they vanish with it,
        or are found as soon as it commits. Raises SearchEngineError.
        """
        if not rows:
            return
        database = log.database()
        if database is None:
            raise EngineFailure("writing", "CKAN's database is not set up")
        try:
            log.ensure_table(database)
            if _in_transaction():
                self._write_within(rows, at_once)
                return
            with database.begin() as connection:
                log.append(connection, rows)
        except SQLAlchemyError as error:
            raise EngineFailure("writing its table", error) from error
        if at_once:
            self.follow()

    def _write_within(self, rows: Sequence[log.Row], at_once: bool) -> None:
        log.append(model.Session.connection(), rows)
        pending = pending_of(model.Session(), make=True)
        for row in rows:
            if row.key and row.document:
                pending.documents[row.key] = row.document
            elif row.key:
                pending.documents.pop(row.key, None)
            else:
                pending.documents.clear()
        pending.wanted = pending.wanted or at_once

    def catch_up(self) -> None:
        """Apply all committed rows; on return every process finds them."""
        self._caught_up = False
        self.engine.catch_up(log.feed)
        self._caught_up = True

    def follow(self) -> None:
        """Catch up after a write. What cannot be sent, because the server is gone, is safe in the table and sent later."""
        try:
            self.catch_up()
        except EngineUnavailable as error:
            logger.warning("%s", error)
            self._later.start()

    def commit(self) -> None:
        """Solr's commit: what is committed is found now, what this session still holds as soon as it commits."""
        pending = pending_of(model.Session())
        if pending:
            pending.wanted = True
        self.follow()

    def search(self, request: Request) -> Answer:
        """What is found. Raises EngineFailure, of which a web request is told no more than that search is not to be had."""
        try:
            self._ready()
            return lost.answer(self.engine, request)
        except EngineFailure as error:
            unavailable.note()
            if isinstance(error, NoIndex):
                # Nobody's write may come for hours.
                self._later.start()
            elif not isinstance(error, EngineUnavailable):
                # Where the index lies, and what the server says, is for whoever runs the portal; visitors are only told 503.
                logger.error("%s", error)
            raise

    def _ready(self) -> None:
        """Catch up before the first search of a process (a crash may have left rows), or before each where needed."""
        if self._caught_up and self.engine.capabilities.shared:
            return
        if log.database() is None or time.monotonic() < self._try_again:
            return
        try:
            self.engine.catch_up_if_free(log.feed)
            self._caught_up = True
        except EngineBusy:
            # Whoever writes applies all rows that wait; what is there already can be searched.
            logger.debug("Searching while another process writes the index")
        except IndexMissing as error:
            # Where one of an older version still answers, it may do so until the new one is there.
            logger.warning("%s", error)
            self._try_again = time.monotonic() + _PAUSE
            self._later.start()
        except Refusing as error:
            logger.warning("%s", error)
            self._try_again = time.monotonic() + _PAUSE
            self._later.start()
        except EngineUnavailable:
            raise
        except EngineFailure as error:
            if not self.engine.capabilities.durable:
                raise
            # A full disk, say: what was indexed before can still be searched.
            logger.warning("Searching what is indexed so far: %s", error)
            self._try_again = time.monotonic() + _PAUSE

    def keys(self, query: Query) -> list[str]:
        """The keys of the documents that fit, those included that the session has not committed yet."""
        try:
            self.catch_up()
            found = dict.fromkeys(self.engine.keys(query))
        except (EngineUnavailable, IndexMissing):
            found = {key: None for key, document in log.latest(_needed(query)) if select({key: document}, query)}
        pending = pending_of(model.Session())
        if pending:
            found.update(dict.fromkeys(select(pending.documents, query)))
        return list(found)

    def rebuild(
        self, progress: Callable[[int, int], None] | None = None, processes: int = 1, anew: bool = False
    ) -> None:
        """Build the index anew beside the old one; `progress` gets how many documents are done and how many there are.

        With several processes those are forked from this one, which ends CKAN's session here. With `anew`, an index that
        an interrupted rebuild left is not gone on with.
        """
        with workers(processes) as working:
            self.engine.rebuild(log.followed(progress) if progress else log.feed, working, anew)

    def status(self) -> dict[str, Any]:
        position = lost.position(self.engine)
        return {**self.engine.status(), "number": position.number, "waiting": log.waiting(position)}


def _needed(query: Query) -> list[list[str]]:
    """Texts of which a document's JSON must have one of each list, as far as that can be told; the rest is for `select`."""
    if isinstance(query, Term):
        return [[json.dumps(query.token, ensure_ascii=False)]] if kind_of(query.field) is Kind.STRING else []
    if not isinstance(query, Combine):
        return []
    needed = [group for part in query.must for group in _needed(part)]
    choices = [_needed(part) for part in query.should] if query.minimum else []
    if choices and all(len(choice) == 1 for choice in choices):
        needed.append(list(dict.fromkeys(text for choice in choices for text in choice[0])))
    return needed


def pending_of(session: Any, make: bool = False) -> Any:
    if make:
        return session.info.setdefault(_PENDING, Pending())
    return session.info.get(_PENDING)


def _in_transaction() -> bool:
    """Whether CKAN's session holds changes that are not committed: then search rows belong to the same transaction."""
    session = model.Session()
    if not session.in_transaction() or not session.is_active:
        return False
    if session.new or session.dirty or session.deleted or pending_of(session):
        return True
    return bool(session.connection().execute(_HAS_WRITTEN).scalar())


def _after_commit(session: Any) -> None:
    """The rows are safe now; a failing index must not turn a successful change into an error, it catches up later."""
    if session.in_nested_transaction():
        return
    pending = session.info.pop(_PENDING, None)
    if not pending or not pending.wanted:
        return
    try:
        projection().follow()
    except EngineBusy as error:
        logger.warning("The change is saved but not yet searchable: %s", error)
    except SearchEngineError:
        logger.exception(
            "The change is saved but not yet searchable. Put right what is said below; the next write then tries again. "
            "If it fails again, run `ckan govdata-search rebuild`"
        )


def _after_begin(session: Any, transaction: Any) -> None:
    pending = pending_of(session)
    if pending and transaction.nested:
        pending.at_savepoints[transaction] = dict(pending.documents)


def _after_rollback(session: Any) -> None:
    """Of a savepoint: what was written since is gone with its rows. What was written before still waits for the commit."""
    pending, savepoint = pending_of(session), session.get_nested_transaction()
    if pending and savepoint:
        pending.documents = pending.at_savepoints.get(savepoint, {})


def _after_end(session: Any, transaction: Any) -> None:
    """However the outermost transaction ended, by commit, rollback or closing: nothing is pending any more."""
    pending = pending_of(session)
    if pending and transaction.nested:
        pending.at_savepoints.pop(transaction, None)
    elif transaction.parent is None:
        session.info.pop(_PENDING, None)


_LISTENERS = {
    "after_transaction_create": _after_begin,
    "after_commit": _after_commit,
    "after_rollback": _after_rollback,
    "after_transaction_end": _after_end,
}


def listen() -> None:
    """Follow CKAN's session; safe to call more than once."""
    for name, listener in _LISTENERS.items():
        if not event.contains(model.Session.session_factory, name, listener):
            event.listen(model.Session.session_factory, name, listener)


_projections: dict[config.Settings, Projection] = {}
_lock = threading.Lock()


def projection() -> Projection:
    """The projection of the running settings, one per process."""
    settings = config.settings()
    with _lock:
        if settings not in _projections:
            _projections[settings] = Projection(make_engine(settings))
        return _projections[settings]


def _after_fork() -> None:
    """A child must not share open indexes or a held lock with its parent."""
    global _lock
    _lock = threading.Lock()
    _projections.clear()


os.register_at_fork(after_in_child=_after_fork)
