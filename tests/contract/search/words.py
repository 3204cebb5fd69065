"""What Solr's words, and whatever else people type, have to find on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.errors import SearchEngineError

from .base import WEIGHTS, EngineTests, Table
from .city import SITE, document


class WordsContract(EngineTests):
    """Queries and filters in Solr's language."""

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
            ("text:http", set()),
            ("text:csv", {"roads", "beds", "wifi"}),
            ('organization:""', set()),
            ('organization:"" OR name:roads', {"roads"}),
            ('title:"" AND tags:交通', set()),
            ("title:...", set()),
            ("title:()", set()),
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
            ("metadata_modified:2026-02-01", {"buses", "beds"}),
            ("metadata_modified:2026-02", {"buses", "beds"}),
            ("-metadata_modified:2026-02 +metadata_modified:2026", {"roads", "firms", "wifi"}),
            ("metadata_modified:2026-02-01T08", set()),
            ("metadata_modified:[2026-02 TO 2026-03-01]", {"roads", "buses", "beds"}),
            ("metadata_modified:{2026-01 TO 2026-03}", {"buses", "beds"}),
            ("metadata_modified:[2026-01-31 TO 9999]", {"roads", "buses", "beds"}),
            ("metadata_modified:[2026-02-01/MONTH TO 2026-02-01+1DAY}", {"buses", "beds"}),
            ("issued_date:[2024-01-01T00:00:00Z TO 2024-12-31T00:00:00Z]", {"firms"}),
            ("views_recent:[10 TO *]", {"buses"}),
            ("views_recent:3", {"beds"}),
            ("name:[b TO c]", {"buses", "beds"}),
            ("name:{beds TO c]", {"buses"}),
        ],
    )
    def test_ranges_keep_their_bounds(self, engine: Engine, q: str, expected: set[str]) -> None:
        assert self.found(engine, q) == expected

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
            ("name:/r.*/", SearchEngineError),
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
            "organization:",
            "-tags: organization:jiaotongju",
            '-nothing: +state:("draft" OR "active")',
            "name:roads AND ()",
            "organization:()",
            "-tags:a:b",
            "tags:-交通",
            "tags:AND",
            "metadata_modified:[* to NOW]",
            "-name:/r.*/",
            "/r.*/",
            "-filter(tags:交通)",
            "-(tags:交通 /* all of them */)",
        ],
    )
    def test_a_broken_filter_is_refused_and_never_widened(self, engine: Engine, fq: str) -> None:
        with pytest.raises(SearchEngineError):
            self.names(engine, fq=fq)

    @pytest.mark.parametrize(
        ("fq", "expected"),
        [
            ("name:(roads buses)", {"roads", "buses"}),
            ("-name:(roads buses)", {"beds", "firms", "wifi"}),
            ("NOT organization:(jiaotongju xinxi)", {"beds", "firms"}),
            ("res_format:(CSV JSON)", {"roads", "buses", "beds", "wifi"}),
            ("name:(roads buses) AND res_format:(CSV XLSX)", {"roads"}),
            ('tags:(交通 卫生 "安全")', {"roads"}),
            ("tags:(交通 卫生 -bus)", {"roads", "beds"}),
            ("tags:(交通 安全*)", {"roads"}),
            ("tags:(+交通 安全 bus)", {"roads", "buses"}),
            ("tags:(交通 AND 安全 卫生)", set()),
            ("tags:(交通 tags:安全)", {"roads"}),
            ("tags:(安全 OR 卫生 交通)", {"roads", "buses"}),
            ("views_recent:(3 12)", {"buses", "beds"}),
            ("title:(交通 事故)", {"roads"}),
            ("notes:(parks cameras)", {"wifi"}),
        ],
    )
    def test_bare_words_of_an_exact_field_are_alternatives(self, engine: Engine, fq: str, expected: set[str]) -> None:
        assert self.found(engine, "*:*", fq=fq, **{"q.op": "AND"}) == expected
        assert self.found(engine, fq, **{"q.op": "AND"}) == expected

    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ("交通 AND (事故 OR 线路)", {"roads", "buses"}),
            ("交通 NOT (事故 OR 企业)", {"buses"}),
            ("(交通 AND 事故) OR 床位", {"roads", "beds"}),
            ("床位 OR (交通 AND NOT 线路)", {"roads", "beds"}),
            ("交通 AND (线路", {"buses"}),
            ("交通 (事故)", {"roads"}),
            ("+交通 事故", {"roads"}),
            ("交通 +线路", {"buses"}),
            ("+交通 OR 床位", {"roads", "buses"}),
        ],
    )
    def test_brackets_and_signs_among_typed_words_mean_what_they_say(
        self, engine: Engine, q: str, expected: set[str]
    ) -> None:
        assert self.found(engine, q, **WEIGHTS) == expected

    def test_all_words_are_demanded_where_the_operator_is_and_unless_less_are_enough(self, engine: Engine) -> None:
        weights = {"qf": WEIGHTS["qf"]}
        assert self.found(engine, "交通 事故 线路", defType="edismax", mm="1", **weights) == set()
        assert self.found(engine, "tags:(交通 安全)", defType="edismax", **weights) == {"roads"}
        assert self.found(engine, "交通 床位", defType="dismax", **weights) == set()
        either = {**weights, "q.op": "OR"}
        assert self.found(engine, "交通 床位", defType="dismax", **either) == {"roads", "buses", "beds"}
        assert self.found(engine, "交通 床位", defType="edismax", **either) == {"roads", "buses", "beds"}

    def test_of_several_patterns_that_fit_a_field_the_longest_decides(self, engine: Engine, table: Table) -> None:
        table.put(document("survey", "普查", extras_release_date="spring 2010", vocab_their_date=["soon"]))
        engine.catch_up(table.feed)
        assert self.found(engine, "extras_release_date:2010") == {"survey"}
        assert self.found(engine, "*:*", fq="vocab_their_date:soon") == {"survey"}

    @pytest.mark.parametrize(
        "parameters",
        [
            {"group": "true", "group.field": "organization"},
            {"cursorMark": "*", "sort": "id asc"},
            {"facet": "true", "facet.field": ["tags"], "facet.contains": "a"},
            {"facet": "true", "facet.field": ["{!key=other}tags"]},
        ],
    )
    def test_what_would_change_the_answer_and_cannot_be_done_is_refused(
        self, engine: Engine, parameters: dict[str, Any]
    ) -> None:
        with pytest.raises(SearchEngineError, match="not supported"):
            self.names(engine, "*:*", **parameters)
        assert self.found(engine, "*:*", group="false")

    def test_what_is_written_behind_a_demanded_clause_cannot_weaken_it(self, engine: Engine) -> None:
        assert "beds" not in self.names(engine, fq="+capacity:public OR capacity:private")
        assert "beds" not in self.names(engine, fq=["+capacity:public", "capacity:private OR *:*"])

    def test_filters_all_hold_and_labels_let_only_their_own_through(self, engine: Engine) -> None:
        labels = '+permission_labels:("public" OR "x")'
        assert self.found(engine, "*:*", fq=["+state:active", labels, f'+site_id:"{SITE}"']) == {"roads", "buses"}
        many = " OR ".join(f'"agency-{number}"' for number in range(3000))
        assert self.found(engine, "*:*", fq=[f'+permission_labels:({many} OR "agency-weijianwei")']) == {"beds"}
