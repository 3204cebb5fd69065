"""What an application has to state, and what each city's pack makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ckanext.govdata.agreements.applications import domain
from ckanext.govdata.agreements.applications.domain import Content, Kind, Offer
from ckanext.govdata.agreements.applications.vocabulary import purposes
from ckanext.govdata.rules.packs import load_pack
from ckanext.govdata.workflow.domain import Needs

WHOLE = Content("innovation", "停车诱导", "专人管理", ("lot",), ("api",), 12, answers={"condition-1": "符合"})
OFFER = Offer(frozenset({"lot", "spaces"}), {"condition-1": "仅用于申请的场景"})


@pytest.mark.requirement("DCF-25")
def test_the_purposes_are_those_of_the_rule() -> None:
    assert list(purposes()) == [
        "innovation", "governance", "social_services", "research", "product_development", "duty",
    ]  # fmt: skip
    assert [code for code, one in purposes().items() if one.commercial] == ["product_development"]
    assert [code for code, one in purposes().items() if one.public_good] == ["research"]


@pytest.mark.parametrize("city", ["lianyungang", "yangzhou", "dongchangfu", "guiyang", "zibo"])
def test_a_whole_application_lacks_nothing_in_any_city(city: str) -> None:
    assert domain.lacks(WHOLE, OFFER, Kind.OPEN, load_pack(city)) == {}


CITIES = [
    ("lianyungang", Kind.OPEN, Needs.EITHER),
    ("dongchangfu", Kind.OPEN, Needs.REASON),
    ("yangzhou", Kind.SHARING, Needs.BOTH),
    ("yangzhou", Kind.OPEN, Needs.REASON),
    ("lianyungang", Kind.SHARING, Needs.REASON),
    ("guiyang", Kind.OPEN, Needs.REASON),
    ("zibo", Kind.OPEN, Needs.REASON),
]


@pytest.mark.requirement("LYG-19", "DCF-25", "YZ-22")
@pytest.mark.parametrize(("city", "kind", "needs"), CITIES)
def test_a_refusal_needs_what_the_pack_says_else_the_portal_asks_a_reason(city: str, kind: Kind, needs: Needs) -> None:
    assert domain.demanded_of_refusal(kind, load_pack(city)) is needs


@pytest.mark.requirement("GY-c6")
@pytest.mark.parametrize(
    ("city", "operation", "longest"), [("guiyang", True, 36), ("guiyang", False, 60), ("zibo", True, 60)]
)
def test_authorised_operation_has_the_pack_s_longest_term(city: str, operation: bool, longest: int) -> None:
    assert domain.longest_term(operation, load_pack(city)) == longest


@pytest.mark.requirement("ZB-9")
def test_what_is_not_published_cannot_be_demanded() -> None:
    assert domain.unpublished(["scenario", "condition-1", "condition-2", "bank_statement"], OFFER) == [
        "condition-2",
        "bank_statement",
    ]


@pytest.mark.requirement("LYG-19")
@pytest.mark.parametrize(
    ("enterprise", "consent", "shown"),
    [(True, True, ("某公司", "场景")), (True, False, ("", "")), (False, True, ("", "")), (False, False, ("", ""))],
)
def test_the_register_shows_a_name_only_of_an_enterprise_that_consents(
    enterprise: bool, consent: bool, shown: tuple[str, str]
) -> None:
    assert domain.register_words(enterprise, consent, "某公司", "场景") == shown


def test_the_digest_of_what_is_stated_does_not_depend_on_order() -> None:
    other = replace(WHOLE, answers=dict(reversed(list(WHOLE.answers.items()))))
    assert other.digest == WHOLE.digest
    assert replace(WHOLE, months=11).digest != WHOLE.digest


def test_conditions_are_the_published_lines() -> None:
    assert domain.conditions_of("一\n\n  二 \n") == {"condition-1": "一", "condition-2": "二"}
    assert domain.conditions_of("") == {}
