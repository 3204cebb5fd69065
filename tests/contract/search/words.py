"""What Solr's words, and whatever else people type, have to find on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.errors import SearchEngineError

from .base import WEIGHTS, EngineTests
from .city import SITE


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
