"""A cluster is shared with others, and operators change it behind the engine's back: foreign indexes, blocks, taken names."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.engines import elasticsearch as elasticsearch_engine
from ckanext.govdata_search.engines import elasticsearch_search as search_module
from ckanext.govdata_search.engines.base import Feed, Position
from ckanext.govdata_search.engines.elasticsearch import ElasticsearchEngine
from ckanext.govdata_search.errors import (
    BadSetting,
    EngineBusy,
    EngineFailure,
    IndexMissing,
    NoIndex,
    TooManyValues,
    Untrusted,
)
from ckanext.govdata_search.request import Request, read_request

from .city import document
from .standard import Table

MakeEngine = Callable[..., ElasticsearchEngine]


@pytest.fixture
def alias() -> str:
    return f"cluster{secrets.token_hex(4)}"


@pytest.fixture
def client(elasticsearch: str, alias: str) -> Iterator[Elasticsearch]:
    """The cluster as its operator sees it; at the end all that begins with the alias is removed."""
    with Elasticsearch(elasticsearch) as client:
        yield client
        made = list(client.indices.get(index=f"{alias}*"))
        if made:
            client.indices.delete(index=made)


@pytest.fixture
def make_engine(elasticsearch: str, alias: str, client: Elasticsearch) -> MakeEngine:
    def make(**settings: Any) -> ElasticsearchEngine:
        cluster = ElasticsearchSettings(urls=(elasticsearch,), index=alias, **settings)
        return ElasticsearchEngine(Settings("elasticsearch", Path(), 30, cluster))

    return make


@pytest.fixture
def table() -> Table:
    table = Table()
    table.put(*(document(f"n{number:03d}", "目录") for number in range(20)))
    return table


def indexes(client: Elasticsearch, alias: str) -> set[str]:
    return set(client.indices.get(index=f"{alias}*"))


def test_only_indexes_of_the_alias_are_removed(
    make_engine: MakeEngine, table: Table, client: Elasticsearch, alias: str
) -> None:
    foreign = {f"{alias}-vermessung", f"{alias}-verkehr-v9-abcd1234", f"{alias}-v9-abcd1234-old", f"{alias}-v9-kopie"}
    for name in foreign:
        client.indices.create(index=name)
    older = f"{alias}-v8-abcd1234"
    client.indices.create(index=older)
    engine = make_engine()
    engine.catch_up(table.feed)
    assert foreign < indexes(client, alias), "the first write builds an index and leaves others alone"
    assert older not in indexes(client, alias), "an index of an earlier version is replaced"
    engine.rebuild(table.feed)
    found = indexes(client, alias)
    assert foreign < found
    assert len(found - foreign) == 1
    assert engine.search(Request()).count == 20


def test_a_rebuild_goes_on_in_no_index_of_another_portal(
    make_engine: MakeEngine, table: Table, client: Elasticsearch, alias: str, elasticsearch: str
) -> None:
    """Another portal's alias may begin as an index of ours does."""
    other = ElasticsearchSettings(urls=(elasticsearch,), index=f"{alias}-v9-verkehr")
    theirs = ElasticsearchEngine(Settings("elasticsearch", Path(), 30, other))
    theirs.catch_up(table.feed)
    ours = make_engine()
    ours.rebuild(table.feed)
    assert theirs.status()["documents"] == ours.status()["documents"] == 20
    assert theirs.status()["index"] != ours.status()["index"]


def test_a_taken_name_is_said_before_anything_is_built(
    make_engine: MakeEngine, table: Table, client: Elasticsearch, alias: str
) -> None:
    client.indices.create(index=alias)
    engine = make_engine()
    said = rf"an index named {alias} exists.*set govdata\.search\.elasticsearch\.index to another name, or remove"
    for work in (engine.catch_up, engine.catch_up, engine.rebuild):
        with pytest.raises(NoIndex, match=said):
            work(table.feed)
        assert indexes(client, alias) == {alias}
    client.indices.delete(index=alias)
    engine.catch_up(table.feed)
    assert engine.search(Request()).count == 20


def test_an_alias_that_stands_for_anothers_index_is_said(
    make_engine: MakeEngine, table: Table, client: Elasticsearch, alias: str
) -> None:
    theirs = f"{alias}-theirs"
    client.indices.create(index=theirs, aliases={alias: {}})
    with pytest.raises(NoIndex, match=f"the alias {alias} stands for {theirs}, which is another's"):
        make_engine().catch_up(table.feed)
    assert indexes(client, alias) == {theirs}


