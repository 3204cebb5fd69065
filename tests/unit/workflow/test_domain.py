"""What a machine allows, and which machines are refused at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ckanext.govdata.workflow.domain import Command, Event, Needs, Standing, State, decide, fold, possible
from ckanext.govdata.workflow.errors import MachineInvalid, NotPossible, RoleRefused, SamePerson, WordsMissing

from ...workflow_trial import TRIAL, _step


def _after(*commands: Command) -> Standing:
    standing = Standing()
    for command in commands:
        standing = fold(standing, decide(TRIAL, standing, command))
    return standing


def _asked(demands: Needs | None = None) -> Standing:
    return _after(Command("ask", "wang", "asker", demands=demands))


def test_a_command_makes_the_next_event() -> None:
    event = decide(TRIAL, _asked(), Command("allow", "li", "officer"))
    assert event == Event(2, "asked", "allow", "allowed", "officer", "li", Needs.NONE)


@pytest.mark.parametrize(
    "command",
    [
        Command("contest", "wang", "asker", reason="不服"),
        Command("finish", "li", "officer", basis="第一条"),
        Command("no-such", "li", "officer"),
    ],
)
def test_a_command_that_the_state_does_not_have_is_refused(command: Command) -> None:
    with pytest.raises(NotPossible, match="next steps"):
        decide(TRIAL, _asked(), command)


def test_a_role_that_the_step_is_not_for_is_refused() -> None:
    with pytest.raises(RoleRefused, match="an officer"):
        decide(TRIAL, _asked(), Command("allow", "zhao", "asker"))


def test_nobody_decides_what_they_asked_for() -> None:
    with pytest.raises(SamePerson):
        decide(TRIAL, _asked(), Command("allow", "wang", "officer"))


def test_who_decided_before_does_not_decide_what_is_contested() -> None:
    standing = _asked()
    for command in (
        Command("refuse", "li", "officer", reason="不符合条件"),
        Command("contest", "wang", "asker", reason="不服"),
    ):
        standing = fold(standing, decide(TRIAL, standing, command))
    again = Command("allow", "li", "officer", reason="改判", basis="第二条")
    with pytest.raises(SamePerson):
        decide(TRIAL, standing, again)
    assert decide(TRIAL, standing, replace(again, by="sun")).to_state == "allowed"


@pytest.mark.requirement("LYG-19", "YZ-22", "DCF-25")
@pytest.mark.parametrize(
    ("demands", "reason", "basis", "enough"),
    [
        (None, "", "", False),
        (None, "  ", "\n", False),
        (None, "有理由", "", True),
        (None, "", "有依据", True),
        (Needs.REASON, "", "有依据", False),
        (Needs.REASON, "有理由", "", True),
        (Needs.BASIS, "有理由", "", False),
        (Needs.EITHER, "", "有依据", True),
        (Needs.BOTH, "有理由", "", False),
        (Needs.BOTH, "", "有依据", False),
        (Needs.BOTH, "有理由", "有依据", True),
    ],
)
def test_a_refusal_states_what_the_case_demands(demands: Needs | None, reason: str, basis: str, enough: bool) -> None:
    command = Command("refuse", "li", "officer", reason, basis)
    if enough:
        assert decide(TRIAL, _asked(demands), command).needs is (demands or Needs.EITHER)
    else:
        with pytest.raises(WordsMissing):
            decide(TRIAL, _asked(demands), command)


def test_what_can_be_done_now_leaves_out_what_another_person_has_to_do() -> None:
    def names(roles: set[str], by: str) -> set[str]:
        return {one.command for one in possible(TRIAL, _asked(), roles, by)}

    assert names({"asker"}, "wang") == {"drop"}
    assert names({"officer", "asker"}, "wang") == {"drop"}
    assert names({"officer"}, "li") == {"allow", "refuse"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"states": (*TRIAL.states, State("nowhere", "nowhere", final=True))}, "nothing leads to nowhere"),
        ({"transitions": (*TRIAL.transitions, _step("asked", "allow", "done", "officer"))}, "a command twice"),
        ({"transitions": (*TRIAL.transitions, _step("done", "ask", "asked", "asker"))}, "out of a final state"),
        ({"transitions": (*TRIAL.transitions, _step("asked", "finish", "done", "nobody"))}, "unknown one"),
        ({"transitions": (*TRIAL.transitions, _step("asked", "sing", "done", "asker"))}, "command without title"),
        ({"transitions": (*TRIAL.transitions, _step("asked", "finish", "gone", "asker"))}, "unknown state"),
        ({"transitions": TRIAL.transitions[:-1]}, "nothing leads out of allowed"),
        ({"name": "Trial"}, "lower case"),
    ],
)
def test_a_machine_that_is_not_whole_does_not_load(change: dict[str, Any], words: str) -> None:
    with pytest.raises(MachineInvalid, match=words):
        replace(TRIAL, **change)


def test_the_digest_changes_with_any_row_of_the_table() -> None:
    looser = tuple(replace(one, needs=Needs.NONE) for one in TRIAL.transitions)
    assert replace(TRIAL, transitions=looser).digest != TRIAL.digest
