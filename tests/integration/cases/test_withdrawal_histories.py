"""Random histories of leaks through HTTP: legal states alone, the switch stands as the case says, and two persons open."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from ckan import model

from ckanext.govdata.access.gate import is_shut
from ckanext.govdata.cases.withdrawal import cleaning
from ckanext.govdata.cases.withdrawal.domain import OFFICERS, SHUT_IN, WAITS_IN
from ckanext.govdata.cases.withdrawal.machine import WITHDRAWAL
from ckanext.govdata.workflow import cases
from tests.integration.access.stage import PLUGINS, Dataset, Stage, entries

from .scene import asking, own_dataset, state_of

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-26"),
    pytest.mark.usefixtures("unlimited"),
]
HELD = {"own_agency": "agency", "operator": "operator", "authority": "authority", "administrator": "authority"}
STRANGERS = ("anonymous", "running", "other_agency", "signed_in")
WORDS = "第三列有手机号"
ask, result = asking("govdata_")


def said(app: Any, stage: Stage, who: str, case: str, command: str, dataset: Dataset, reason: str) -> Any:
    """Give a command by the action that is made for it; who reported asks again by number and code."""
    if command == "look-again" and case in stage.kept:
        return ask(app, stage, who, "objection_look_again", **stage.kept[case], reason=reason or "x")
    if command == "withdraw":
        order = {"id": dataset.id, "case": case, "reason": reason or "x", "what": "误含经营者电话"}
        answer = ask(app, stage, who, "withdraw", **order)
        if answer.status_code == 200:
            assert cleaning.follow(case)
        return answer
    tier = dataset.tier if command == "propose" else ""
    return ask(app, stage, who, "withdrawal_step", id=case, command=command, reason=reason, tier=tier)


def opened(app: Any, stage: Stage, dataset: Dataset, draw: random.Random) -> str:
    """A new case: by a report, or by an officer who withdraws at once."""
    if draw.random() < 0.7:
        by = draw.choice((*HELD, *STRANGERS[:2]))
        made = result(app, stage, by, "withdrawal_report", id=dataset.name, text=WORDS)
        case = str(made.pop("id"))
        stage.kept[case] = made
        return case
    order = {"id": dataset.id, "reason": "疑似泄露", "what": "误含经营者电话"}
    case = str(result(app, stage, draw.choice(tuple(HELD)), "withdraw", **order)["id"])
    assert cleaning.follow(case)
    return case


def closed(app: Any, stage: Stage, case: str) -> None:
    """Bring a case that still waits to an end, so that the next one can begin."""
    ways = {"reported": "assess", "assessing": "dismiss", "looked_at": "assess", "proposed": "turn-down"}
    while (state := state_of(case)) in WAITS_IN:
        command = ways.get(state, "keep-closed")
        held = (who for who in HELD if who != "administrator" or command == "dismiss")
        answers = (ask(app, stage, who, "withdrawal_step", id=case, command=command, reason="结") for who in held)
        assert any(answer.status_code == 200 for answer in answers), (state, command)


def histories(app: Any, stage: Stage, number: int) -> None:
    draw, dataset = random.Random(26), own_dataset(stage, "unconditional", "walked")
    shut = taken = 0
    for _ in range(number):
        case = opened(app, stage, dataset, draw)
        shut = shut or state_of(case) in SHUT_IN
        for _ in range(draw.randrange(2, 8)):
            before = state_of(case)
            fitting = [one.command for one in WITHDRAWAL.steps_from(before)]
            command = draw.choice(fitting if fitting and draw.random() < 0.8 else (*WITHDRAWAL.commands, "nonsense"))
            who = draw.choice(tuple(HELD) if draw.random() < 0.8 else STRANGERS)
            reason = draw.choice(("", "已核实", "已核实"))
            answer = said(app, stage, who, case, command, dataset, reason)
            step, done = WITHDRAWAL.step(before, command), answer.status_code == 200
            taken += done
            assert state_of(case) == (step.to_state if done and step else before)
            allowed = step is not None and (HELD.get(who) in step.roles & OFFICERS or command == "look-again")
            assert not done or allowed, (who, command)
            shut = (shut or state_of(case) in SHUT_IN) and state_of(case) != "opened"
            assert is_shut(dataset.id) is shut, (before, command)
            model.Session.rollback()
        events = cases.events(case)
        for last, one in itertools.pairwise(events):
            assert one.command != "open-again" or one.done_by != last.done_by, "two persons open"
        known = {entry["event"]["id"] for entry in entries()} if number <= 20 else None
        assert known is None or {one.entry for one in events} <= known
        closed(app, stage, case)
    assert taken > number
    assert WORDS not in str(entries())
    assert WORDS not in app.get(f"/dataset/{dataset.name}").get_data(as_text=True)
    print(f"{number} histories, {taken} steps")


def test_random_histories_keep_to_the_machine_and_the_switch_to_them(app: Any, stage: Stage) -> None:
    histories(app, stage, 4)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_hundreds_of_random_histories_keep_to_the_machine_and_the_switch_to_them(app: Any, stage: Stage) -> None:
    histories(app, stage, 300)