def test_what_fails_in_its_last_step_leaves_no_index_that_nobody_uses(
    make_engine: MakeEngine, table: Table, client: Elasticsearch, alias: str
) -> None:
    """Somebody takes the name while the index is being filled."""

    def taken_meanwhile(position: Position) -> Feed | None:
        found = table.feed(position)
        client.options(ignore_status=400).indices.create(index=alias)
        return found

    engine = make_engine()
    for _attempt in range(2):
        with pytest.raises(EngineFailure, match="alias"):
            engine.catch_up(taken_meanwhile)
        assert indexes(client, alias) == {alias}
    client.indices.delete(index=alias)
    with pytest.raises(EngineFailure, match="alias"):
        engine.rebuild(taken_meanwhile)
    left = indexes(client, alias) - {alias}
    assert len(left) == 1, "a rebuild that has everything is gone on with"
    client.indices.delete(index=alias)
    engine.rebuild(table.feed)
    assert indexes(client, alias) == left
    assert engine.search(Request()).count == 20


def test_a_missing_index_is_not_an_empty_one(
    make_engine: MakeEngine, table: Table, client: Elasticsearch, alias: str
) -> None:
    engine = make_engine()
    engine.catch_up(table.feed)
    client.indices.delete(index=list(indexes(client, alias)))
    everything = read_request("*:*", {})
    for ask in (lambda: engine.search(everything), lambda: engine.keys(everything.query)):
        with pytest.raises(IndexMissing, match=f"no index {alias} in Elasticsearch.*ckan govdata-search rebuild"):
            ask()
    engine.catch_up(table.feed)
    assert engine.search(Request()).count == 20


def test_what_fails_of_several_searches_is_asked_once_more_by_itself(
    make_engine: MakeEngine, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster answers them together, so that nothing but the answer says that one of them failed."""
    engine = make_engine()
    engine.catch_up(table.feed)
    asked_together = Elasticsearch.msearch
    busy = {"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429}

    def half_rejected(client: Elasticsearch, **asked: Any) -> Any:
        answer = asked_together(client, **asked)
        answer.body["responses"][-1] = busy
        return answer

    monkeypatch.setattr(Elasticsearch, "msearch", half_rejected)
    answer = engine.search(read_request("*:*", {"rows": 7, "facet": "true", "facet.field": ["state"]}))
    assert answer.count == 20
    assert len(answer.documents) == 7


def test_who_only_searches_does_not_wait_for_a_large_index(
    make_engine: MakeEngine, table: Table, monkeypatch: pytest.MonkeyPatch, client: Elasticsearch, alias: str
) -> None:
    engine = make_engine()
    monkeypatch.setattr(elasticsearch_engine, "_AT_ONCE", 19)
    with pytest.raises(IndexMissing):
        engine.catch_up_if_free(table.feed)
    assert indexes(client, alias) == set()
    monkeypatch.setattr(elasticsearch_engine, "_AT_ONCE", 20)
    engine.catch_up_if_free(table.feed)
    assert engine.search(Request()).count == 20


def test_who_finds_another_building_does_not_take_a_missing_index_for_an_empty_one(
    make_engine: MakeEngine, table: Table
) -> None:
    @contextmanager
    def others_turn(_seconds: float) -> Iterator[None]:
        raise EngineBusy(0)
        yield

    engine = make_engine()
    engine.turns = others_turn
    with pytest.raises(EngineBusy):
        engine.catch_up_if_free(table.feed)
    with pytest.raises(IndexMissing):
        engine.search(Request())


def test_a_file_of_certificates_that_is_not_there_is_said_by_its_setting(make_engine: MakeEngine) -> None:
    with pytest.raises(BadSetting, match=r"elasticsearch\.ca_certs is '/nowhere/ca\.pem'"):
        make_engine(ca_certs="/nowhere/ca.pem")


def test_https_to_a_server_without_a_certificate_is_not_said_to_be_silence(elasticsearch: str, alias: str) -> None:
    cluster = ElasticsearchSettings(urls=(elasticsearch.replace("http:", "https:"),), index=alias)
    engine = ElasticsearchEngine(Settings("elasticsearch", Path(), 30, cluster))
    with pytest.raises(Untrusted, match=r"No secured connection .*elasticsearch\.url begins with https only where"):
        engine.search(Request())


def test_a_facet_that_several_parts_cannot_count_is_refused_by_its_name(
    make_engine: MakeEngine, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.put(*({**document(f"t{number:03d}", "目录"), "tags": [f"标签{number}"]} for number in range(60)))
    engine = make_engine(shards=3)
    engine.catch_up(table.feed)
    asked = {"facet": "true", "facet.field": ["groups", "tags"], "facet.mincount": 1, "facet.limit": 50}
    assert len(engine.search(read_request("*:*", asked)).facets["tags"]) == 50
    monkeypatch.setattr(search_module, "_MOST_VALUES", 7)
    with pytest.raises(TooManyValues, match="The facet tags has more than 7 values"):
        engine.search(read_request("*:*", asked))
