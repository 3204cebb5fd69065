"""The engine for a cluster keeps the contract, on Elastic's own server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.engines import elasticsearch_search as search_module
from ckanext.govdata_search.engines.base import Engine, Position
from ckanext.govdata_search.engines.elasticsearch import ElasticsearchEngine

from .city import DOCUMENTS
from .sorting import SortingContract
from .standard import EngineContract, Table


class Indexes:
    """The indexes of the tests. The one that holds just the city is given to the next test, for making one takes long."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.city: str | None = None
        self.made: list[str] = []

    def fresh(self) -> str:
        self.made.append(f"contract-{secrets.token_hex(4)}")
        return self.made[-1]

    def engine(self, index: str) -> ElasticsearchEngine:
        cluster = ElasticsearchSettings(urls=(self.url,), index=index)
        return ElasticsearchEngine(Settings("elasticsearch", Path(), 30, cluster))

    def remove(self) -> None:
        with Elasticsearch(self.url) as client:
            for alias in self.made:
                found = list(client.indices.get(index=f"{alias}-*"))
                if found:
                    client.indices.delete(index=found)


class OnCluster:
    """Makes the engine on the cluster of the tests."""

    @pytest.fixture(scope="class")
    def indexes(self, elasticsearch: str) -> Iterator[Indexes]:
        made = Indexes(elasticsearch)
        yield made
        made.remove()

    @pytest.fixture
    def make_engine(self, indexes: Indexes, request: pytest.FixtureRequest) -> Callable[[], ElasticsearchEngine]:
        kept = indexes.city if "engine" in request.fixturenames else None
        index = kept or indexes.fresh()
        return lambda: indexes.engine(index)

    @pytest.fixture
    def engine(
        self, make_engine: Callable[[], ElasticsearchEngine], table: Table, indexes: Indexes
    ) -> Iterator[Engine]:
        engine = make_engine()
        table.put(*DOCUMENTS)
        engine.catch_up(table.feed)
        yield engine
        untouched = engine.position() == Position(table.name, len(DOCUMENTS)) and len(table.changes) == len(DOCUMENTS)
        indexes.city = engine.alias if untouched else None


class TestElasticsearch(OnCluster, EngineContract):
    pass


class TestBehindTheWindow(OnCluster, SortingContract):
    """What one request does not reach is walked to, past documents without a value as past others."""

    @pytest.fixture(autouse=True)
    def narrow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search_module, "window", lambda: 40)
