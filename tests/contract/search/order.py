"""In which order every engine gives its results."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.errors import BadParameter, SearchEngineError
from ckanext.govdata_search.request import read_request

from .base import WEIGHTS, EngineTests, Table
from .city import DOCUMENTS, document


class OrderContract(EngineTests):
    """Scores, sort keys, pages."""

    def test_a_title_counts_more_than_a_mention(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        table.put(document("mention", "农业年报", notes="其中一章讲到渔业"), document("subject", "渔业"))
        table.put(*(document(f"other-{number}", f"其他目录{number}", notes="别的事") for number in range(10)))
        engine.catch_up(table.feed)
        assert self.names(engine, "渔业", **WEIGHTS) == ["subject", "mention"]

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("name asc", ["beds", "buses", "firms", "roads", "wifi"]),
            ("name desc", ["wifi", "roads", "firms", "buses", "beds"]),
            ("metadata_modified desc, name asc", ["roads", "beds", "buses", "firms", "wifi"]),
            ("metadata_modified asc, name desc", ["wifi", "firms", "buses", "beds", "roads"]),
            ("theme asc, name desc", ["firms", "beds", "wifi", "roads", "buses"]),
            ("views_recent desc, name asc", ["buses", "beds", "firms", "roads", "wifi"]),
            ("views_recent asc, name asc", ["firms", "roads", "wifi", "beds", "buses"]),
            ("nobody_has_this desc, name asc", ["beds", "buses", "firms", "roads", "wifi"]),
            ("score desc, name asc", ["beds", "buses", "firms", "roads", "wifi"]),
            ("title_string asc", ["wifi", "firms", "buses", "beds", "roads"]),
        ],
    )
    def test_results_are_ordered_by_all_keys_and_can_be_paged(
        self, engine: Engine, sort: str, expected: list[str]
    ) -> None:
        if sort == "title_string asc":
            expected = sorted(expected, key=lambda name: next(d["title"] for d in DOCUMENTS if d["name"] == name))
        assert self.names(engine, sort=sort) == expected
        for start in range(6):
            for rows in (1, 2, 3):
                page = engine.search(read_request("*:*", {"sort": sort, "start": start, "rows": rows})).documents
                assert [one["name"] for one in page] == expected[start : start + rows]

    def test_equal_scores_are_ordered_by_the_next_key(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        months = [f"2026-{number % 12 + 1:02d}-0{number % 3 + 1}T00:00:00.00000{number % 7}Z" for number in range(60)]
        table.put(*(document(f"n{n:02d}", "同一标题", metadata_modified=month) for n, month in enumerate(months)))
        engine.catch_up(table.feed)
        asked = {"sort": "score desc, metadata_modified desc, name asc", "rows": 60, **WEIGHTS}
        whole = [one["name"] for one in engine.search(read_request("标题", asked)).documents]
        assert whole == sorted(
            (f"n{n:02d}" for n in range(60)),
            key=lambda name: (months[int(name[1:])][:23], -int(name[1:])),
            reverse=True,
        )
        parts = [
            engine.search(read_request("标题", {**asked, "start": s, "rows": 7})).documents for s in range(0, 60, 7)
        ]
        assert [one["name"] for part in parts for one in part] == whole

    def test_sort_without_a_direction_is_refused(self, engine: Engine) -> None:
        with pytest.raises(SearchEngineError, match="Can't determine a Sort Order"):
            self.names(engine, sort="name")

    def test_pages_far_down_follow_one_order_and_every_write(self, make_engine: Callable[[], Engine]) -> None:
        engine, table = make_engine(), Table()
        days = [f"2020-{1 + n // 28 % 12:02d}-{1 + n % 28:02d}T{n // 336:02d}:00:00Z" for n in range(1_300)]
        table.put(*(document(f"n{n:04d}", "停车场", metadata_modified=day) for n, day in enumerate(days)))
        engine.catch_up(table.feed)
        newest_first = [f"n{n:04d}" for n in sorted(range(1_300), key=lambda n: days[n], reverse=True)]

        def page(start: int) -> list[str]:
            asked = {"start": start, "rows": 20, "sort": "score desc, metadata_modified desc", "fq": "+state:active"}
            return [one["name"] for one in engine.search(read_request("*:*", asked)).documents]

        for start in (600, 520, 1_250, 1_290, 2_000):
            assert page(start) == newest_first[start : start + 20]
        table.delete(table.changes[0].key)
        table.put(document("newest", "停车场", metadata_modified="2026-01-01T00:00:00Z"))
        engine.catch_up(table.feed)
        assert page(600) == newest_first[599:619]
        assert page(1_290) == newest_first[1_289:-1]

    @pytest.mark.parametrize("sort", ["", "name asc", "score desc, name asc", "theme desc", "name asc, theme asc"])
    @pytest.mark.parametrize("q", ["*:*", "tags:交通", "交通"])
    def test_a_page_behind_the_end_has_the_count_and_no_documents(self, engine: Engine, q: str, sort: str) -> None:
        count = len(self.names(engine, q))
        for start in (5, 600, 1_000_000, 2**31 - 1, 2**31, str(2**63), 10**31):
            answer = engine.search(read_request(q, {"start": start, "rows": 20, "sort": sort, "df": "text"}))
            assert (answer.count, answer.documents) == (count, [])

    @pytest.mark.parametrize("start", [-1, "x", "1.5", "9" * 5_000])
    def test_a_start_that_is_no_whole_number_is_refused(self, engine: Engine, start: int | str) -> None:
        with pytest.raises(BadParameter, match="start"):
            engine.search(read_request("*:*", {"start": start}))

    def test_how_many_values_a_document_has_does_not_weigh(self, make_engine: Callable[[], Engine]) -> None:
        engine, table = make_engine(), Table()
        many = [f"tag-{n}" for n in range(40)]
        table.put(
            document("few", "甲", tags=["bus"]), document("many", "乙", tags=["bus", *many]), document("none", "丙")
        )
        engine.catch_up(table.feed)
        for q in ("tags:bus", "bus"):
            scores = engine.search(read_request(q, {**WEIGHTS, "qf": "tags^2 title"} if q == "bus" else {})).scores
            assert len(scores) == 2
            assert scores[0] == scores[1]
