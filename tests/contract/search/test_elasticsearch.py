"""The engine for a cluster keeps the contract, on Elastic's own server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elastic_transport import Transport
from elasticsearch import Elasticsearch

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.engines import elasticsearch_search as search_module
from ckanext.govdata_search.engines.base import Engine, Position
from ckanext.govdata_search.engines.elasticsearch import ElasticsearchEngine
from ckanext.govdata_search.request import read_request

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
    @pytest.mark.parametrize(
        "asked",
        [
            {"q": "*:*", "facet": "true", "facet.field": ["tags", "groups"], "facet.mincount": 1},
            {"q": "*:*", "facet": "true", "facet.field": ["tags", "groups"], "fq": "state:active"},
            {"q": "*:*", "sort": "metadata_modified desc", "start": 3},
            {"q": "公交", "defType": "edismax", "qf": "title^4 text", "facet": "true", "facet.field": "tags"},
            {"q": 'title_ngram:"公交"', "fl": "name"},
            {"q": "*:*", "rows": 0},
        ],
    )
    def test_a_search_is_one_request(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
    ) -> None:
        sent: list[str] = []
        send = Transport.perform_request

        def counted(transport: Transport, method: str, target: str, **rest: Any) -> Any:
            sent.append(target)
            return send(transport, method, target, **rest)

        monkeypatch.setattr(Transport, "perform_request", counted)
        engine.search(read_request(asked["q"], asked))
        assert len(sent) == 1, sent


class TestBehindTheWindow(OnCluster, SortingContract):
    """What one request does not reach is walked to, past documents without a value as past others."""

    @pytest.fixture(autouse=True)
    def narrow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search_module, "window", lambda: 40)
