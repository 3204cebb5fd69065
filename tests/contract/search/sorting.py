"""By what every engine can sort: any field, with several values or none, each document once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.govdata_search.document import Document
from ckanext.govdata_search.engines.base import Engine
from ckanext.govdata_search.engines.memory import MemoryEngine
from ckanext.govdata_search.errors import UnsortableField
from ckanext.govdata_search.request import read_request

from .base import EngineTests, Table
from .city import DOCUMENTS, document

LONG = "关于公共数据的说明 " * 60
MANY_SORTS = (
    *("author", "author_email", "maintainer", "notes", "title", "res_name", "res_description", "res_extras_size"),
    *("extras_Frequency", "extras_population", "tags", "groups", "res_format", "vocab_languages", "index_id", "id"),
    *("theme", "population", "release_date", "metadata_created", "views_total", "views_recent", "nobody_has_this"),
)


def varied(number: int) -> Document:
    """One of many documents, each with other fields, of which some have several values, long ones, odd ones or none."""
    several = [f"t{number * k % 11}" for k in (3, 5, 7)][: number % 4]
    fields = {
        "author": f"{'Zhou Li' if number % 3 else 'an Office'} {number % 5}",
        "author_email": f"user{number % 4}@city.example",
        "maintainer": "Zhou Li" if number % 2 else "zhou an",
        "notes": f"{LONG[: number * 40]}第{number % 3}版",
        "groups": several[::-1],
        "res_name": [f"表 {number % 7}", f"a table {number % 6}"],
        "res_description": [LONG * (number % 3), "x"],
        "res_extras_size": several,
        "extras_Frequency": ("每年", "每月", "Every day", "every week")[number % 4],
        "extras_population": str(number % 5),
        "res_format": ["CSV", "XLSX", "JSON"][number % 3 :],
        "vocab_languages": several,
        "theme": f"theme.{number % 6}",
        "population": str(number % 8),
        "release_date": ("unknown", "1955-10-01T00:00:00Z", f"2024-0{1 + number % 5}-01", "1970-01-01")[number % 4],
        "metadata_created": f"2026-01-0{1 + number % 4}T00:00:00Z",
        "views_total": (0, 5, 30, "many")[number % 4],
        "views_recent": number % 3,
    }
    held = {name: value for at, (name, value) in enumerate(fields.items()) if (number + at) % 5}
    return document(f"n{number * 37 % 60:02d}", f"统计 {number % 9}", tags=several, **held)


class SortingContract(EngineTests):
    """Sort keys of every kind; the plain engine says what is right."""

    @staticmethod
    def paged(engine: Engine, q: str, **asked: Any) -> list[str]:
        """The keys of everything that is found, page by page."""
        out: list[str] = []
        while len(out) < 1_000:
            answer = engine.search(read_request(q, {"rows": 7, "df": "text", "start": len(out), **asked}))
            out += [one["index_id"] for one in answer.documents]
            if not answer.documents:
                break
        return out

    def test_every_sort_gives_each_document_once_as_the_plain_engine_orders_them(
        self, make_engine: Callable[[], Engine], table: Table
    ) -> None:
        engine, plain = make_engine(), MemoryEngine()
        for part in (range(30), range(30, 60)):
            table.put(*map(varied, part))
            engine.catch_up(table.feed)
        plain.catch_up(table.feed)
        ways = [f"{name} {way}" for name in MANY_SORTS for way in ("asc", "desc")]
        sorts = [sort for way in ways for sort in (f"{way}, name desc", f"views_recent desc, {way}, name asc")]
        whole = {
            sort: [one["index_id"] for one in plain.search(read_request("*:*", {"sort": sort, "rows": 99})).documents]
            for sort in (*sorts, "author asc, score desc, name asc")
        }
        assert {len(set(expected)) for expected in whole.values()} == {60}
        assert [sort for sort in whole if self.paged(engine, "*:*", sort=sort) != whole[sort]] == []
        # Of equal ones without a further key each engine has its own order, but always the same.
        assert [way for way in ways if len(set(self.paged(engine, "*:*", sort=way))) != 60] == []

    @pytest.mark.parametrize("name", MANY_SORTS)
    def test_what_words_and_filters_find_is_sorted_by_the_same_rules(self, engine: Engine, name: str) -> None:
        plain = MemoryEngine()
        held = Table()
        held.put(*DOCUMENTS)
        plain.catch_up(held.feed)
        for way in ("asc", "desc"):
            # Not by the score as well: it differs a little from engine to engine.
            asked = {"sort": f"{name} {way}, name asc", "fq": "+state:active"}
            whole = plain.search(read_request("统计 OR 交通 OR parks", {"rows": 9, "df": "text", **asked})).documents
            assert self.paged(engine, "统计 OR 交通 OR parks", **asked) == [one["index_id"] for one in whole]

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("tags asc, name asc", ["two", "high", "low", "nothing"]),
            ("tags desc, name asc", ["two", "low", "high", "nothing"]),
            ("population asc, name asc", ["high", "low", "nothing", "two"]),
            ("population desc, name asc", ["low", "high", "nothing", "two"]),
            ("extras_population asc, name asc", ["nothing", "two", "high", "low"]),
            ("extras_population desc, name asc", ["low", "high", "nothing", "two"]),
            ("author asc, name asc", ["nothing", "two", "high", "low"]),
            ("release_date asc, name asc", ["two", "nothing", "low", "high"]),
            ("release_date desc, name asc", ["high", "low", "nothing", "two"]),
            ("views_total asc, name asc", ["nothing", "two", "high", "low"]),
            ("views_total desc, name asc", ["low", "high", "nothing", "two"]),
        ],
    )
    def test_several_values_and_none_stand_where_solr_puts_them(
        self, make_engine: Callable[[], Engine], sort: str, expected: list[str]
    ) -> None:
        engine, table = make_engine(), Table()
        high = {"population": "10", "extras_population": "10", "author": "anna", "release_date": "2026-01-01"}
        low = {"population": "9", "extras_population": "9", "author": "Bertha", "release_date": "2025-01-01"}
        table.put(
            document("nothing", "甲"),
            document("low", "乙", tags=["m"], views_total=7, **low),
            document("two", "丙", tags=["z", "a"], views_total=0, release_date="1949-10-01"),
            document("high", "丁", tags=["b"], views_total=1, **high),
        )
        engine.catch_up(table.feed)
        assert self.names(engine, sort=sort) == expected

    @pytest.mark.parametrize("name", ["text", "urls", "title_ngram", "name_ngram", "data_dict", "validated_data_dict"])
    def test_a_field_without_values_of_its_own_is_refused(self, engine: Engine, name: str) -> None:
        with pytest.raises(UnsortableField, match=name):
            self.names(engine, sort=f"name asc, {name} desc")
