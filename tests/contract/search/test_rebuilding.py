"""A rebuild goes on beside the live index: it is searched and written to meanwhile, and an interruption loses little."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.engines import elasticsearch_search, elasticsearch_writing, tantivy_writing
from ckanext.govdata_search.engines.base import Change, Engine, Feed, Position
from ckanext.govdata_search.engines.elasticsearch import ElasticsearchEngine
from ckanext.govdata_search.engines.filelock import FileLock
from ckanext.govdata_search.engines.tantivy import TantivyEngine
from ckanext.govdata_search.errors import RebuildHeldUp, RebuildRunning
from ckanext.govdata_search.request import read_request

from .city import document
from .standard import Table

MakeEngine = Callable[[], Engine]


def names(engine: Engine, q: str = "*:*", **asked: Any) -> list[str]:
    answer = engine.search(read_request(q, {"rows": 1000, "sort": "name asc", **asked}))
    return [one["name"] for one in answer.documents]


@pytest.fixture
def on_cluster(elasticsearch: str) -> Iterator[Callable[..., ElasticsearchEngine]]:
    """Makes engines on one alias of its own, with any setting."""
    index = f"rebuilding-{secrets.token_hex(4)}"

    def make(**settings: Any) -> ElasticsearchEngine:
        cluster = ElasticsearchSettings(urls=(elasticsearch,), index=index, **settings)
        return ElasticsearchEngine(Settings("elasticsearch", Path(), 30, cluster))

    yield make
    with Elasticsearch(elasticsearch) as client:
        made = list(client.indices.get(index=f"{index}-*"))
        if made:
            client.indices.delete(index=made)


@pytest.fixture(params=["tantivy", "elasticsearch"])
def make_engine(request: pytest.FixtureRequest, tmp_path: Path) -> MakeEngine:
    if request.param == "elasticsearch":
        return request.getfixturevalue("on_cluster")
    return lambda: TantivyEngine(Settings("tantivy", tmp_path / "index", 30))


@pytest.fixture
def table() -> Table:
    table = Table()
    table.put(*(document(f"n{number:03d}", "目录") for number in range(40)))
    return table


def test_what_is_written_while_an_index_is_rebuilt_is_in_it(make_engine: MakeEngine, table: Table) -> None:
    engine, other = make_engine(), make_engine()
    engine.catch_up(table.feed)

    def meanwhile(position: Position) -> Feed | None:
        found = table.feed(position)
        if position.number == 0 and found:
            return Feed(_with_writes(found.changes, other, table), found.until, found.count, found.from_start)
        return found

    until = engine.rebuild(meanwhile)
    assert until == Position(table.name, 43)
    assert names(engine) == [f"n{number:03d}" for number in range(40) if number != 7] + ["new"]
    assert names(engine, "title:改名") == ["n003"]
    assert engine.position() == other.position() == until


def _with_writes(changes: Any, other: Engine, table: Table) -> Iterator[Change]:
    for number, change in enumerate(changes):
        if number == 20:
            table.put(document("new", "新的"), document("n003", "改名"))
            table.delete("key-n007")
            other.catch_up(table.feed)
            assert "new" in names(other), "the live index takes writes during a rebuild"
        yield change


@pytest.mark.parametrize("anew", [False, True])
def test_an_interrupted_rebuild_is_gone_on_with_unless_it_is_to_begin_anew(
    anew: bool, make_engine: MakeEngine, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tantivy_writing, "_LARGEST_PART", 10)
    monkeypatch.setattr(elasticsearch_writing, "_NOTED_EACH", 10)
    engine = make_engine()
    engine.catch_up(table.feed)

    def cut_off(position: Position) -> Feed | None:
        found = table.feed(position)
        return Feed(_cut(found.changes), found.until, found.count, found.from_start) if found else None

    with pytest.raises(KeyboardInterrupt):
        engine.rebuild(cut_off)
    assert len(names(engine)) == 40, "the old index is still there"
    asked: list[int] = []

    def watched(position: Position) -> Feed | None:
        asked.append(position.number)
        return table.feed(position)

    again = make_engine()
    again.rebuild(watched, anew=anew)
    assert asked[0] == (0 if anew else 30)
    assert len(names(again)) == 40


def _cut(changes: Any) -> Iterator[Change]:
    for number, change in enumerate(changes):
        if number == 35:
            raise KeyboardInterrupt
        yield change


def test_a_rebuild_for_another_table_begins_again(make_engine: MakeEngine, table: Table) -> None:
    engine = make_engine()
    engine.catch_up(table.feed)
    other = Table()
    other.name = "1/2"
    other.put(document("only", "只有"))
    engine.rebuild(other.feed)
    assert names(engine) == ["only"]


def test_a_second_rebuild_of_the_embedded_index_says_that_another_runs(tmp_path: Path, table: Table) -> None:
    first, second = (TantivyEngine(Settings("tantivy", tmp_path / "index", 0)) for _ in range(2))

    def meanwhile(position: Position) -> Feed | None:
        with pytest.raises(RebuildRunning, match="Another rebuild of the search index is running"):
            second.rebuild(table.feed)
        return table.feed(position)

    first.rebuild(meanwhile)
    assert len(names(second)) == 40


def test_a_rebuild_that_a_writer_keeps_out_says_that_it_can_be_gone_on_with(tmp_path: Path, table: Table) -> None:
    engine = TantivyEngine(Settings("tantivy", tmp_path / "index", 0))
    writing = FileLock.acquire(tmp_path / "index" / "lock", 1)
    with pytest.raises(RebuildHeldUp, match="run `ckan govdata-search rebuild` again"):
        engine.rebuild(table.feed)
    writing.release()
    engine.rebuild(table.feed)
    assert len(names(engine)) == 40


def test_pages_beyond_the_window_are_walked_to(
    on_cluster: Callable[..., ElasticsearchEngine], table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = on_cluster()
    engine.catch_up(table.feed)
    monkeypatch.setattr(elasticsearch_search, "window", lambda: 7)
    for start, rows in ((0, 7), (5, 3), (6, 10), (20, 7), (33, 100), (39, 5), (40, 5), (0, 1000)):
        for sort in ("name asc", "name desc", "metadata_modified desc, name asc", "score desc, name asc"):
            answer = engine.search(
                read_request("目录", {"start": start, "rows": rows, "sort": sort, "fl": "name,score"})
            )
            whole = [f"n{number:03d}" for number in range(40)]
            expected = whole[::-1] if sort == "name desc" else whole
            assert answer.count == 40
            assert [one["name"] for one in answer.documents] == expected[start : start + rows], (start, rows, sort)


def test_several_shards_count_and_order_as_one(on_cluster: Callable[..., ElasticsearchEngine]) -> None:
    table = Table()
    table.put(*(document(f"n{n:03d}", f"目录 {n}", tags=[f"t{n % 37}", "all"]) for n in range(200)))
    engine = on_cluster(shards=3, replicas="0")
    engine.catch_up(table.feed)
    assert names(engine) == [f"n{number:03d}" for number in range(200)]
    asked = {"facet": "true", "facet.field": ["tags"], "facet.mincount": 1, "facet.limit": 3, "rows": 0}
    assert engine.search(read_request("*:*", asked)).facets["tags"] == [("all", 200), ("t0", 6), ("t1", 6)]
    assert len(engine.keys(read_request("tags:t1", {}).query)) == 6
