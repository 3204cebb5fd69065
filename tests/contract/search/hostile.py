"""What nobody may reach by an odd query or an odd document: no filter lets more through, no search hangs, no write is stuck."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.errors import QuerySyntaxError, SearchEngineError
from ckanext.govdata_search.request import read_request

from .base import EngineTests, Table
from .city import document

BY_SCORE_AND_DATE = {"sort": "score desc, metadata_modified desc"}
ALL = {"roads", "buses", "beds", "firms", "wifi"}


class HostileContract(EngineTests):
    """Odd ones are answered as they are meant, or refused."""

    @pytest.mark.parametrize(
        "odd",
        [
            {"tie": "nan"},
            {"tie": "inf"},
            {"tie": "2"},
            {"qf": "title^1e39 text"},
            {"qf": "title^nan text"},
            {"qf": "title^-1 text"},
            {"start": float("inf")},
            {"rows": float("inf")},
            {"sort": "\ud800 asc"},
            {"sort": ", ".join(f"extras_q{n} asc" for n in range(11))},
            {"qf": " ".join(f"f{n}" for n in range(51))},
        ],
    )
    def test_a_parameter_that_nothing_can_be_reckoned_with_is_refused(
        self, engine: Engine, odd: dict[str, Any]
    ) -> None:
        with pytest.raises(SearchEngineError):
            engine.search(read_request("道路 交通", {"defType": "dismax", "qf": "title^4 text", **odd}))

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("manner", [{}, {"defType": "edismax", "qf": "title^4 text tags", "tie": "0.1"}])
    def test_boosts_within_boosts_come_to_an_end(self, engine: Engine, manner: dict[str, str]) -> None:
        q = "(" * 8 + "交通^1000000" + ")^1000000" * 8
        answer = engine.search(read_request(q, {"df": "text", **manner, **BY_SCORE_AND_DATE}))
        assert answer.count == 2
        assert all(0 < score < 3e38 for score in answer.scores)

    @pytest.mark.parametrize("value", ["9" * 5_000, "9" * 19, "1e400", "nan"])
    def test_a_number_too_long_to_be_one_stops_no_write_and_no_search(
        self, engine: Engine, table: Table, value: str
    ) -> None:
        table.put(document("odd", "奇数", views_total=value), document("after", "其后"))
        engine.catch_up(table.feed)
        assert {"odd", "after"} <= self.found(engine, "*:*")
        assert self.found(engine, f"views_total:{value}") == set()
        for fq in (f"views_total:{value}", f"-views_total:{value}", f"views_total:[{value} TO *]"):
            with pytest.raises(QuerySyntaxError):
                self.names(engine, fq=fq)

    def test_a_phrase_with_an_open_end_knows_all_endings(self, engine: Engine, table: Table) -> None:
        table.put(*(document(f"m{n}", f"城市 一{chr(0x4E00 + 7 * n)}") for n in range(1, 121)))
        engine.catch_up(table.feed)
        assert self.found(engine, "*:*", fq='-title:"城市 一"', rows=200) == ALL
        assert len(self.found(engine, '"城市 一"~2', rows=200)) == 120

    def test_a_month_of_another_zone_is_as_long_as_it_is_there(self, engine: Engine, table: Table) -> None:
        table.put(document("late", "月末", metadata_modified="2026-03-30T12:00:00Z"))
        engine.catch_up(table.feed)
        assert self.found(engine, "*:*", fq='metadata_modified:"2026-03+08:00"') == {"roads", "late"}
        assert self.found(engine, "*:*", fq='-metadata_modified:"2026-03+08:00"') == ALL - {"roads"}
        assert self.found(engine, "*:*", fq="metadata_modified:[* TO 2026-01-01+100DAYS]") == {*ALL, "late"}

    def test_a_wildcard_covers_a_line_break(self, engine: Engine, table: Table) -> None:
        table.put(document("lines", "几行", remark="first\nsecret"))
        engine.catch_up(table.feed)
        assert self.found(engine, "*:*", fq="-remark:*secret*") == ALL
        assert self.found(engine, "remark:first?secret") == {"lines"}

    def test_a_fuzzy_word_stays_in_its_field(self, engine: Engine, table: Table) -> None:
        table.put(document("one", "甲", owner1="abcd", extras_a1="bcdf"), document("two", "乙", owner2="abcf"))
        engine.catch_up(table.feed)
        for q, expected in (("owner2:abcd~1", {"two"}), ("owner1:abce~1", {"one"}), ("extras_a2:bcdf~1", set())):
            assert self.found(engine, q) == expected, q

    @pytest.mark.parametrize("value", ["private", '"private"', "p*", "[a TO b]", "(nothing here)", "private~1"])
    def test_any_field_has_no_values(self, engine: Engine, value: str) -> None:
        for fq in (f"*:{value}", f"-*:{value}"):
            with pytest.raises(QuerySyntaxError):
                self.names(engine, fq=fq)
        assert self.found(engine, f"*:{value}") == set()

    def test_any_field_with_any_value_is_everything(self, engine: Engine) -> None:
        for fq in ("*:*", "*:[* TO *]"):
            assert self.found(engine, "*:*", fq=fq) == ALL
            assert self.found(engine, "*:*", fq=f"-{fq}") == set()

    def test_a_value_that_is_none_is_no_value(self, engine: Engine, table: Table) -> None:
        table.put(document("vague", "不详", issued_date="unknown", views_total="abc", extras_note="???"))
        engine.catch_up(table.feed)
        for field in ("issued_date", "views_total", "extras_note"):
            assert "vague" not in self.found(engine, "*:*", fq=f"{field}:*"), field
            assert "vague" in self.found(engine, "*:*", fq=f"-{field}:*"), field

    @pytest.mark.parametrize(
        "q",
        [
            " OR ".join(f"text:*{chr(0x4E00 + n)}" for n in range(51)),
            " OR ".join(f"text:一{chr(0x4E00 + n)}~2" for n in range(51)),
            " OR ".join(f"text:[{chr(0x4E00 + n)} TO *]" for n in range(3)),
            " OR ".join(f"name:[a{n} TO b]" for n in range(51)),
            'text:"' + " ".join(["author"] * 101) + '"~2',
            "n" * 501 + ":x",
        ],
    )
    def test_what_would_look_through_all_words_again_and_again_is_refused(self, engine: Engine, q: str) -> None:
        for asked in ({"q": q}, {"q": "*:*", "fq": q}, {"q": q, "defType": "edismax", "qf": "title text"}):
            with pytest.raises(QuerySyntaxError):
                self.names(engine, **asked)

    def test_as_much_as_a_request_may_ask_for_is_answered(self, engine: Engine) -> None:
        with pytest.raises(QuerySyntaxError):
            self.names(engine, 'text:"' + "aAé" * 8_000 + '"')
        many = [f"{chr(0x4E00 + n)}*" for n in range(49)]
        assert "roads" in self.found(engine, f"title:({' OR '.join(many)} OR 道路*)")
        assert self.found(engine, "name:" + "a" * 60 + "~2") == set()
        with pytest.raises(QuerySyntaxError):
            self.names(engine, fq="-name:" + "a" * 60 + "~2")

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("text", ["aAé" * 100_000, "a" + "\u0301\u0323" * 100_000, "a'b\u2019s" * 50_000])
    def test_a_text_of_an_odd_make_is_indexed_as_quickly_as_any(self, engine: Engine, table: Table, text: str) -> None:
        table.put(document("odd", "奇文", notes=text, extras_note=text), document("after", "其后"))
        engine.catch_up(table.feed)
        assert {"odd", "after"} <= self.found(engine, "*:*")

    def test_a_field_with_a_name_of_an_odd_make_is_no_other_field(self, engine: Engine, table: Table) -> None:
        odd = {"extras_a\tauthor\x1fbob\tz": "v", "a\x1fb": "c", "long" * 3_000: "x"}
        table.put(document("odd", "奇名", **odd), document("after", "其后"))
        engine.catch_up(table.feed)
        assert {"odd", "after"} <= self.found(engine, "*:*")
        assert self.found(engine, "author:bob") == set()
        assert self.found(engine, "*:*", fq='a:"b\x1fc"') == set()

    def test_half_a_character_finds_nothing_and_harms_nothing(self, engine: Engine) -> None:
        assert self.found(engine, "*:*", fq="tags:\ud800") == set()
        with pytest.raises(SearchEngineError):
            self.names(engine, fq="\ud800:x")

    def test_a_moment_written_with_an_escape_is_that_of_each_search(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine, fq = make_engine(), r"metadata_modified:[N\OW/DAY TO *]"
        for name, day in (("past", "2026-01-01"), ("to-come", "2999-01-01")):
            table.put(document(name, name, metadata_modified=f"{day}T00:00:00Z"))
        engine.catch_up(table.feed)
        assert self.found(engine, "*:*", fq=fq) == {"to-come"}
