"""Random sequences of legal and illegal commands, by every way in; and many processes at one case."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.domain import Command, Needs
from ckanext.govdata.workflow.errors import WorkflowError
from ckanext.govdata.workflow.model import Case, CaseEvent

from ...histories import all_in_the_ledger, at_once, event_by_hand, stands_as_its_events_say
from ...workflow_trial import TRIAL

PEOPLE = ("wang", "li", "sun", "zhao", "qian", "portal")
WORDS = ("", " ", "不符合条件")
DEMANDS = (None, Needs.REASON, Needs.BASIS, Needs.EITHER, Needs.BOTH)


def _command(dice: random.Random) -> Command:
    name, role = dice.choice(list(TRIAL.commands)), dice.choice(list(TRIAL.roles))
    return Command(name, dice.choice(PEOPLE), role, dice.choice(WORDS), dice.choice(WORDS))


def _by_api(dice: random.Random, case_id: str) -> None:
    one = _command(dice)
    cases.take(case_id, one.name, one.by, one.role, reason=one.reason, basis=one.basis)


def _by_object(dice: random.Random, case_id: str) -> None:
    case = model.Session.get_one(Case, case_id)
    setattr(case, *dice.choice([("state", "done"), ("n", case.n + 1), ("demands", "reason"), ("opened_by", "sun")]))
    model.Session.flush()


def _by_event(dice: random.Random, case_id: str) -> None:
    """An event made up by somebody who writes to the table; some of them follow the rules."""
    event_by_hand(TRIAL, case_id, _command(dice), dice)


def _by_statement(dice: random.Random, case_id: str) -> None:
    statement = dice.choice(
        [
            "UPDATE govdata_case SET state = 'allowed' WHERE id = :id",
            "UPDATE govdata_case SET n = n - 1 WHERE id = :id",
            "DELETE FROM govdata_case_event WHERE case_id = :id",
            "UPDATE govdata_case_event SET basis = '第一条' WHERE case_id = :id",
            "DELETE FROM govdata_case WHERE id = :id",
        ]
    )
    model.Session.execute(sa.text(statement), {"id": case_id})


def _run(trial: Callable[..., str], steps: int, seed: int) -> tuple[int, int]:
    """Tries so many steps on cases, a fresh one every twelve; answers how many were taken and refused."""
    dice = random.Random(seed)
    taken = refused = 0
    seen: list[str] = []
    for number in range(steps):
        if number % 12 == 0:
            seen.append(trial(dice.choice(PEOPLE), dice.choice(DEMANDS)))
        way = dice.choice([_by_api, _by_api, _by_api, _by_event, _by_event, _by_object, _by_statement])
        try:
            way(dice, seen[-1])
            model.Session.commit()
            taken += 1
        except (WorkflowError, sa.exc.DatabaseError):
            model.Session.rollback()
            refused += 1
    for case_id in seen:
        stands_as_its_events_say(TRIAL, case_id)
    assert set(model.Session.scalars(sa.select(Case.id))) >= set(seen)
    all_in_the_ledger()
    return taken, refused


@pytest.mark.requirement("LYG-19", "LYG-21")
def test_no_sequence_of_commands_brings_a_case_where_the_machine_does_not(trial: Callable[..., str]) -> None:
    taken, refused = _run(trial, 400, seed=7)
    assert taken > 20
    assert refused > 200


@pytest.mark.long
def test_ten_thousand_steps_bring_no_case_where_the_machine_does_not(trial: Callable[..., str]) -> None:
    taken, refused = _run(trial, 10_000, seed=20261128)
    print(f"10,000 steps: {taken} taken, {refused} refused")
    assert taken > 1_000


def _decide(case_id: str, number: int) -> str:
    command = random.Random(number).choice(["allow", "refuse"])
    try:
        cases.take(case_id, command, f"li{number}", "officer", reason="审查结论")
        model.Session.commit()
    except WorkflowError:
        model.Session.rollback()
        return "late"
    return command


@pytest.mark.parametrize("count", [8, pytest.param(50, marks=pytest.mark.long)])
def test_of_many_processes_that_decide_one_case_one_decides(trial: Callable[..., str], count: int) -> None:
    case_id = trial()
    answers = at_once(lambda number: _decide(case_id, number), count)
    decided = [answer for answer in answers if answer != "late"]
    assert len(decided) == 1
    events = model.Session.scalars(sa.select(CaseEvent.command).where(CaseEvent.case_id == case_id)).all()
    assert sorted(events) == sorted(["ask", decided[0]])
