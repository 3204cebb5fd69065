"""Solr's words are read as Lucene's grammar has them, and what is broken is refused or mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from ckanext.govdata_search import synonyms
from ckanext.govdata_search.errors import (
    BadParameter,
    NotSupported,
    QuerySyntaxError,
    SearchEngineError,
    SortError,
)
from ckanext.govdata_search.interpret import Manner, read_filter, read_query, read_words
from ckanext.govdata_search.minimum import minimum_matches
from ckanext.govdata_search.query import (
    Best,
    Boost,
    Combine,
    Constant,
    Everything,
    Exists,
    Nothing,
    Pattern,
    Query,
    Range,
    Term,
    has_score,
    matching,
)
from ckanext.govdata_search.request import read_request, read_sort

NOW = datetime(2026, 5, 17, 13, 14, 15, tzinfo=timezone.utc)
MANNER = Manner(default_field="name", now=NOW)


def tree(text: str, conjunctive: bool = True) -> Query:
    return read_filter(text, MANNER, conjunctive)


def a(name: str) -> Term:
    return Term("name", name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", a("x")),
        ("x y", Combine(must=(a("x"), a("y")))),
        ("x AND y", Combine(must=(a("x"), a("y")))),
        ("x OR y", Combine(should=(a("x"), a("y")), minimum=1)),
        ("+x y", Combine(must=(a("x"), a("y")))),
        ("-x", Combine(must=(Everything(),), must_not=(a("x"),))),
        ("x -y", Combine(must=(a("x"),), must_not=(a("y"),))),
        ("x NOT y", Combine(must=(a("x"),), must_not=(a("y"),))),
        ("tags:(x OR y)", Combine(should=(Term("tags", "x"), Term("tags", "y")), minimum=1)),
        ("tags:x^2", Boost(Term("tags", "x"), 2.0)),
        ("tags:x^=2", Constant(Term("tags", "x"), 2.0)),
        (r"tags:a\ b\:c", Term("tags", "a b:c")),
        ('tags:"a \\"b\\""', Term("tags", 'a "b"')),
        ("tags:*", Exists("tags")),
        ("tags:[* TO *]", Exists("tags")),
        ("*:*", Everything()),
        ("tags:ab*", Constant(Pattern("tags", ("ab", None)))),
        ("tags:{a TO b]", Range("tags", "a", "b", False, True)),
        ("tags : x", Term("tags", "x")),
        ("  ", Everything()),
        ("title:，", Nothing()),
        (
            "metadata_created:[NOW/DAY-7DAYS TO NOW]",
            Range("metadata_created", "2026-05-10T00:00:00.000Z", "2026-05-17T13:14:15.000Z"),
        ),
        (
            "metadata_created:[2024 TO 2024-02-29]",
            Range("metadata_created", "2024-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"),
        ),
        (
            'metadata_created:["2024-01-31T00:00:00Z+1MONTH" TO *]',
            Range("metadata_created", "2024-02-29T00:00:00.000Z", None),
        ),
        ("metadata_created:2023", Range("metadata_created", "2023-01-01T00:00:00.000Z", "2023-12-31T23:59:59.999Z")),
        ("metadata_created:9999", Range("metadata_created", "9999-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z")),
        (
            "metadata_created:{2023-12 TO 2024-02}",
            Range("metadata_created", "2023-12-31T23:59:59.999Z", "2024-02-01T00:00:00.000Z", False, False),
        ),
    ],
)
def test_a_filter_becomes_the_tree_that_it_means(text: str, expected: Query) -> None:
    assert tree(text) == expected


def test_words_are_joined_by_the_operator_asked_for() -> None:
    assert tree("x y", conjunctive=False) == Combine(should=(a("x"), a("y")), minimum=1)


def test_or_does_not_weaken_what_plus_demands() -> None:
    query = tree("+x OR y")
    assert isinstance(query, Combine)
    assert query.must == (a("x"),)


@pytest.mark.parametrize(
    "text",
    [
        '"x',
        "(x",
        "x)",
        "x AND",
        "AND x",
        "x AND OR y",
        "tags:",
        "tags:[a b]",
        "tags:[a TO b",
        "x^",
        "[x TO y",
        "x\\",
    ],
)
def test_a_broken_filter_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(QuerySyntaxError, match="Cannot parse the query"):
        tree(text)


@pytest.mark.parametrize(
    "text", ["metadata_created:yesterday", "metadata_created:[NOW+1FORTNIGHT TO *]", "views_total:many"]
)
def test_a_filter_by_no_date_or_number_is_refused(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        tree(text)


def test_brackets_too_deep_are_refused_and_do_not_overflow() -> None:
    with pytest.raises(QuerySyntaxError, match="brackets"):
        tree("(" * 100_000)
    with pytest.raises(QuerySyntaxError):
        read_query("(" * 3_000 + "x", MANNER)


@pytest.mark.parametrize("text", ['"x', "x AND", "OR x", "(x", "x)", "x )(", "x ^", "x -", "--", "x ~"])
def test_what_people_type_is_mended(text: str) -> None:
    found = read_query(text, MANNER)
    assert found in (a("x"), Everything())


@pytest.mark.parametrize(
    ("spec", "words", "expected"),
    [("2<-1 5<80%", 1, 1), ("2<-1 5<80%", 2, 2), ("2<-1 5<80%", 3, 2), ("2<-1 5<80%", 5, 4), ("2<-1 5<80%", 10, 8),
     ("100%", 4, 4), ("1", 4, 1), ("-1", 4, 3), ("-25%", 4, 3), ("9", 4, 4), ("-9", 4, 0)],
)  # fmt: skip
def test_mm_says_how_many_words_are_needed(spec: str, words: int, expected: int) -> None:
    assert minimum_matches(spec, words) == expected


def test_mm_without_sense_is_refused() -> None:
    with pytest.raises(BadParameter):
        minimum_matches("most", 3)


@pytest.mark.parametrize(
    "parameters", [{"rows": "ten"}, {"start": -1}, {"rows": "-3"}, {"qf": "title^x", "defType": "dismax"}, {"tie": "x"}]
)
def test_a_parameter_of_the_wrong_kind_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(BadParameter):
        read_request("x", parameters)


def test_a_sort_names_fields_and_directions() -> None:
    assert [(key.field, key.descending) for key in read_sort("score desc, name ASC")] == [
        ("score", True),
        ("name", False),
    ]


@pytest.mark.parametrize("spec", ["sum(a,b) desc", "geodist() asc", "query($q) desc", "{!func}x desc", "name"])
def test_a_sort_by_a_function_or_without_direction_is_refused(spec: str) -> None:
    with pytest.raises(SortError, match="Can't determine a Sort Order"):
        read_sort(spec)


@pytest.mark.parametrize("name", ["bf", "boost", "facet.query", "facet.range", "facet.pivot", "json.facet"])
def test_what_would_change_the_answer_and_cannot_be_done_is_refused(name: str) -> None:
    with pytest.raises(NotSupported, match="not supported"):
        read_request("x", {name: "recip(ms(NOW,metadata_modified),3.16e-11,1,1)"})


def test_each_facet_has_settings_of_its_own() -> None:
    asked = {"facet": "true", "facet.field": ["tags", "theme"], "facet.limit": 50, "f.tags.facet.limit": 3}
    asked |= {"f.tags.facet.prefix": "a", "f.tags.facet.sort": "index", "f.theme.facet.mincount": 2}
    tags, theme = read_request("*:*", asked).facets
    assert (tags.limit, tags.prefix, tags.by_value, tags.least) == (3, "a", True, 0)
    assert (theme.limit, theme.prefix, theme.by_value, theme.least) == (50, "", False, 2)


def test_a_query_too_long_is_refused_and_too_many_words_are_cut() -> None:
    with pytest.raises(QuerySyntaxError, match="at most"):
        tree("x" * 400_000)
    with pytest.raises(QuerySyntaxError, match="at most"):
        read_query("x" * 400_000, MANNER)
    with pytest.raises(QuerySyntaxError, match="characters of text"):
        tree("title:" + "交" * 20_000)
    assert has_score(read_words("交通" * 20_000, Manner(weights={"title": 4, "text": 1}), full=False))


def test_only_words_have_a_score() -> None:
    assert not has_score(tree("*:*"))
    assert not has_score(tree("-x"))
    assert has_score(tree("x"))


def test_local_parameters_answer_lucene_and_bool_and_refuse_all_else() -> None:
    assert read_request("{!lucene df=name q.op=OR}x y", {}).query == Combine(should=(a("x"), a("y")), minimum=1)
    assert read_request("{!bool must=name:x must_not='name:y'}", {}).query == Combine(
        must=(a("x"),), must_not=(a("y"),)
    )
    for refused in ("{!knn f=v}[1]", "{!func}sum(1,2)", "{!join from=a to=b}x", "{!lucene v=$q}", "{!lucene"):
        with pytest.raises(SearchEngineError):
            read_request(refused, {})


def test_for_counting_a_query_is_stripped_to_what_finds() -> None:
    manner = Manner(weights={"name": 4, "title": 4, "tags": 2, "text": 1})
    assert matching(read_words("道路", manner, full=False)) == Term("text", "道路")
    assert Pattern("tags", ("道", None)) in matching(read_words("道*", manner, full=True)).should
    kept = read_words("交通", Manner(weights={"title": 4, "notes": 1}), full=False)
    assert matching(kept) == Combine(should=(Term("title", "交通"), Term("notes", "交通")), minimum=1)


def test_for_counting_what_the_text_covers_is_left_out() -> None:
    manner = Manner(weights={"title": 4, "text": 1}, synonyms=synonyms.read(["学校 > 幼儿园", "医院 = 卫生院"]))
    for typed in ("医院床位", "学校教师", "学校"):
        counted = matching(read_words(typed, manner, full=False))
        assert counted == matching(read_words(typed, replace(manner, weights={"text": 1}), full=False))
    assert matching(Best((a("x"), a("y")), finds=(a("y"),))) == a("y")
