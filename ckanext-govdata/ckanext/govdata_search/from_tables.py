"""Makes every document anew from CKAN's tables, in batches and several processes, into the table of documents.

CKAN's own code makes the documents, plugins and all; only its reading of tables and its sending to the index are done for
a whole batch at once. An interrupted run is gone on with: what it wrote is newer than the moment it began.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import logic, model
from ckan.common import config as ckan_config
from ckan.types import Context

from . import in_order, log
from .connection import collecting
from .dictize import Batch, Shared, reading
from .errors import EngineFailure, NoDocuments
from .model import TABLE
from .several import workers

logger = logging.getLogger(__name__)

BATCH = 100
_STARTED = "govdata_search.from_tables_since"
Progress = Callable[[int, int], None]
"""Is told how much is done, and how much there is in all."""


@dataclass(frozen=True)
class Outcome:
    """How many documents were made and deletions written, and which datasets CKAN could not make a document of, and why."""

    made: int
    removed: int
    failed: dict[str, str]


def make_all(processes: int, anew: bool, progress: Progress) -> Outcome:
    """Make the documents of all datasets and remove those of datasets that are gone. The index follows on catching up.

    With `anew`, what an interrupted run wrote is made again. Raises EngineFailure where there is no database.
    """
    database = _database()
    log.ensure_table(database)
    since = _begin(database, anew)
    ids = dataset_ids()
    done = _keys_since(database, since)
    waiting = [id_ for id_ in ids if key_of(id_) not in done]
    made, failed = 0, dict[str, str]()
    passed = len(ids) - len(waiting)
    progress(passed, len(ids))
    batches = list(_split(waiting, BATCH))
    with workers(min(processes, len(batches))) as working:
        for batch, (count, problems) in working.map(make_batch, batches):
            made += count
            failed |= problems
            passed += len(batch)
            progress(passed, len(ids))
    removed = in_order.remove_gone(database)
    model.delete_system_info(_STARTED)
    return Outcome(made, removed, failed)


def _begin(database: sa.Engine, anew: bool) -> str:
    """The moment that this run, or the interrupted one before it, began, by the clock of the database."""
    before = None if anew else model.get_system_info(_STARTED)
    if before:
        return before
    with database.connect() as connection:
        now = str(connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one())
    model.set_system_info(_STARTED, now)
    return now


def dataset_ids() -> list[str]:
    """As CKAN's own rebuild takes them."""
    query = model.Session.query(model.Package.id).order_by(model.Package.id)
    if ckan_config.get("ckan.search.remove_deleted_packages"):
        query = query.filter(model.Package.state != model.State.DELETED)
    ids = [row[0] for row in query]
    model.Session.rollback()
    return ids


def demand_documents() -> None:
    """Raises NoDocuments where the table has no document of this site, but CKAN has datasets: it was never filled, or emptied."""
    database = _database()
    log.ensure_table(database)
    held = sa.text(f"SELECT EXISTS(SELECT FROM {TABLE} WHERE site_id = :site AND document IS NOT NULL)")  # noqa: S608
    with database.connect() as connection:
        filled = connection.execute(held, {"site": str(ckan_config.get("ckan.site_id"))}).scalar_one()
    datasets = 0 if filled else len(dataset_ids())
    if datasets:
        raise NoDocuments(datasets)


def key_of(dataset_id: str) -> str:
    """The unique key that CKAN gives a dataset's document on this site."""
    text = f"{dataset_id}{ckan_config.get('ckan.site_id')}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _keys_since(database: sa.Engine, since: str) -> set[str]:
    query = sa.text(f"SELECT index_id FROM {TABLE} WHERE written_at >= :since AND document IS NOT NULL")  # noqa: S608
    with database.connect() as connection:
        return set(connection.execute(query, {"since": since}).scalars())


def _split(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


_shared = Shared()


def make_batch(ids: Sequence[str]) -> tuple[int, dict[str, str]]:
    """Make and write the documents of some datasets; returns how many, and the reasons of those that cannot be made.

    What others write of these datasets meanwhile stays as they wrote it.
    """
    database = _database()
    while True:
        since = in_order.newest(database)
        rows, failed = _documents(ids)
        if in_order.write(database, rows, since):
            return sum(row.document is not None for row in rows), failed


def _documents(ids: Sequence[str]) -> tuple[list[log.Row], dict[str, str]]:
    """The rows of some datasets as CKAN's tables have them now, not as the session remembers them."""
    failed: dict[str, str] = {}
    rows: list[log.Row] = []
    _forget()
    with collecting(rows):
        batch = Batch(ids, _shared)
        context: Context = {"ignore_auth": True}
        with reading(batch):
            for id_ in batch.packages:
                try:
                    logic.index_update_package(context, id_, defer_commit=True)
                except Exception as error:
                    # Whatever a plugin raises about one dataset must not keep the others out.
                    failed[id_] = repr(error)
                    logger.exception("No document of dataset %s", id_)
    _forget()
    return rows, _of_those_still_there(failed)


def _forget() -> None:
    model.Session.rollback()
    model.Session.expunge_all()


def _of_those_still_there(failed: dict[str, str]) -> dict[str, str]:
    """The failures of datasets that were not purged meanwhile."""
    if not failed:
        return failed
    there = {row[0] for row in model.Session.query(model.Package.id).filter(model.Package.id.in_(failed))}
    model.Session.rollback()
    return {id_: reason for id_, reason in failed.items() if id_ in there}


def _database() -> sa.Engine:
    database = log.database()
    if database is None:
        raise EngineFailure("making documents", "CKAN's database is not set up")
    return database
