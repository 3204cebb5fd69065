"""How Chinese words are read, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.nearest import answered, exactly
from ckanext.govdata_search.request import read_request

from .base import WEIGHTS, EngineTests, Table
from .city import document


class ChineseContract(EngineTests):
    """Writing, synonyms, words that name nothing, pinyin."""

    @pytest.mark.requirement("LYG-16")
    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ("交通", {"roads", "buses"}),
            ("企業", {"firms"}),
            ("企业", {"firms"}),
            ("医院床位", {"beds"}),
            ("床位", {"beds"}),
            ("醫院", {"beds"}),
            ("连云港", {"firms"}),
            ("海州", {"firms"}),
            ("连云港市企业", {"firms"}),
            ("公共 线路", {"buses"}),
            ("医", {"beds"}),
            ("数", {"beds"}),
            ("wifi", {"wifi"}),
            ("WI-FI", {"wifi"}),
            ("hotspot", {"wifi"}),
            ("powershot", {"wifi"}),
            ("PowerShot", {"wifi"}),
            ("shot", {"wifi"}),
            ("cafe", {"wifi"}),
            ("Lincoln", {"wifi"}),
            ("２０２４", {"wifi"}),
            ("wireless parks cameras nowhere", {"wifi"}),
            ("wireless nowhere", set()),
            ("交通 -事故", {"buses"}),
            ("+交通 +线路", {"buses"}),
            ('"交通事故" 道路', {"roads"}),
            ("事故 OR 床位", {"roads", "beds"}),
        ],
    )
    def test_plain_words_find_titles_in_either_writing(self, engine: Engine, q: str, expected: set[str]) -> None:
        assert self.found(engine, q, **WEIGHTS) == expected

    @pytest.mark.requirement("LYG-16")
    def test_synonyms_find_one_another_without_a_rebuild(self, engine: Engine) -> None:
        def found(q: str, *lines: str, **more: Any) -> set[str]:
            asked = {"rows": 100, "q.op": "AND", "df": "text", **WEIGHTS, **more}
            return {one["name"] for one in engine.search(read_request(q, asked, synonyms.read(lines))).documents}

        assert found("公交") == set()
        assert found("公交", "公交 = 公共交通") == {"buses"}
        assert found("公交线路", "公交 = 公共交通") == {"buses"}
        assert found("病床", "病床 > 床位") == {"beds"}
        assert found("海州", "海州 > 床位") == {"beds", "firms"}
        assert found("床位 -病床", "病床 > 床位") == {"beds"}
        assert found("title:公交", "公交 = 公共交通", defType="lucene") == {"buses"}
        assert found("热点 OR 公交", "公交 = 公共交通", "热点 = hotspots") == {"buses", "wifi"}
        with_filter = read_request("*:*", {"fq": ["title:公交"]}, synonyms.read(["公交 = 公共交通"]))
        assert engine.search(with_filter).count == 0

    def test_what_was_typed_counts_more_than_its_synonym(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        table.put(document("other", "渡船时刻"), document("typed", "轮渡时刻"))
        table.put(*(document(f"n{n}", f"别的目录{n}", notes="渡船 轮渡" if n < 4 else "") for n in range(9)))
        engine.catch_up(table.feed)
        asked = {**WEIGHTS, "rows": 2, "q.op": "AND", "df": "text"}
        found = engine.search(read_request("轮渡时刻", asked, synonyms.read(["轮渡 = 渡船"])))
        assert [one["name"] for one in found.documents] == ["typed", "other"]

    def test_a_longer_word_does_not_come_first_for_its_length(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine = make_engine()
        table.put(document("longer", "气象灾害预警信号"), document("typed", "未来七日天气预报"))
        table.put(*(document(f"n{n}", f"别的目录{n}") for n in range(9)))
        engine.catch_up(table.feed)
        asked = {**WEIGHTS, "rows": 2, "q.op": "AND", "df": "text"}
        for line in ("天气 > 气象灾害预警信号", "天气 = 气象灾害预警"):
            found = engine.search(read_request("天气", asked, synonyms.read([line])))
            assert [one["name"] for one in found.documents] == ["typed", "longer"], line

    def test_words_for_the_form_of_a_dataset_are_not_demanded(self, engine: Engine) -> None:
        assert self.found(engine, "床位信息", **WEIGHTS) == {"beds"}
        assert self.found(engine, "企业数据", **WEIGHTS) == {"firms"}
        assert self.found(engine, "信息", **WEIGHTS) == set()
        assert self.found(engine, "医院的床位基本情况汇总表", **WEIGHTS) == {"beds"}
        assert self.found(engine, "全市企业", **WEIGHTS) == {"firms"}
        assert self.found(engine, "*:*", fq=["title:床位信息"]) == set()

    def test_words_that_name_nothing_are_not_demanded_when_typed_by_themselves_either(self, engine: Engine) -> None:
        for typed in ("床位 信息", "请问 床位 查询", "的 床位", "查 床位", "床位 -企业 信息"):
            assert self.found(engine, typed, **WEIGHTS) == {"beds"}, typed
        for typed in (
            "床位 +信息",
            "床位 AND 信息",
            '床位 "信息"',
            "床位 信息^2",
            "企业 花名册",
            "信息 数据",
            "？ 信息",
            "\x00 数据",
        ):
            assert self.found(engine, typed, **{**WEIGHTS, "defType": "edismax"}) == set(), typed

    def test_several_words_typed_as_one_are_no_columns_far_apart(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine = make_engine()
        table.put(
            document("list", "一卡通", notes="包含水库名称、投资金额、河道水位"),
            document("said", "一卡通", notes="每日公布水库水位"),
            document("named", "水库", notes="名称、水位"),
        )
        engine.catch_up(table.feed)
        assert self.found(engine, "水库水位", **WEIGHTS) == {"said", "named"}
        assert self.found(engine, "水库 水位", **WEIGHTS) == {"list", "said", "named"}
        assert self.found(engine, "一卡通 -水库水位", **WEIGHTS) == set()

    def test_of_three_words_a_title_may_lack_one_that_is_not_the_last(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine = make_engine()
        table.put(
            document("exact", "重点排污单位名录"),
            document("nearly", "排污单位名录"),
            document("other", "重点建设单位", notes="排污"),
            document("place", "海州区重点排污"),
        )
        engine.catch_up(table.feed)
        assert self.found(engine, "重点排污单位", **WEIGHTS) == {"exact", "nearly", "other"}
        assert self.names(engine, "重点排污单位", **WEIGHTS)[0] == "exact"
        for kept in ("海州区重点排污单位", "2023重点排污单位", "重点排污单位A类"):
            assert self.found(engine, kept, **WEIGHTS) == set(), kept
        assert self.found(engine, "*:*", fq=["title:重点排污单位"]) == {"exact"}

    @pytest.mark.requirement("LYG-16")
    def test_who_finds_nothing_is_given_what_comes_nearest(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine = make_engine()
        table.put(
            document("canteen", "食堂检查", tags=["甲"]),
            document("schools", "海州区学校", tags=["甲"]),
            document("said", "一卡通", notes="食堂"),
            document("fuel", "车辆加油记录"),
            document("firms", "企业年报"),
            document("kitchens", "后厨温度", tags=["乙"]),
        )
        engine.catch_up(table.feed)

        def found(q: str, *lines: str, **more: Any) -> set[str]:
            asked = {**WEIGHTS, "rows": 9, "q.op": "AND", "df": "text", **more}
            _request, answer = answered(engine.search, q, asked, synonyms.read(lines))
            assert answer.count == len(answer.documents)
            return {one["name"] for one in answer.documents}

        assert found("学校食堂") == {"canteen", "schools"}
        assert found("学校食堂", "食堂 = 后厨") == {"canteen", "schools", "kitchens"}
        assert found("学校食堂", "学校食堂 = 校园餐") == {"canteen", "schools"}
        assert found("学校食堂", fq=["tags:乙"]) == set()
        assert found("海州区学校食堂") == {"schools"}
        assert found("2023学校食堂") == set()
        assert found("加油站") == {"fuel"}
        assert found("食堂检查") == {"canteen"}
        assert found("学校企业") == {"schools"}
        assert found("学笑食堂") == set()
        assert found("食堂 温度") == found('"学校食堂"') == found("title:学校食堂", defType="lucene") == set()
        assert found("一卡通 -学校食堂") == {"said"}
        with exactly():
            assert found("学校食堂") == set()

    def test_a_wide_word_and_the_form_of_a_list_are_looked_for_in_titles(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine = make_engine()
        table.put(document("list", "绿色企业名录"), document("other", "企业年报", notes="按名录查询企业"))
        table.put(document("said", "纳税信用", notes="A级纳税人的企业名录"))
        engine.catch_up(table.feed)
        assert self.found(engine, "企业名录", **WEIGHTS) == {"list", "said"}

    def test_a_tag_that_is_part_of_a_class_is_no_subject(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        table.put(document("filed", "图书借阅", tags=["文化", "卫生", "体育"]), document("said", "场馆", tags=["体育"]))
        engine.catch_up(table.feed)
        assert self.found(engine, "体育", **WEIGHTS) == {"said"}
        assert self.found(engine, "*:*", fq=['tags:"体育"']) == {"filed", "said"}

    def test_who_keeps_a_dataset_is_found_by_the_whole_name_only(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine = make_engine()
        table.put(
            document("kept", "办件统计", maintainer="市行政审批局", author="市民政局"),
            document("said", "建设项目审批"),
        )
        engine.catch_up(table.feed)
        assert self.found(engine, "审批", **WEIGHTS) == {"said"}
        assert self.found(engine, "民政", **WEIGHTS) == set()
        assert self.found(engine, "行政审批局", **WEIGHTS) == {"kept"}
        assert self.found(engine, '"市行政审批"', **WEIGHTS) == {"kept"}
        assert self.found(engine, "市民政局", **WEIGHTS) == {"kept"}
        assert self.found(engine, "*:*", fq=["maintainer:审批"]) == {"kept"}

    def test_narrower_words_are_looked_for_in_titles(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        table.put(document("title", "幼儿园名单"), document("notes", "补贴", notes="幼儿园、学生"))
        engine.catch_up(table.feed)
        asked = {"rows": 9, "q.op": "AND", "df": "text", **WEIGHTS, "facet": "true", "facet.field": ["name"]}
        answer = engine.search(read_request("学校", asked, synonyms.read(["学校 > 幼儿园"])))
        assert [one["name"] for one in answer.documents] == ["title"]
        assert answer.facets["name"][0] == ("title", 1)

    @pytest.mark.requirement("LYG-16")
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("jiaotong", {"roads", "buses"}),
            ("JIAOTONG", {"roads", "buses"}),
            ("jt", {"roads", "buses"}),
            ("jiaot", {"roads", "buses"}),
            ("dljtsg", {"roads"}),
            ("yiyuanchuangwei", {"beds"}),
            ("qiye", {"firms"}),
            ("hotsp", {"wifi"}),
            ("通线", {"buses"}),
        ],
    )
    def test_autocompletion_reads_pinyin_and_initials(self, engine: Engine, typed: str, expected: set[str]) -> None:
        assert self.found(engine, f'title_ngram:"{typed}"') == expected

    def test_words_to_correct_with_are_counted_within_the_filters(self, engine: Engine) -> None:
        asked = {"fq": ['+permission_labels:("public")'], "facet.limit": -1}
        counted = dict(self.facets(engine, "suggest_words", **asked))
        assert counted["交通|jiaotong"] == 2
        assert "医院|yiyuan" not in counted
        assert dict(self.facets(engine, "suggest_words", **{"facet.limit": -1}))["医院|yiyuan"] == 1
