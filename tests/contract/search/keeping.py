"""How every engine follows its table, and gives back what it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ckanext.govdata_search.engines.base import Engine, Feed, Position
from ckanext.govdata_search.interpret import Manner, read_filter
from ckanext.govdata_search.request import read_request

from .base import WEIGHTS, EngineTests, Table
from .city import DOCUMENTS, SITE, document


class KeepingContract(EngineTests):
    """Documents, writes, rebuilds."""

    def test_documents_come_back_as_they_were_given(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        texts = {"data_dict": '{"x": "  é\\u4ea4 \\ud83d\\ude8c"}', "validated_data_dict": "\n 交通 🚌 \x01"}
        table.put(document("verbatim", "t", **texts))
        engine.catch_up(table.feed)
        (one,) = engine.search(read_request("name:verbatim", {"fl": "*"})).documents
        assert {name: one[name] for name in texts} == texts
        assert one["metadata_modified"] == "2026-01-01T00:00:00.123456Z"

    def test_only_what_was_asked_for_need_come_back(self, engine: Engine) -> None:
        (one,) = engine.search(read_request("name:roads", {"fl": "id"})).documents
        assert one["id"] == "id-roads"
        marked = read_request(
            "title:交通", {"fl": "id", "hl": "true", "hl.fl": "title", "rows": 1, "sort": "name desc"}
        )
        (one,) = engine.search(marked).documents
        assert (one["index_id"], one["title"]) == ("key-roads", "道路交通事故统计")

    def test_who_only_searches_catches_up_too(self, engine: Engine, table: Table) -> None:
        table.put(document("later", "后来"))
        assert engine.catch_up_if_free(table.feed) == Position("1/1", len(DOCUMENTS) + 1)
        assert "later" in self.names(engine)

    def test_the_last_state_of_a_document_counts(self, engine: Engine, table: Table) -> None:
        table.put(document("roads", "改了名的目录", theme="new"), document("new", "新的"))
        table.delete("key-buses")
        engine.catch_up(table.feed)
        assert self.found(engine, "*:*") == {"roads", "beds", "firms", "wifi", "new"}
        assert self.found(engine, "title:交通") == set()
        assert self.facets(engine, "theme", "name:roads") == [("new", 1)]

    def test_a_site_is_cleared_without_touching_another(self, engine: Engine, table: Table) -> None:
        table.delete(None, SITE)
        table.put(document("after", "之后"))
        engine.catch_up(table.feed)
        assert self.found(engine, "*:*") == {"wifi", "after"}

    def test_another_table_replaces_everything(self, engine: Engine, table: Table) -> None:
        other = Table()
        other.name = "1/2"
        other.put(document("only", "只有"))
        engine.catch_up(other.feed)
        assert self.names(engine) == ["only"]
        assert engine.position() == Position("1/2", 1)

    def test_nothing_new_changes_nothing(self, engine: Engine, table: Table) -> None:
        before = engine.position()
        assert before == Position("1/1", len(DOCUMENTS))
        assert engine.catch_up(table.feed) == before

    def test_a_rebuild_finds_the_same(self, engine: Engine, table: Table) -> None:
        engine.rebuild(lambda _position: replace(table.feed(Position()) or Feed((), Position(), 0), from_start=True))
        assert self.found(engine, "*:*") == {"roads", "buses", "beds", "firms", "wifi"}

    def test_keys_are_all_keys(self, engine: Engine) -> None:
        assert set(engine.keys(read_filter("tags:交通", Manner()))) == {"key-roads", "key-buses"}

    def test_a_durable_engine_keeps_its_index(
        self, make_engine: Callable[[], Engine], engine: Engine, table: Table
    ) -> None:
        if not engine.capabilities.durable:
            pytest.skip("this engine forgets with its process")
        again = make_engine()
        assert again.position() == engine.position()
        assert self.found(again, "交通", **WEIGHTS) == {"roads", "buses"}

    def test_a_shared_engine_sees_what_another_wrote(
        self, make_engine: Callable[[], Engine], engine: Engine, table: Table
    ) -> None:
        if not engine.capabilities.shared:
            pytest.skip("this engine serves one process")
        other = make_engine()
        for number in range(30):
            table.put(document(f"n{number}", "多次写入"))
            other.catch_up(table.feed)
            assert f"n{number}" in self.names(engine)
