"""The decision on bytes and rows."""

import itertools

import pytest

from ckanext.govdata.access.domain import Facts, Reason, decide
from ckanext.govdata.catalogue.domain import OpenTier, Publication


def facts(tier: OpenTier | None, **more: object) -> Facts:
    given = {
        "publication": Publication.PUBLISHED,
        "signed_in": True,
        "own_agency": False,
        "sign_in_for_unconditional": False,
    }
    return Facts(tier=tier, **{**given, **more})  # pyright: ignore[reportArgumentType]


@pytest.mark.requirement("YZ-27", "LYG-9")
def test_a_city_may_ask_visitors_to_sign_in_for_unconditional_data() -> None:
    visitor = facts(OpenTier.UNCONDITIONAL, signed_in=False, sign_in_for_unconditional=True)
    assert decide(visitor).reason is Reason.SIGN_IN_REQUIRED
    assert decide(facts(OpenTier.UNCONDITIONAL, sign_in_for_unconditional=True)).allowed
    assert decide(facts(OpenTier.UNCONDITIONAL, signed_in=False)).allowed


@pytest.mark.requirement("LYG-10", "LYG-19")
def test_nothing_but_published_unconditional_data_leaves_to_others_than_its_agency() -> None:
    for tier, publication in itertools.product([*OpenTier, None], Publication):
        verdict = decide(facts(tier, publication=publication))
        assert verdict.allowed is (tier is OpenTier.UNCONDITIONAL and publication is Publication.PUBLISHED)


def test_an_agency_has_its_own_data() -> None:
    assert decide(facts(OpenTier.NOT_OPEN, own_agency=True)).reason is Reason.OWN_AGENCY
