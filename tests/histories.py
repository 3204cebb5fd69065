"""What the tests of random histories share: a case as its events make it, and events that somebody writes by hand."""

from __future__ import annotations

import multiprocessing
import random
import traceback
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.govdata.ledger import journal
from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.domain import Command, Machine, Needs, Standing, decide, fold
from ckanext.govdata.workflow.model import Case

_EVENT = """
INSERT INTO govdata_case_event
    (case_id, n, machine, from_state, command, to_state, role, done_by, done_at, needs, reason, basis, facts, entry)
VALUES
    (:case, :n, :machine, :from_state, :command, :to_state, :role, :by, now(), :needs, :reason, :basis, '{}', :entry)
"""


def folded(machine: Machine, case: Case) -> Standing:
    """The case as its events make it, each decided anew by the machine."""
    standing = Standing()
    for row in cases.events(case.id):
        demands = Needs(row.demands) if row.demands else None
        event = decide(machine, standing, Command(row.command, row.done_by, row.role, row.reason, row.basis, demands))
        assert (event.n, event.to_state, event.needs.value) == (row.n, row.to_state, row.needs)
        standing = fold(standing, event)
    return standing


def stands_as_its_events_say(machine: Machine, case_id: str) -> None:
    """The row is what its events make of it, and in a state of the machine's."""
    case = model.Session.get_one(Case, case_id, populate_existing=True)
    standing = folded(machine, case)
    assert (case.state, case.n, case.opened_by) == (standing.state, standing.n, standing.opened_by)
    assert case.state in {state.name for state in machine.states}


def event_by_hand(machine: Machine, case_id: str, one: Command, dice: random.Random) -> None:
    """An event that somebody writes into the table with an entry in the ledger; some follow the rules. Raises DatabaseError."""
    case = model.Session.get_one(Case, case_id, populate_existing=True)
    steps = [step for step in machine.transitions if step.command == one.name]
    step = dice.choice(steps)
    n = case.n + dice.choice([1, 1, 1, 0, 2])
    fields: dict[str, Any] = {"govdata.case.id": case_id, "govdata.case.n": n}
    given: dict[str, Any] = {
        "case": case_id,
        "machine": machine.name,
        "n": n,
        "from_state": dice.choice([case.state, step.from_state]),
        "command": one.name,
        "to_state": dice.choice([step.to_state, step.to_state, dice.choice(machine.states).name]),
        "role": one.role,
        "by": one.by,
        "needs": dice.choice(["none", "reason", "both"]),
        "reason": one.reason,
        "basis": one.basis,
        "entry": str(journal.change(f"{machine.name}-{one.name}", one.by, fields)),
    }
    model.Session.execute(sa.text(_EVENT), given)


def all_in_the_ledger() -> None:
    """Every event of every case has its entry."""
    held = "SELECT id FROM govdata_ledger.intake UNION ALL SELECT id FROM govdata_ledger.log"
    missing = sa.text(f"SELECT count(*) FROM govdata_case_event WHERE entry NOT IN ({held})")
    assert model.Session.scalar(missing) == 0


def at_once(work: Callable[[int], Any], count: int, seconds: float = 120) -> list[Any]:
    """What so many processes answer, each with a connection of its own, that all begin when the last of them is there.

    The answers are small: a process ends only when what it says has gone through a pipe.
    """
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Barrier(count), fork.SimpleQueue()
    model.Session.remove()
    workers = [fork.Process(target=_begin, args=(work, number, gate, answers)) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(seconds)
    assert [worker.exitcode for worker in workers] == [0] * count
    found = [answers.get() for _ in workers]
    assert not [problem for _, problem in found if problem], "\n".join(problem for _, problem in found)
    return [answer for answer, _ in found]


def _begin(work: Callable[[int], Any], number: int, gate: Any, answers: Any) -> None:
    before = model.meta.engine
    model.Session.remove()
    # The tests' engine connects anew for each transaction; this process keeps what it has.
    model.init_model(sa.create_engine(before.url, pool_size=2))
    before.dispose(close=False)
    gate.wait(60)
    try:
        answers.put((work(number), ""))
    except Exception:  # noqa: BLE001 - whatever fails in another process is said in this one
        answers.put((None, traceback.format_exc()[-6000:]))
