"""What every engine has to do. An engine's test file makes the engine and inherits the class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.document import Document
from ckanext.govdata_search.engines.base import Change, Engine, Feed, Position
from ckanext.govdata_search.errors import SearchEngineError
from ckanext.govdata_search.interpret import Manner, read_filter
from ckanext.govdata_search.request import read_request

from .city import DOCUMENTS, SITE, document

WEIGHTS = {"defType": "dismax", "qf": "name^4 title^4 tags^2 groups^2 text", "mm": "2<-1 5<80%", "tie": "0.1"}


class Table:
    """The table of documents, in memory: what an engine reads on in."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.name = "1/1"

    def put(self, *documents: Document) -> None:
        for one in documents:
            self.changes.append(Change(len(self.changes) + 1, one["index_id"], one["site_id"], one))

    def delete(self, key: str | None, site: str = SITE) -> None:
        self.changes.append(Change(len(self.changes) + 1, key, site, None))

    def feed(self, position: Position) -> Feed | None:
        from_start = position.table != self.name
        after = 0 if from_start else position.number
        changes = [change for change in self.changes if change.number > after]
        return Feed(changes, Position(self.name, len(self.changes)), from_start) if changes or from_start else None


class EngineContract:
    """Inherit, and give a fixture `make_engine` that makes an engine on a fresh or, called again, on the same index."""

    @pytest.fixture
    def table(self) -> Table:
        return Table()

    @pytest.fixture
    def engine(self, make_engine: Callable[[], Engine], table: Table) -> Engine:
        engine = make_engine()
        table.put(*DOCUMENTS)
        engine.catch_up(table.feed)
        return engine

    @staticmethod
    def names(engine: Engine, q: str = "*:*", **parameters: Any) -> list[str]:
        answer = engine.search(read_request(q, {"rows": 100, "q.op": "AND", "df": "text", **parameters}))
        assert len(answer.documents) == answer.count
        return [one["name"] for one in answer.documents]

    def found(self, engine: Engine, q: str, **parameters: Any) -> set[str]:
        return set(self.names(engine, q, **parameters))

    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ("*:*", {"roads", "buses", "beds", "firms", "wifi"}),
            ("name:roads", {"roads"}),
            ("name:ROADS", set()),
            ("name:(roads OR buses)", {"roads", "buses"}),
            ("tags:交通 -name:roads", {"buses"}),
            ("tags:交通 AND NOT name:roads", {"buses"}),
            ("tags:交通 !name:roads", {"buses"}),
            ("-tags:交通", {"beds", "firms", "wifi"}),
            ("NOT tags:交通 NOT name:wifi", {"beds", "firms"}),
            ("(-tags:交通) +organization:weijianwei", {"beds"}),
            ("organization:jiaotongju && res_format:CSV", {"roads"}),
            ("name:roads || name:beds", {"roads", "beds"}),
            ('tags:"a:b"', {"firms"}),
            (r"tags:a\:b", {"firms"}),
            (r'tags:"with \"quotes\""', {"firms"}),
            ("name:b*", {"buses", "beds"}),
            ("name:b?ds", {"beds"}),
            (r"name:b\?ds", set()),
            ("name:*s", {"roads", "buses", "beds", "firms"}),
            ("theme:*", {"roads", "buses", "beds", "firms", "wifi"}),
            ("extras_source_system:*", {"buses"}),
            ("row_count:[* TO *]", {"roads"}),
            ("nothing_has_this:x", set()),
            ("title:交通", {"roads", "buses"}),
            ('title:"交通事故"', {"roads"}),
            ('title:"事故交通"', set()),
            ("title:hotspot*", {"wifi"}),
            ("title:hotspot", {"wifi"}),
            ("res_name:hotspot", set()),
            ("res_name:Hotspots", {"wifi"}),
            ("extras_source_system:调度", {"buses"}),
            ("text:调度系统", {"buses"}),
            ("hotspots~1", {"wifi"}),
            ("name:beda~1", {"beds"}),
            ('notes:"free parks"~3', {"wifi"}),
            ('notes:"free parks"', set()),
            ("url:http*", {"wifi"}),
            ('url:"http://city.example/wifi?x=1"', {"wifi"}),
            ("title_ngram:线路", {"buses"}),
            ("title_ngram:spot", {"wifi"}),
            ("name_ngram:oa", {"roads"}),
            ("name_ngram:o", {"roads"}),
            ("name:roads^5 OR name:beds^=2", {"roads", "beds"}),
        ],
    )
    def test_solrs_words_find_what_they_mean(self, engine: Engine, q: str, expected: set[str]) -> None:
        assert self.found(engine, q) == expected

    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ("metadata_modified:[2026-02-15T00:00:00Z TO *]", {"roads"}),
            ("metadata_modified:[* TO 2026-01-31T23:59:59Z]", {"firms", "wifi"}),
            ("metadata_modified:{2026-02-01T08:00:00Z TO 2026-03-01T08:00:00.000Z]", {"roads"}),
            ("metadata_modified:[2026-02-01T08:00:00Z TO 2026-03-01T08:00:00.000Z}", {"buses", "beds"}),
            ("metadata_modified:[2026-02-01T00:00:00Z/DAY TO 2026-02-01T00:00:00Z+1DAY]", {"buses", "beds"}),
            ("metadata_created:[* TO NOW-100YEARS]", set()),
            ('metadata_created:"2025-12-01T00:00:00Z"', {"roads"}),
            ("issued_date:[2024-01-01T00:00:00Z TO 2024-12-31T00:00:00Z]", {"firms"}),
            ("views_recent:[10 TO *]", {"buses"}),
            ("views_recent:3", {"beds"}),
            ("name:[b TO c]", {"buses", "beds"}),
            ("name:{beds TO c]", {"buses"}),
        ],
    )
    def test_ranges_keep_their_bounds(self, engine: Engine, q: str, expected: set[str]) -> None:
        assert self.found(engine, q) == expected

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

    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ('"交通', {"roads", "buses"}),
            ("交通 AND", {"roads", "buses"}),
            ("AND 交通", {"roads", "buses"}),
            ("交通（", {"roads", "buses"}),
            ("交通)", {"roads", "buses"}),
            ("((交通", {"roads", "buses"}),
            ("C++", {"wifi"}),
            ("🚌", {"wifi"}),
            ("http://city.example/wifi?x=1", {"wifi"}),
            ("title:", set()),
            ("title:交通 AND (", {"roads", "buses"}),
            ("title:[交通", None),
            ("12:30", set()),
            ("--交通", {"roads", "buses"}),
            ("交通 - 事故", {"roads"}),
            ("\\", None),
            ("（", None),
            ("^^~~", None),
            ("{!func}x", SearchEngineError),
            ("(" * 500 + "交通", SearchEngineError),
            ("交" * 20_000, None),
            ("a:b:c:d", None),
            ("*", None),
            ("?", None),
            ("[* TO", None),
            ("name:/r.*/", set()),
            ("\x00\ud800", None),
        ],
    )
    @pytest.mark.parametrize("manner", [WEIGHTS, {**WEIGHTS, "defType": "edismax"}, {}])
    def test_what_people_type_finds_something_or_says_why_not(
        self, engine: Engine, q: str, expected: Any, manner: dict[str, str]
    ) -> None:
        if expected is SearchEngineError:
            if manner.get("defType") != "dismax" or q.startswith("{!"):
                with pytest.raises(SearchEngineError):
                    self.names(engine, q, **manner)
            return
        names = self.found(engine, q, **manner)
        # CKAN gives no query with a colon to dismax.
        if expected and not (":" in q and manner.get("defType") == "dismax"):
            assert expected <= names

    @pytest.mark.parametrize(
        "fq",
        [
            'tags:"交通',
            "name:roads AND",
            "(name:roads",
            "name:roads)",
            "name:[a TO",
            "metadata_modified:[x TO y]",
            "views_recent:x",
        ],
    )
    def test_a_broken_filter_is_refused_and_never_widened(self, engine: Engine, fq: str) -> None:
        with pytest.raises(SearchEngineError):
            self.names(engine, fq=fq)

    def test_what_is_written_behind_a_demanded_clause_cannot_weaken_it(self, engine: Engine) -> None:
        assert "beds" not in self.names(engine, fq="+capacity:public OR capacity:private")
        assert "beds" not in self.names(engine, fq=["+capacity:public", "capacity:private OR *:*"])

    def test_filters_all_hold_and_labels_let_only_their_own_through(self, engine: Engine) -> None:
        labels = '+permission_labels:("public" OR "x")'
        assert self.found(engine, "*:*", fq=["+state:active", labels, f'+site_id:"{SITE}"']) == {"roads", "buses"}
        many = " OR ".join(f'"agency-{number}"' for number in range(3000))
        assert self.found(engine, "*:*", fq=[f'+permission_labels:({many} OR "agency-weijianwei")']) == {"beds"}

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
            ("views_recent asc, name asc", ["beds", "buses", "firms", "roads", "wifi"]),
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

    def facets(self, engine: Engine, field: str, q: str = "*:*", **parameters: Any) -> list[tuple[str, int]]:
        asked = {"facet": "true", "facet.field": [field], "facet.mincount": 1, "rows": 0, "q.op": "AND", **parameters}
        return engine.search(read_request(q, asked)).facets[field]

    def test_facets_count_exactly(self, engine: Engine) -> None:
        assert self.facets(engine, "tags")[0] == ("交通", 2)
        assert self.facets(engine, "res_format") == [("CSV", 3), ("JSON", 1), ("XLSX", 1)]
        assert self.facets(engine, "res_format", "tags:交通") == [("CSV", 1), ("JSON", 1), ("XLSX", 1)]
        assert self.facets(engine, "res_format", **{"facet.limit": 1}) == [("CSV", 3)]
        assert self.facets(engine, "res_format", **{"facet.limit": -1, "facet.sort": "index"})[-1] == ("XLSX", 1)
        assert self.facets(engine, "res_format", **{"facet.prefix": "X"}) == [("XLSX", 1)]
        assert self.facets(engine, "res_format", **{"facet.offset": 1, "facet.limit": 1}) == [("JSON", 1)]
        assert self.facets(engine, "res_format", **{"facet.mincount": 2}) == [("CSV", 3)]
        assert self.facets(engine, "res_format", "name:beds", **{"facet.mincount": 0})[1:] == [("JSON", 0), ("XLSX", 0)]
        assert self.facets(engine, "theme") == [("transport", 2), ("economy", 1), ("health", 1), ("it", 1)]
        assert self.facets(engine, "nobody_has_this") == []
        assert self.facets(engine, "metadata_created", **{"facet.limit": 1})[0][1] == 4

    def test_a_value_counted_as_none_comes_from_what_the_filters_let_through(self, engine: Engine) -> None:
        asked = {"facet.mincount": 0, "fq": ['+permission_labels:("public")'], "facet.limit": -1}
        assert dict(self.facets(engine, "theme", "name:roads", **asked)) == {"transport": 1, "economy": 0, "it": 0}
        assert "医院床位数" not in dict(self.facets(engine, "title", "name:roads", **asked))

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

    def test_words_for_the_form_of_a_dataset_are_not_demanded(self, engine: Engine) -> None:
        assert self.found(engine, "床位信息", **WEIGHTS) == {"beds"}
        assert self.found(engine, "企业数据", **WEIGHTS) == {"firms"}
        assert self.found(engine, "信息", **WEIGHTS) == set()
        assert self.found(engine, "医院的床位基本情况汇总表", **WEIGHTS) == {"beds"}
        assert self.found(engine, "全市企业", **WEIGHTS) == {"firms"}
        assert self.found(engine, "*:*", fq=["title:床位信息"]) == set()

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

    def test_facets_stay_exact_with_thousands_of_values(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        for part in range(4):
            numbers = range(part * 500, part * 500 + 500)
            table.put(*(document(f"n{n}", "x", tags=[f"t{n % 700}", "all", "2024-01-01T00:00:00Z"]) for n in numbers))
            engine.catch_up(table.feed)
        counted = dict(self.facets(engine, "tags", **{"facet.limit": -1}))
        assert counted["all"] == counted["2024-01-01T00:00:00Z"] == 2000
        assert len(counted) == 702
        assert [counted[f"t{n}"] for n in (0, 599, 600, 699)] == [3, 3, 2, 2]

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
        engine.rebuild(lambda _position: replace(table.feed(Position()) or Feed((), Position()), from_start=True))
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
