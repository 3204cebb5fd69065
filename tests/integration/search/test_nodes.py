"""Three nodes of Elasticsearch under load: one is killed and nobody notices; all are killed and nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.engines.elasticsearch import ElasticsearchEngine
from ckanext.govdata_search.engines.elasticsearch_client import _PAUSE
from ckanext.govdata_search.errors import EngineUnavailable
from ckanext.govdata_search.request import read_request

from ...contract.search.city import document
from ...contract.search.standard import Table
from ...servers.elasticsearch import Node, Unavailable, start_nodes

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture
def nodes() -> Iterator[list[Node]]:
    try:
        started = start_nodes(3)
    except Unavailable as reason:
        pytest.skip(f"no Elasticsearch: {reason}")
    yield started
    for node in started:
        node.remove()


def engine_on(nodes: list[Node], **settings: Any) -> ElasticsearchEngine:
    chosen = {"index": "cluster", "timeout": 30, "replicas": "0-1", **settings}
    cluster = ElasticsearchSettings(urls=tuple(node.url for node in nodes), **chosen)
    return ElasticsearchEngine(Settings("elasticsearch", Path(), 60, cluster))


class Load:
    """Readers and a writer, each with an engine of its own, that go on until they are told to stop."""

    def __init__(self, nodes: list[Node], table: Table, readers: int) -> None:
        self.table = table
        self.reads = 0
        self.failed_reads: list[str] = []
        self.acknowledged = 0
        self.longest_write = 0.0
        self.failed_writes = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(engine_on(nodes),)) for _ in range(readers)]
        self._threads.append(threading.Thread(target=self._write, args=(engine_on(nodes),)))
        for thread in self._threads:
            thread.start()

    def __str__(self) -> str:
        reads = f"{self.reads} reads, {len(self.failed_reads)} failed"
        writes = f"{self.acknowledged} writes, the longest {self.longest_write:.1f} s, {self.failed_writes} tries again"
        return f"{reads}; {writes}"

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, engine: ElasticsearchEngine) -> None:
        while not self._stop.is_set():
            self.reads += 1
            try:
                assert engine.search(read_request("*:*", {"rows": 5})).count >= 50
            except EngineUnavailable as error:
                self.failed_reads.append(str(error))

    def _write(self, engine: ElasticsearchEngine) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self.table.put(document(f"written-{number}", "运行中写入"))
            began = time.monotonic()
            while not self._caught_up(engine):
                time.sleep(0.2)
            self.longest_write = max(self.longest_write, time.monotonic() - began)
            self.acknowledged = number
            time.sleep(0.02)

    def _caught_up(self, engine: ElasticsearchEngine) -> bool:
        """As in the portal: what cannot be sent stays in the table and is tried again."""
        done = caught_up(engine, self.table)
        self.failed_writes += not done
        return done


def leader(nodes: list[Node]) -> Node:
    with Elasticsearch([node.url for node in nodes]) as client:
        name = str(client.cat.master(h="node")).strip()
    return next(node for node in nodes if name == f"node-{node.port}")


def written(engine: ElasticsearchEngine) -> set[str]:
    answer = engine.search(read_request("name:written-*", {"rows": 10_000, "fl": "name"}))
    return {one["name"] for one in answer.documents}


def test_a_node_or_all_are_killed_under_load(nodes: list[Node]) -> None:
    table = Table()
    table.put(*(document(f"n{number:03d}", "目录") for number in range(50)))
    engine = engine_on(nodes)
    engine.catch_up(table.feed)
    with Elasticsearch(nodes[0].url) as client:
        client.cluster.health(wait_for_status="green", timeout="60s")

    load = Load(nodes, table, readers=2)
    time.sleep(5)
    killed = leader(nodes)
    before = load.acknowledged
    killed.kill()
    until(lambda: load.acknowledged >= before + 50, 300)
    load.stop()
    print(f"one of three killed: {load}, {before} of the writes before")
    assert load.failed_reads == []
    assert load.acknowledged > before
    assert {f"written-{number}" for number in range(1, load.acknowledged + 1)} <= written(engine)

    for node in nodes:
        if node is not killed:
            node.kill()
    table.put(document("written-while-gone", "断开时"), document("n000", "改过"))
    with pytest.raises(EngineUnavailable):
        engine.catch_up(table.feed)
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait(nodes=3)
    until(lambda: caught_up(engine, table), 300)
    known = written(engine)
    print(f"all three killed and started again: {len(known)} of {load.acknowledged + 1} writes are there")
    assert {f"written-{number}" for number in range(1, load.acknowledged + 1)} | {"written-while-gone"} <= known
    assert engine.search(read_request("name:n000 AND title:改过", {})).count == 1


def test_what_is_left_of_an_index_is_not_taken_for_all_of_it(nodes: list[Node]) -> None:
    """Without copies a part of the index goes with its node; counts without it would be wrong, and nobody would know."""
    table = Table()
    table.put(*(document(f"n{number:03d}", "目录") for number in range(50)))
    engine = engine_on(nodes, shards=3, replicas="0")
    engine.catch_up(table.feed)
    listed = read_request("*:*", {"facet": "true", "facet.field": ["state"]})
    asked = [
        lambda: engine.search(listed).count,
        lambda: engine.search(read_request("title:目录", {})).count,
        lambda: len(engine.keys(listed.query)),
    ]
    assert [ask() for ask in asked] == [50, 50, 50]
    gone = next(node for node in nodes if node is not leader(nodes))
    gone.kill()
    for ask in asked:
        time.sleep(_PAUSE)
        with pytest.raises(EngineUnavailable):
            ask()
    gone.start()
    gone.wait(nodes=3)
    until(lambda: found(asked) == [50, 50, 50], 120)


def found(asked: list[Callable[[], int]]) -> list[int] | None:
    try:
        return [ask() for ask in asked]
    except EngineUnavailable:
        return None


def caught_up(engine: ElasticsearchEngine, table: Any) -> bool:
    try:
        engine.catch_up(table.feed)
    except EngineUnavailable:
        return False
    return True


def until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.5)
