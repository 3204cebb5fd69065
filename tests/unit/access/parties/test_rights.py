"""Who acts and signs for a party, and when it is blocked: tables of cases, each with its reason."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from ckanext.govdata.access.parties import blocking
from ckanext.govdata.access.parties.blocking import BlockFacts, BlockState
from ckanext.govdata.access.parties.domain import (
    Act,
    Kind,
    MemberRole,
    Membership,
    Standing,
    State,
    may,
    may_act,
    may_sign,
)
from ckanext.govdata.access.parties.quiet import redact

TODAY = datetime.date(2026, 11, 22)
REPRESENTATIVE = Membership(MemberRole.LEGAL_REPRESENTATIVE, confirmed=True)
SIGNER = Membership(MemberRole.SIGNER, confirmed=True, authorised_until=TODAY)
GOOD = Standing(Kind.ENTERPRISE, State.VERIFIED, membership=REPRESENTATIVE, today=TODAY)


@pytest.mark.requirement("LYG-19")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "legal_representative"),
        ({"membership": SIGNER}, "signer"),
        ({"kind": Kind.PERSON, "membership": Membership(MemberRole.SELF, confirmed=True)}, "self"),
        ({"membership": None}, "not_member"),
        ({"membership": Membership(MemberRole.MEMBER, confirmed=True, manages=True)}, "not_signer"),
        ({"membership": Membership(MemberRole.LEGAL_REPRESENTATIVE)}, "role_unverified"),
        ({"membership": Membership(MemberRole.SELF)}, "role_unverified"),
        ({"membership": replace(SIGNER, confirmed=False)}, "role_unverified"),
        ({"membership": replace(SIGNER, authorised_until=None)}, "authorisation_ended"),
        ({"membership": replace(SIGNER, authorised_until=TODAY - datetime.timedelta(days=1))}, "authorisation_ended"),
        ({"state": State.UNVERIFIED}, "unverified"),
        ({"state": State.CLOSED}, "closed"),
        ({"state": State.MERGED}, "closed"),
        ({"party_blocked": True}, "blocked"),
        ({"own_person_blocked": True}, "self_blocked"),
    ],
)
def test_only_a_verified_representative_or_signer_binds_a_verified_party(change: dict, reason: str) -> None:
    decision = may_sign(replace(GOOD, **change))
    assert decision.reason == reason
    assert decision.allowed == (reason in ("legal_representative", "signer", "self"))
    assert decision.allowed or len(decision.message) > 20, "a denial says what to do"


def test_a_blocked_party_may_answer_but_not_act_nor_take_in_people() -> None:
    blocked = replace(GOOD, party_blocked=True)
    assert may(blocked, Act.SEE).allowed
    assert may(blocked, Act.ANSWER).allowed
    assert not may(blocked, Act.MANAGE).allowed
    assert not may_act(blocked).allowed


def test_a_claimed_representative_manages_nothing_unless_they_founded_the_party() -> None:
    claimed = replace(GOOD, membership=Membership(MemberRole.LEGAL_REPRESENTATIVE))
    assert not may(claimed, Act.MANAGE).allowed
    assert may(replace(claimed, membership=replace(REPRESENTATIVE, confirmed=False, manages=True)), Act.MANAGE).allowed


NOW = datetime.datetime(2026, 11, 22, 12)
DAY = datetime.timedelta(days=1)
NOTICED = BlockFacts(BlockState.NOTICED, False, "a", NOW - DAY, NOW + DAY, NOW + 90 * DAY)
IN_FORCE = replace(NOTICED, state=BlockState.IN_FORCE, decided_by="b", replied=True)
DANGER = replace(NOTICED, state=BlockState.IN_FORCE, danger=True)


def code(found: blocking.Refusal | None) -> str:
    return found.code if found else ""


@pytest.mark.requirement("LYG-40")
def test_a_block_needs_a_reply_or_its_time_and_a_second_person_except_in_danger() -> None:
    assert code(blocking.refuse_decision(NOTICED, "b", NOW)) == "reply_awaited"
    assert code(blocking.refuse_decision(NOTICED, "a", NOW)) == "same_person"
    assert not blocking.refuse_decision(replace(NOTICED, replied=True), "b", NOW)
    assert not blocking.refuse_decision(NOTICED, "b", NOW + 2 * DAY)
    assert not blocking.refuse_decision(DANGER, "b", NOW)
    assert code(blocking.refuse_decision(DANGER, "a", NOW)) == "same_person"
    assert code(blocking.refuse_decision(IN_FORCE, "c", NOW)) == "already_decided"


@pytest.mark.requirement("LYG-40")
def test_a_block_in_danger_lapses_unless_confirmed_and_every_block_ends() -> None:
    assert blocking.in_force(DANGER, NOW)
    assert not blocking.in_force(DANGER, NOW + 15 * DAY)
    assert blocking.in_force(replace(DANGER, decided_by="b"), NOW + 15 * DAY)
    assert blocking.in_force(IN_FORCE, NOW)
    assert not blocking.in_force(IN_FORCE, NOW + 90 * DAY)
    assert not blocking.in_force(NOTICED, NOW)
    assert code(blocking.refuse_end(NOW, NOW)) == "not_future"


@pytest.mark.requirement("LYG-40")
def test_an_appeal_is_made_once_and_decided_by_a_third_person() -> None:
    assert not blocking.refuse_appeal(IN_FORCE, NOW)
    assert code(blocking.refuse_appeal(DANGER, NOW)) == "not_decided"
    assert code(blocking.refuse_appeal(NOTICED, NOW)) == "not_in_force"
    appealed = replace(IN_FORCE, appealed=True)
    assert code(blocking.refuse_appeal(appealed, NOW)) == "appealed"
    assert [code(blocking.refuse_appeal_decision(appealed, who)) for who in "abc"] == ["same_person", "same_person", ""]
    assert code(blocking.refuse_appeal_decision(IN_FORCE, "c")) == "no_appeal"
    assert code(blocking.refuse_lift(replace(IN_FORCE, lift_proposed_by="c"), "c", NOW)) == "same_person"
    assert code(blocking.refuse_reply(IN_FORCE, NOW)) == "too_late"


def test_a_log_line_loses_its_numbers_and_keeps_its_ids() -> None:
    line = "{'number': 'E12345678', 'note': '32070519900307123X', 'id': '0b8a2a1e-1111-2222-3333-444455556666'}"
    assert redact(line) == ("{'number': '[number]', 'note': '[number]', 'id': '0b8a2a1e-1111-2222-3333-444455556666'}")
