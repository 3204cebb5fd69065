"""Random sequences of legal and illegal commands, by every way in; and many processes at one case."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.domain import Command, Needs, Standing, decide, fold
from ckanext.govdata.workflow.errors import WorkflowError
from ckanext.govdata.workflow.model import Case, CaseEvent

from ...workflow_trial import TRIAL
from .test_attacks import EVENT, _entry

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
    case, one = model.Session.get_one(Case, case_id), _command(dice)
    step = dice.choice([step for step in TRIAL.transitions if step.command == one.name])
    n = case.n + dice.choice([1, 1, 1, 0, 2])
    given: dict[str, Any] = {
        "case": case_id,
        "n": n,
        "from_state": dice.choice([case.state, step.from_state]),
        "command": one.name,
        "to_state": dice.choice([step.to_state, step.to_state, "done"]),
        "role": one.role,
        "by": one.by,
        "needs": dice.choice(["none", "reason", "both"]),
        "reason": one.reason,
        "basis": one.basis,
        "entry": _entry(case_id, one.name, n),
    }
    model.Session.execute(sa.text(EVENT), given)


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


def _folded(case: Case) -> Standing:
    """The case as its events make it, each decided anew by the machine."""
    standing = Standing()
    for row in cases.events(case.id):
        demands = Needs(row.demands) if row.demands else None
        command = Command(row.command, row.done_by, row.role, row.reason, row.basis, demands)
        event = decide(TRIAL, standing, command)
        assert (event.n, event.to_state, event.needs.value) == (row.n, row.to_state, row.needs)
        standing = fold(standing, event)
    return standing


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
        case = model.Session.get_one(Case, case_id, populate_existing=True)
        standing = _folded(case)
        assert (case.state, case.n, case.opened_by) == (standing.state, standing.n, standing.opened_by)
    assert set(model.Session.scalars(sa.select(Case.id))) >= set(seen)
    states = sa.select(Case.state).where(Case.machine == "trial")
    assert set(model.Session.scalars(states)) <= {state.name for state in TRIAL.states}
    _all_in_the_ledger()
    return taken, refused


def _all_in_the_ledger() -> None:
    held = "SELECT id FROM govdata_ledger.intake UNION ALL SELECT id FROM govdata_ledger.log"
    missing = sa.text(f"SELECT count(*) FROM govdata_case_event WHERE entry NOT IN ({held})")
    assert model.Session.scalar(missing) == 0


@pytest.mark.requirement("LYG-19", "LYG-21")
def test_no_sequence_of_commands_brings_a_case_where_the_machine_does_not(trial: Callable[..., str]) -> None:
    taken, refused = _run(trial, 400, seed=7)
    assert taken > 30
    assert refused > 200


@pytest.mark.long
def test_ten_thousand_steps_bring_no_case_where_the_machine_does_not(trial: Callable[..., str]) -> None:
    taken, refused = _run(trial, 10_000, seed=20261128)
    print(f"10,000 steps: {taken} taken, {refused} refused")
    assert taken > 1_000


def _deciding(case_id: str, person: str, gate: Any, answers: Any) -> None:
    """One process: its own connections, one decision, as soon as the gate opens."""
    model.meta.engine.dispose(close=False)
    model.Session.remove()
    gate.wait(60)
    command = random.Random(person).choice(["allow", "refuse"])
    try:
        cases.take(case_id, command, person, "officer", reason="审查结论")
        model.Session.commit()
        answers.put(command)
    except WorkflowError:
        model.Session.rollback()
        answers.put("late")


def _at_once(case_id: str, count: int) -> list[str]:
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Event(), fork.SimpleQueue()
    model.Session.remove()
    workers = [fork.Process(target=_deciding, args=(case_id, f"li{one}", gate, answers)) for one in range(count)]
    for worker in workers:
        worker.start()
    gate.set()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * count
    return [answers.get() for _ in workers]


@pytest.mark.parametrize("count", [8, pytest.param(50, marks=pytest.mark.long)])
def test_of_many_processes_that_decide_one_case_one_decides(trial: Callable[..., str], count: int) -> None:
    case_id = trial()
    answers = _at_once(case_id, count)
    decided = [answer for answer in answers if answer != "late"]
    assert len(decided) == 1
    events = model.Session.scalars(sa.select(CaseEvent.command).where(CaseEvent.case_id == case_id)).all()
    assert sorted(events) == sorted(["ask", decided[0]])
