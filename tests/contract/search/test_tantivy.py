"""The embedded engine keeps the contract."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_search.config import Settings
from ckanext.govdata_search.engines import tantivy as engine_module
from ckanext.govdata_search.engines import tantivy_facets as counting_module
from ckanext.govdata_search.engines import tantivy_order as order_module
from ckanext.govdata_search.engines import tantivy_writing
from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.engines.tantivy import TantivyEngine
from ckanext.govdata_search.errors import EngineFailure
from ckanext.govdata_search.query import Query
from ckanext.govdata_search.request import Answer, read_request

from .base import WEIGHTS, EngineTests, Table
from .city import document
from .facets import FacetsContract
from .sorting import SortingContract
from .standard import EngineContract

FACETED = {**WEIGHTS, "facet": "true", "facet.field": ["tags", "res_format"], "fl": "*,score", "rows": 100}


@pytest.fixture
def make_engine(tmp_path: Path) -> Callable[[], TantivyEngine]:
    return lambda: TantivyEngine(Settings("tantivy", tmp_path / "index", 30))


class TestTantivy(EngineContract):
    pass


class TestMoreValuesThanAreCounted(SortingContract):
    """A field whose values are too many to walk through sorts all the same."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(order_module, "_MOST_VALUES", 3)


class Beside:
    """Counting is handed to another thread however little there is to count."""

    @pytest.fixture(autouse=True)
    def handed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(counting_module, "_WORTH_A_THREAD", 0)


class TestCountingBeside(Beside, FacetsContract):
    pass


class TestThreads(Beside, EngineTests):
    def test_counting_is_done_by_another_thread(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        counting: list[threading.Thread] = []
        counts = counting_module.aggregated

        def watched(*asked: Any) -> Any:
            counting.append(threading.current_thread())
            return counts(*asked)

        monkeypatch.setattr(counting_module, "aggregated", watched)
        engine.search(read_request("交通", FACETED))
        assert counting and threading.main_thread() not in counting

    def test_what_fails_there_fails_the_search(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_asked: object) -> object:
            raise ValueError("the index is broken")

        monkeypatch.setattr(counting_module, "aggregated", broken)
        with pytest.raises(EngineFailure, match="the index is broken"):
            engine.search(read_request("交通", FACETED))

    def test_a_forked_child_counts_with_threads_of_its_own(self, engine: Engine, tmp_path: Path) -> None:
        def ask() -> Answer:
            return TantivyEngine(Settings("tantivy", tmp_path / "index", 30)).search(read_request("交通", FACETED))

        here = ask()
        assert here.facets["res_format"]
        forking = multiprocessing.get_context("fork")
        receiving, sending = forking.Pipe(duplex=False)
        child = forking.Process(target=lambda: sending.send(ask().facets))
        child.start()
        try:
            assert receiving.poll(30), "the child hangs"
            assert receiving.recv() == here.facets
        finally:
            child.kill()
            child.join()


class TestLeavingOut(EngineTests):
    """Parts of a query that nothing fits are left out before it is asked."""

    @pytest.mark.parametrize(
        "q",
        [
            "公交",
            "医院床位",
            "企业 备案",
            "交通 OR 天书",
            "交通 -天书",
            "+天书 交通",
            "天书",
            '"道路 天书" 交通',
            "tit*",
        ],
    )
    def test_the_same_is_found_with_the_same_scores(
        self, engine: Engine, q: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def whole(query: Query, _view: object) -> Query:
            return query

        for manner in (FACETED, {**FACETED, "defType": "lucene", "df": "text"}):
            request = read_request(q, manner)
            short = engine.search(request)
            with monkeypatch.context() as patched:
                patched.setattr(engine_module, "present", whole)
                assert engine.search(request) == short


class TestParts:
    """A whole index is written in equal parts that tantivy merges to one segment."""

    @pytest.mark.parametrize("rows", [5, 37, 40])
    def test_one_segment_is_left_of_them(
        self, rows: int, make_engine: Callable[[], TantivyEngine], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tantivy_writing, "_LARGEST_PART", 5)
        table, engine = Table(), make_engine()
        table.put(*(document(f"n{number}", "目录") for number in range(rows)))
        engine.rebuild(table.feed)
        status = engine.status()
        assert (status["documents"], status["segments"]) == (rows, 1)

    @pytest.mark.parametrize(
        ("rows", "part"), [(0, 1), (16_000, 16_000), (16_001, 2001), (100_000, 12_500), (1_000_000, 15_625)]
    )
    def test_how_large_they_are(self, rows: int, part: int) -> None:
        assert tantivy_writing.part_of(rows) == part
