"""Model texts and use codes: conditions are data, and a mistake is told by its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ckanext.govdata.agreements.errors import ConditionUnknown, TextInvalid
from ckanext.govdata.agreements.texts.domain import PLACES, clauses_of, read_text, starting_body
from ckanext.govdata.agreements.texts.vocabulary import (
    LANGUAGES,
    Value,
    read_condition,
    read_conditions,
    vocabulary,
    words,
)


@pytest.mark.parametrize("code", list(vocabulary().values()), ids=lambda code: code.code)
def test_each_code_has_its_words_in_both_languages_and_a_rule_behind_it(code: Any) -> None:
    for told in (code.label, code.plain, code.clause):
        assert set(told) == set(LANGUAGES) and all(told.values())
    assert code.rules
    assert (
        ("{value}" in code.clause["en"]) == (code.value is not Value.NONE) == ("{value}" in code.clause["zh_Hans_CN"])
    )


@pytest.mark.requirement("LYG-24")
@pytest.mark.requirement("YZ-31")
@pytest.mark.requirement("DCF-25")
def test_conditions_become_clauses_in_the_vocabularys_order_each_once() -> None:
    found = read_conditions(["report_use:6", "no_third_party", "cite_source", "report_use:3"])
    assert [str(one) for one in found] == ["no_third_party", "cite_source", "report_use:3"]
    clauses = clauses_of(read_text(starting_body()), found, dict.fromkeys(PLACES, "X"))
    keys = [clause["key"] for clause in clauses]
    place = keys.index("conditions")
    assert keys[place + 1 : place + 4] == ["no_third_party", "cite_source", "report_use"]
    assert [clause["number"] for clause in clauses] == list(range(1, len(clauses) + 1))
    assert "3 个月" in clauses[place + 3]["text"]["zh_Hans_CN"]


@pytest.mark.parametrize(
    "text",
    ["nonsense", "no_third_party:3", "report_use", "report_use:0", "report_use:-1", "security_level:6", "place:"],
)
def test_what_is_no_condition_is_refused_with_its_code(text: str) -> None:
    with pytest.raises(ConditionUnknown) as refused:
        read_condition(text)
    assert refused.value.field == "use_codes" and text.partition(":")[0] in str(refused.value)


def test_a_value_is_put_in_and_nothing_in_it_is_filled() -> None:
    assert "{agency}" in words(read_condition("place:{agency}"), "clause")["en"]


def _changed(**changes: Any) -> dict[str, Any]:
    body = copy.deepcopy(starting_body())
    return {**body, **changes}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (_changed(clauses=[]), "clauses"),
        (_changed(title={"en": "Only English"}), "title"),
        (_changed(opening={"en": "{nobody}", "zh_Hans_CN": "{nobody}"}), "opening"),
        (_changed(clauses=[{"key": "a", "heading": {"en": "a", "zh_Hans_CN": "甲"}}]), "clauses[0].text"),
        (_changed(clauses=starting_body()["clauses"][:2]), "clauses"),
        (_changed(clauses=[*starting_body()["clauses"], starting_body()["clauses"][0]]), "clauses"),
    ],
)
def test_a_text_that_is_not_whole_is_refused_at_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(TextInvalid) as refused:
        read_text(body)
    assert refused.value.field == place
