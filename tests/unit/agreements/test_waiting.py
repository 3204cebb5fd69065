"""What applications and agreements wait for: a next step for each state, of somebody who can take it."""

from __future__ import annotations

import pytest

from ckanext.govdata.agreements.applications.machine import APPLICATION, DECIDER, REVIEWER
from ckanext.govdata.agreements.applications.waiting import Waiting
from ckanext.govdata.agreements.applications.waiting import waiting as of_application
from ckanext.govdata.agreements.life.machine import AGENCY, AGREEMENT
from ckanext.govdata.agreements.life.waiting import waiting as of_agreement
from ckanext.govdata.workflow.domain import Machine


def _can(machine: Machine, state: str) -> set[str]:
    roles = {role for one in machine.steps_from(state) for role in one.roles}
    return roles | ({"agency"} if roles & {REVIEWER, DECIDER} else set())


@pytest.mark.parametrize("state", [one.name for one in APPLICATION.states])
@pytest.mark.parametrize("sharing", [True, False])
def test_an_application_waits_for_somebody_who_can_go_on_and_for_nobody_once_it_is_over(
    state: str, sharing: bool
) -> None:
    found = of_application(state, sharing=sharing)
    assert found.words and bool(found.who) is not APPLICATION.state(state).final
    assert not found.who or found.who in _can(APPLICATION, state)


@pytest.mark.parametrize("state", [one.name for one in AGREEMENT.states])
def test_an_agreement_waits_for_somebody_who_can_go_on_and_for_nobody_while_it_runs_or_is_over(state: str) -> None:
    found = of_agreement(state)
    assert found.words and bool(found.who) is (not AGREEMENT.state(state).final and state != "effective")
    assert not found.who or found.who in _can(AGREEMENT, state)


def test_an_approved_application_goes_on_with_its_agreement() -> None:
    states = ("", "presented", "signed", "sealed", "declined")
    who = [of_application("approved", sharing=False, agreement=state).who for state in states]
    assert who == ["agency", "applicant", "agency", "portal", "agency"]
    assert of_application("approved", sharing=True).who == "agency"
    assert of_application("supplied", sharing=False, agreement="suspended").who == "agency"
    assert (
        of_application("supplied", sharing=False, agreement="expired").words
        != of_application("supplied", sharing=False, agreement="effective").words
    )


def test_the_next_step_is_the_readers_own_where_they_have_its_role() -> None:
    agencys = Waiting("agency", "…")
    assert (
        agencys.is_for(frozenset({DECIDER}))
        and agencys.is_for(frozenset({AGENCY}))
        and not agencys.is_for(frozenset({"applicant"}))
    )
    assert not Waiting("", "…").is_for(frozenset({"applicant", DECIDER}))
