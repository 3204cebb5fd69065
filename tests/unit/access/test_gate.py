"""The decision on bytes and rows."""

import datetime
import itertools

import pytest

from ckanext.govdata.access.domain import (
    Facts,
    GrantFacts,
    Kind,
    Mode,
    Next,
    Reason,
    State,
    Verdict,
    decide,
    is_within,
)
from ckanext.govdata.access.steps import Command, step
from ckanext.govdata.catalogue.domain import OpenTier, Publication

NOW = datetime.datetime(2026, 11, 22, 12)
DAY = datetime.timedelta(days=1)


def facts(tier: OpenTier | None = OpenTier.CONDITIONAL, **more: object) -> Facts:
    given = {
        "publication": Publication.PUBLISHED,
        "signed_in": True,
        "own_agency": False,
        "sign_in_for_unconditional": False,
        "now": NOW,
        "mode": Mode.DOWNLOAD,
        "file": "file-1",
        "address": "10.1.2.3",
    }
    return Facts(tier=tier, **{**given, **more})  # pyright: ignore[reportArgumentType]


def grant(**more: object) -> GrantFacts:
    given = {
        "id": "grant-1",
        "kind": Kind.AGREEMENT,
        "state": State.RUNNING,
        "starts_at": NOW - DAY,
        "ends_at": NOW + DAY,
    }
    return GrantFacts(**{**given, **more})  # pyright: ignore[reportArgumentType]


@pytest.mark.requirement("YZ-27", "LYG-9")
def test_a_city_may_ask_visitors_to_sign_in_for_unconditional_data() -> None:
    visitor = facts(OpenTier.UNCONDITIONAL, signed_in=False, sign_in_for_unconditional=True)
    assert decide(visitor).reason is Reason.SIGN_IN_REQUIRED
    assert decide(visitor).next is Next.SIGN_IN
    assert decide(facts(OpenTier.UNCONDITIONAL, sign_in_for_unconditional=True)).allowed
    assert decide(facts(OpenTier.UNCONDITIONAL, signed_in=False)).allowed


@pytest.mark.requirement("LYG-10", "LYG-19")
def test_nothing_but_published_unconditional_data_leaves_to_others_than_its_agency_without_a_grant() -> None:
    for tier, publication in itertools.product([*OpenTier, None], Publication):
        verdict = decide(facts(tier, publication=publication))
        assert verdict.allowed is (tier is OpenTier.UNCONDITIONAL and publication is Publication.PUBLISHED)


def test_an_agency_has_its_own_data() -> None:
    assert decide(facts(OpenTier.NOT_OPEN, own_agency=True)).reason is Reason.OWN_AGENCY


@pytest.mark.requirement("LYG-10", "LYG-19", "YZ-27")
def test_a_running_grant_gives_published_conditional_data_and_no_other() -> None:
    for tier, publication in itertools.product([OpenTier.CONDITIONAL, OpenTier.NOT_OPEN, None], Publication):
        verdict = decide(facts(tier, publication=publication, grants=(grant(),)))
        assert verdict.allowed is (tier is OpenTier.CONDITIONAL and publication is Publication.PUBLISHED)
    assert decide(facts(grants=(grant(),))) == Verdict(True, Reason.GRANTED, "grant-1")


@pytest.mark.requirement("LYG-19", "LYG-40")
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"state": State.REQUESTED}, Reason.UNDECIDED),
        ({"state": State.REFUSED}, Reason.AGREEMENT_REQUIRED),
        ({"state": State.SUSPENDED}, Reason.SUSPENDED),
        ({"state": State.REVOKED}, Reason.REVOKED),
        ({"party_blocked": True}, Reason.BLOCKED),
        ({"starts_at": NOW + DAY}, Reason.NOT_BEGUN),
        ({"ends_at": NOW}, Reason.ENDED),
        ({"files": frozenset({"file-2"})}, Reason.OTHER_FILE),
        ({"modes": frozenset({Mode.API})}, Reason.MODE),
        ({"addresses": ("10.2.0.0/16", "::1")}, Reason.ADDRESS),
        ({"quota": 3, "used_today": 3}, Reason.QUOTA),
        ({"quota": 0}, Reason.QUOTA),
    ],
)
def test_a_grant_that_does_not_fit_denies_with_its_reason_and_a_next_step(more: dict, reason: Reason) -> None:
    verdict = decide(facts(grants=(grant(**more),)))
    assert (verdict.allowed, verdict.reason) == (False, reason)
    assert verdict.next is not Next.NOTHING


def test_limits_that_hold_the_question_allow() -> None:
    fitting = grant(files=frozenset({"file-1"}), modes=frozenset({Mode.DOWNLOAD}), addresses=("10.1.0.0/16",), quota=1)
    assert decide(facts(grants=(fitting,))).allowed


def test_of_several_grants_the_widest_that_holds_is_used_and_the_nearest_tells_why_none_does() -> None:
    narrow, wide = grant(id="narrow", items=frozenset({"a"})), grant(id="wide", items=frozenset({"a", "b"}))
    assert decide(facts(grants=(narrow, wide))).grant == "wide"
    assert decide(facts(grants=(narrow, wide, grant(id="all")))).grant == "all"
    over, suspended = grant(ends_at=NOW - DAY), grant(state=State.SUSPENDED)
    assert decide(facts(grants=(over, suspended))).reason is Reason.SUSPENDED


@pytest.mark.requirement("LYG-26")
def test_a_shut_dataset_gives_nothing_but_to_an_inspection() -> None:
    for tier, own in itertools.product([*OpenTier, None], [True, False]):
        verdict = decide(facts(tier, shut=True, own_agency=own, grants=(grant(),)))
        assert (verdict.allowed, verdict.reason) == (False, Reason.SHUT)
    inspection = grant(kind=Kind.INSPECTION)
    assert decide(facts(shut=True, grants=(inspection,))).reason is Reason.INSPECTION


@pytest.mark.requirement("LYG-25", "LYG-33")
def test_an_inspection_looks_into_every_tier_while_it_runs() -> None:
    for tier in [*OpenTier, None]:
        assert decide(facts(tier, grants=(grant(kind=Kind.INSPECTION),))).reason is Reason.INSPECTION
        asked = grant(kind=Kind.INSPECTION, state=State.REQUESTED)
        assert decide(facts(tier, grants=(asked,))).allowed is (tier is OpenTier.UNCONDITIONAL)


@pytest.mark.parametrize(
    ("address", "within"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("10.9.2.3", False),
        ("2001:db8::7", True),
        ("2001:db9::7", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address: str, within: bool) -> None:
    assert is_within(address, ("10.1.0.0/16", "2001:db8::/32")) is within


def test_a_network_that_cannot_be_read_holds_nobody() -> None:
    assert not is_within("10.1.2.3", ("everywhere",))


def test_a_grant_takes_only_steps_that_fit_its_state() -> None:
    assert step(State.REQUESTED, Command.ALLOW) is State.RUNNING
    assert step(State.SUSPENDED, Command.RESUME) is State.RUNNING
    for state in (State.REVOKED, State.REFUSED):
        assert [step(state, command) for command in Command] == [None] * len(Command)
    assert step(State.REQUESTED, Command.RESUME) is None
