"""Random queries over real-looking datasets find the same on every engine, and what plain Python finds."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.document import Document, cleaned, to_text
from ckanext.govdata_search.engines import make_engine
from ckanext.govdata_search.engines.base import Change, Engine, Feed, Position
from ckanext.govdata_search.request import read_request
from tests.bench._made import records

from .grammar import Grammar, Plain
from .real import LISTS, real_records


def held(engine: Engine, documents: list[Document]) -> Engine:
    changes = [Change(number, one["index_id"], one["site_id"], to_text(one)) for number, one in enumerate(documents, 1)]
    engine.catch_up(lambda _position: Feed(changes, Position("made/1", len(changes)), len(changes), from_start=True))
    return engine


class Agreement:
    """One engine against plain Python; inherit and make the engine."""

    def disagreements(self, engine: Engine, plain: Plain, rounds: range) -> list[str]:
        return [problem for seed in rounds if (problem := self.one(engine, plain, seed))]

    def one(self, engine: Engine, plain: Plain, seed: int) -> str:
        """A random query asked and reckoned; what differs, or nothing."""
        grammar = Grammar(seed)
        written, parameters, means = grammar.query()
        filters, facets = grammar.filters(), grammar.facets()
        asked = {
            "q.op": "AND",
            "df": "text",
            "rows": 0,
            "fq": [part.written for part in filters],
            **parameters,
            **facets,
        }
        answer = engine.search(read_request(written, asked))
        wanted = means(plain).intersection(*(part.means(plain) for part in filters))
        said = f"seed {seed}: {written!r} within {asked['fq']}"
        if answer.count != len(wanted):
            return f"{said}: {answer.count} found, {len(wanted)} reckoned"
        for name in facets["facet.field"]:
            limit = facets.get(f"f.{name}.facet.limit", facets["facet.limit"])
            counts = plain.facet(wanted, name)
            ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            given = [(_plain_number(name, value), count) for value, count in answer.facets[name]]
            right = dict(given) == dict(counts) if limit < 0 else self.first(given, ranked, limit)
            if not right:
                return f"{said}: facet {name}: {given[:9]} found, {ranked[:9]} reckoned"
        return ""

    @staticmethod
    def first(given: list[tuple[str, int]], ranked: list[tuple[str, int]], limit: int) -> bool:
        """Whether these are the first: the counts in order, each right; numbers are ordered as numbers among equals."""
        return [count for _value, count in given] == [count for _value, count in ranked[:limit]] and set(given) <= set(
            ranked
        )


def _plain_number(name: str, value: str) -> str:
    return str(int(value) - 10**18) if name == "views_total" and len(value) == 20 else value


@pytest.fixture(scope="module")
def city() -> tuple[list[Document], Plain]:
    """500 datasets; 20,000 under ./govdata test --all, real ones where GOVDATA_REAL_LISTS names a folder of lists."""
    count = 20_000 if os.environ.get("GOVDATA_TEST_ALL") else 500
    made = list(real_records(count) if os.environ.get(LISTS) else records(count, seed=3))
    return [cleaned(record) for record in made], Plain(made)


ROUNDS = range(200)
ALL_ROUNDS = range(200, 5_000)


@pytest.mark.timeout(7200)
class TestAgreement(Agreement):
    @pytest.fixture(scope="class", params=["memory", "tantivy", "elasticsearch"])
    def engine(
        self,
        request: pytest.FixtureRequest,
        city: tuple[list[Document], Plain],
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Iterator[Engine]:
        makers: dict[str, Callable[[], Settings]] = {
            "memory": lambda: Settings("memory", Path(), 30),
            "tantivy": lambda: Settings("tantivy", tmp_path_factory.mktemp("agreement") / "index", 30),
            "elasticsearch": lambda: _cluster(request.getfixturevalue("elasticsearch")),
        }
        settings = makers[request.param]()
        yield held(make_engine(settings), city[0])
        _remove(settings)

    def test_random_queries_find_what_plain_python_finds(self, engine: Engine, city: tuple[Any, Plain]) -> None:
        assert self.disagreements(engine, city[1], ROUNDS) == []

    @pytest.mark.long
    def test_five_thousand_random_queries(self, engine: Engine, city: tuple[Any, Plain]) -> None:
        assert self.disagreements(engine, city[1], ALL_ROUNDS) == []


def _cluster(url: str) -> Settings:
    return Settings(
        "elasticsearch", Path(), 60, ElasticsearchSettings(urls=(url,), index=f"agree-{secrets.token_hex(4)}")
    )


def _remove(settings: Settings) -> None:
    if settings.engine != "elasticsearch":
        return
    from elasticsearch import Elasticsearch

    with Elasticsearch(settings.elasticsearch.urls[0]) as client:
        for index in list(client.indices.get(index=f"{settings.elasticsearch.index}-*")):
            client.indices.delete(index=index)
