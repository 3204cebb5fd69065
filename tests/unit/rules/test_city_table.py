"""The five cities' differences, typed by hand from the requirements and compared with what the packs answer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ckanext.govdata.rules.domain import Binding, MonthDay, PackStatus, Reviewer, Topic, Unit
from ckanext.govdata.rules.packs import available_packs, load_pack

CITIES = ("yangzhou", "lianyungang", "dongchangfu", "guiyang", "zibo")
ARTICLE = re.compile(r"(YZ|LYG|DCF|ZB)-[1-9]\d?|GY-c[1-9]")

# city, topic, number, unit, words, article; one line for each filled cell of the table.
CELLS = [
    ("yangzhou", "sign_in_for_unconditional", None, None, ("required",), "YZ-27"),
    ("lianyungang", "sign_in_for_unconditional", None, None, ("not_required",), "LYG-9"),
    ("dongchangfu", "sign_in_for_unconditional", None, None, ("not_required",), "DCF-24"),
    ("lianyungang", "open_application_answer", 10, "working_days", (), "LYG-19"),
    ("lianyungang", "open_application_refusal", None, None, ("reason_or_basis",), "LYG-19"),
    ("dongchangfu", "open_application_refusal", None, None, ("reason",), "DCF-25"),
    ("yangzhou", "sharing_application_answer", 5, "working_days", (), "YZ-22"),
    ("yangzhou", "sharing_application_refusal", None, None, ("reason_and_basis",), "YZ-22"),
    ("yangzhou", "sharing_supply", 5, "working_days", (), "YZ-22"),
    ("yangzhou", "sharing_doubt", 5, "working_days", (), "YZ-25"),
    ("lianyungang", "open_objection", None, None, ("in_time",), "LYG-20"),
    ("guiyang", "open_objection", None, None, ("by_procedure",), "GY-c5"),
    ("yangzhou", "catalogue_update", 15, "working_days", (), "YZ-12"),
    ("dongchangfu", "catalogue_update", 15, "working_days", (), "DCF-16"),
    ("guiyang", "catalogue_update", None, None, ("dynamic",), "GY-c2"),
    ("zibo", "catalogue_update", 15, "working_days", (), "ZB-10"),
    ("yangzhou", "yearly_review", MonthDay(6, 30), "month_day", (), "YZ-12"),
    ("lianyungang", "open_basis", None, None, ("not_open",), "LYG-7"),
    ("dongchangfu", "open_basis", None, None, ("conditional", "not_open"), "DCF-22"),
    ("lianyungang", "open_exception", None, None, ("listed",), "LYG-7"),
    ("yangzhou", "sharing_basis", None, None, ("conditional", "not_shared"), "YZ-20"),
    ("dongchangfu", "sharing_basis", None, None, ("conditional", "not_shared"), "DCF-19"),
    ("yangzhou", "base_register_sharing", None, None, ("unconditional",), "YZ-21"),
    ("zibo", "pooling_basis", None, None, ("not_pooled",), "ZB-13"),
    ("guiyang", "negative_list", None, None, ("kept",), "GY-c2"),
    ("dongchangfu", "commercial_use", None, None, ("by_competition",), "DCF-25"),
    ("guiyang", "commercial_use", None, None, ("paid_use_explored",), "GY-c6"),
    ("guiyang", "authorised_operation_term", 3, "years", ("in_principle",), "GY-c6"),
    ("yangzhou", "catalogue_review", None, None, ("authority", "operator", "district_authority"), "YZ-14"),
    ("dongchangfu", "catalogue_review", None, None, ("authority",), "DCF-15"),
    ("zibo", "catalogue_review", None, None, ("authority",), "ZB-10"),
    ("lianyungang", "open_list_review", None, None, ("authority", "operator", "agency"), "LYG-12"),
    ("dongchangfu", "open_list_review", None, None, ("agency",), "DCF-23"),
]
FILLED = {(city, topic) for city, topic, *_ in CELLS}
# The articles of a row, wherever they are from: a cell that is filled or blank proves them for its city.
ROWS = {topic: tuple(dict.fromkeys(cell[5] for cell in CELLS if cell[1] == topic)) for _, topic, *_ in CELLS}
BLANK = [(city, topic) for city in CITIES for topic in Topic if (city, topic.value) not in FILLED]


def cases() -> list[Any]:
    return [
        pytest.param(*cell, id=f"{cell[5]} {cell[1]}", marks=pytest.mark.requirement(*ROWS[cell[1]])) for cell in CELLS
    ]


def blanks() -> list[Any]:
    return [
        pytest.param(city, topic, id=f"{city} {topic.value}", marks=pytest.mark.requirement(*ROWS.get(topic.value, ())))
        for city, topic in BLANK
    ]


@pytest.mark.parametrize(("city", "topic", "number", "unit", "words", "article"), cases())
def test_a_filled_cell_answers_with_number_unit_words_and_article(
    city: str, topic: str, number: int | MonthDay | None, unit: str | None, words: tuple[str, ...], article: str
) -> None:
    rule = load_pack(city).rule(Topic(topic))
    assert rule is not None
    assert (rule.month_day or rule.number, rule.unit) == (number, Unit(unit) if unit else None)
    assert rule.values == words
    assert rule.citation.article == article


@pytest.mark.parametrize(("city", "topic"), blanks())
def test_a_blank_cell_is_no_rule(city: str, topic: Topic) -> None:
    pack = load_pack(city)
    assert pack.rule(topic) is None
    assert pack.binding(topic) is None


def test_every_city_of_the_requirements_has_a_pack() -> None:
    assert available_packs() == tuple(sorted(CITIES))


@pytest.mark.parametrize("city", CITIES)
def test_every_entry_cites_an_article_and_quotes_words(city: str) -> None:
    for rule in load_pack(city).rules.values():
        assert ARTICLE.fullmatch(rule.citation.article)
        assert re.search(r"[\u4e00-\u9fff]{4}", rule.citation.quote)
        assert len(rule.citation.quote) <= 60


@pytest.mark.requirement("LYG-19")
def test_traditional_words_have_simplified_ones_beside_them_character_for_character() -> None:
    for rule in load_pack("lianyungang").rules.values():
        assert rule.citation.quote_simplified is not None
        assert len(rule.citation.quote_simplified) == len(rule.citation.quote)
        assert rule.citation.simplified != rule.citation.quote


@pytest.mark.parametrize(
    ("city", "topic", "words"),
    [
        ("lianyungang", Topic.OPEN_APPLICATION_ANSWER, "第十九条"),
        ("lianyungang", Topic.SIGN_IN_FOR_UNCONDITIONAL, "第九条"),
        ("yangzhou", Topic.SHARING_BASIS, "第二十条"),
        ("dongchangfu", Topic.OPEN_BASIS, "第二十二条"),
        ("zibo", Topic.CATALOGUE_UPDATE, "第十条"),
        ("guiyang", Topic.OPEN_OBJECTION, "第五章"),
    ],
)
def test_an_article_is_named_as_chinese_texts_name_it(city: str, topic: Topic, words: str) -> None:
    rule = load_pack(city).rule(topic)
    assert rule is not None
    assert rule.citation.words == words


@pytest.mark.parametrize(
    ("city", "status", "issued", "effective", "expires"),
    [
        ("yangzhou", "draft", date(2021, 5, 11), None, None),
        ("lianyungang", "in_force", date(2019, 11, 8), date(2020, 1, 1), None),
        ("dongchangfu", "expired", date(2020, 9, 21), date(2020, 11, 1), date(2022, 11, 1)),
        ("guiyang", "draft", None, None, None),
        ("zibo", "in_force", date(2024, 9, 17), date(2024, 11, 1), None),
    ],
)
def test_a_pack_knows_its_text_s_status_and_dates(
    city: str, status: str, issued: date | None, effective: date | None, expires: date | None
) -> None:
    text = load_pack(city).instrument
    assert text.status is PackStatus(status)
    assert (text.issued, text.effective, text.expires) == (issued, effective, expires)


@pytest.mark.parametrize("city", ["yangzhou", "dongchangfu", "guiyang"])
def test_nothing_of_a_draft_or_an_expired_text_is_ever_statutory(city: str) -> None:
    pack = load_pack(city)
    assert not pack.statutory
    for day in (date(2019, 1, 1), date(2021, 6, 1), date(2022, 10, 31), date(2026, 1, 1), date(2040, 1, 1)):
        assert not pack.statutory_on(day)
        assert all(rule.binding_on(day) is Binding.PACK for rule in pack.rules.values())


@pytest.mark.parametrize(("city", "first"), [("lianyungang", date(2020, 1, 1)), ("zibo", date(2024, 11, 1))])
def test_a_text_in_force_is_statutory_from_its_first_day_and_not_before(city: str, first: date) -> None:
    pack = load_pack(city)
    assert pack.statutory
    assert pack.statutory_on(first)
    assert not pack.statutory_on(first.replace(year=first.year - 1))
    assert {pack.binding(topic) for topic in pack.rules} == {Binding.STATUTORY}


@pytest.mark.requirement("YZ-27", "LYG-9", "DCF-24")
@pytest.mark.parametrize(
    ("city", "expected"),
    [("yangzhou", True), ("lianyungang", False), ("dongchangfu", False), ("guiyang", False), ("zibo", False)],
)
def test_only_yangzhou_asks_for_sign_in_before_unconditional_data(city: str, expected: bool) -> None:
    assert load_pack(city).sign_in_for_unconditional is expected


@pytest.mark.requirement("DCF-22", "LYG-7", "YZ-20", "DCF-19")
@pytest.mark.parametrize(
    ("city", "open_tiers", "exception", "sharing_tiers"),
    [
        ("yangzhou", set(), False, {"conditional", "not_shared"}),
        ("lianyungang", {"not_open"}, True, set()),
        ("dongchangfu", {"conditional", "not_open"}, False, {"conditional", "not_shared"}),
        ("guiyang", set(), False, set()),
        ("zibo", set(), False, set()),
    ],
)
def test_a_basis_is_asked_for_where_the_city_s_text_asks_for_it(
    city: str, open_tiers: set[str], exception: bool, sharing_tiers: set[str]
) -> None:
    pack = load_pack(city)
    assert pack.basis_required_for == open_tiers
    assert pack.exception_required is exception
    assert pack.sharing_basis_required_for == sharing_tiers


@pytest.mark.requirement("YZ-14", "LYG-12", "DCF-15", "DCF-23", "ZB-10")
@pytest.mark.parametrize(
    ("city", "of_catalogue", "of_list"),
    [
        (
            "yangzhou",
            (Reviewer.AUTHORITY, Reviewer.OPERATOR, Reviewer.DISTRICT_AUTHORITY),
            (Reviewer.AUTHORITY, Reviewer.OPERATOR, Reviewer.DISTRICT_AUTHORITY),
        ),
        ("lianyungang", (), (Reviewer.AUTHORITY, Reviewer.OPERATOR, Reviewer.AGENCY)),
        ("dongchangfu", (Reviewer.AUTHORITY,), (Reviewer.AGENCY,)),
        ("guiyang", (), ()),
        ("zibo", (Reviewer.AUTHORITY,), (Reviewer.AUTHORITY,)),
    ],
)
def test_those_review_whom_the_city_s_text_names(
    city: str, of_catalogue: tuple[Reviewer, ...], of_list: tuple[Reviewer, ...]
) -> None:
    pack = load_pack(city)
    assert pack.reviewers_of_catalogue == of_catalogue
    assert pack.reviewers_of_list == of_list


def test_a_text_that_runs_out_is_no_longer_statutory_from_that_day_on() -> None:
    text = replace(load_pack("zibo").instrument, expires=date(2027, 11, 1))
    assert text.statutory_on(date(2027, 10, 31))
    assert not text.statutory_on(date(2027, 11, 1))
