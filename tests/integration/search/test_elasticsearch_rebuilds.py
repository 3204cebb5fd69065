"""Rebuilds on a cluster that several processes share: one at a time, whatever is written meanwhile."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from elasticsearch import Elasticsearch

from ckanext.govdata_search import config, log
from ckanext.govdata_search.engines import make_engine
from ckanext.govdata_search.errors import EngineBusy, RebuildRunning
from ckanext.govdata_search.projection import Projection

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "elasticsearch"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def alias(
    elasticsearch: str, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, searching: None
) -> Iterator[str]:
    alias = f"rebuilds-{secrets.token_hex(4)}"
    monkeypatch.setitem(ckan_config, "govdata.search.elasticsearch.url", elasticsearch)
    monkeypatch.setitem(ckan_config, "govdata.search.elasticsearch.index", alias)
    yield alias
    model.Session.rollback()
    with Elasticsearch(elasticsearch) as client:
        made = indexes(client, alias)
        if made:
            client.indices.delete(index=made)


def indexes(client: Elasticsearch, alias: str) -> list[str]:
    return list(client.indices.get(index=f"{alias}*"))


def another_process() -> Projection:
    """All that processes share is the cluster and the database."""
    return Projection(make_engine(config.settings()))


class Halted:
    """A rebuild that stands still in the midst of its documents for as long as the block lasts."""

    def __init__(self) -> None:
        self._projection = another_process()
        self._begun, self._go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failed: Exception | None = None

    def _run(self) -> None:
        try:
            self._projection.rebuild(self._halt)
        except Exception as error:  # noqa: BLE001
            self.failed = error

    def _halt(self, _done: int, _all: int) -> None:
        self._begun.set()
        assert self._go_on.wait(60)

    def __enter__(self) -> Halted:
        self._thread.start()
        assert self._begun.wait(60)
        return self

    def __exit__(self, *_about: object) -> None:
        self._go_on.set()
        self._thread.join()


def titles() -> list[str]:
    return sorted(one["title"] for one in call_action("package_search")["results"])


def test_a_second_rebuild_is_refused_and_the_first_one_ends_well(alias: str, elasticsearch: str) -> None:
    factories.Dataset(title="公共交通")
    with Halted() as first, pytest.raises(RebuildRunning, match="Another rebuild of the search index is running"):
        another_process().rebuild()
    assert first.failed is None
    assert titles() == ["公共交通"]
    another_process().rebuild()
    with Elasticsearch(elasticsearch) as client:
        assert len(indexes(client, alias)) == 1


def test_a_write_without_an_index_leaves_the_rebuild_alone_and_is_in_it(alias: str, elasticsearch: str) -> None:
    made = factories.Dataset(title="之前")
    with Elasticsearch(elasticsearch) as client:
        client.indices.delete(index=indexes(client, alias))
        with Halted() as rebuild:
            call_action("package_patch", id=made["id"], title="改过")
            assert len(indexes(client, alias)) == 1, "the write builds no index of its own"
        assert rebuild.failed is None
        assert titles() == ["改过"]
        assert len(indexes(client, alias)) == 1


def test_whoever_is_killed_in_a_rebuild_keeps_nobody_out(alias: str) -> None:
    database = log.database()
    assert database is not None
    with log.rebuilding():
        with pytest.raises(RebuildRunning), log.rebuilding():
            pass
        with database.begin() as connection:
            # Other databases of the server are those of tests beside this one.
            ours = "(SELECT oid FROM pg_database WHERE datname = current_database())"
            holders = sa.text(
                f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = {ours}"
            )
            assert connection.execute(holders).scalars().all() == [True]
        another_process().rebuild()


def test_who_does_not_want_to_wait_for_a_turn_does_not(alias: str) -> None:
    """0 seconds are no limit to PostgreSQL."""
    database = log.database()
    assert database is not None
    with database.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(log._TURN)))
        began = time.monotonic()
        with pytest.raises(EngineBusy), log.turn(0):
            pass
        assert time.monotonic() - began < 1
        with pytest.raises(EngineBusy, match="locked by another process for 1 s"), log.turn(1):
            pass
    with log.turn(0):
        pass
