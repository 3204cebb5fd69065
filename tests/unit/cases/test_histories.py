"""Random histories of all kinds of cases against their paths as the documentation has them, typed here once more."""

from __future__ import annotations

import random

import pytest

from ckanext.govdata.workflow.domain import Command, Machine, Standing, decide, fold
from ckanext.govdata.workflow.errors import WorkflowError

from .machines import MACHINES
from .paths import TOLD, Told, expected

PEOPLE = ("wang", "li", "sun", "visitor")
WORDS = ("", " ", "已核实")


def history(machine: Machine, told: Told, draw: random.Random) -> int:
    """One random history; every answer of the machine is the one that the paths have. Returns how many steps were taken."""
    standing, events = Standing(), []
    for _ in range(draw.randrange(3, 14)):
        known = [name for state, name in told.paths if state == standing.state]
        name = draw.choice(known) if known and draw.random() < 0.7 else draw.choice(list(machine.commands))
        roles = told.paths.get((standing.state, name), ("", set(machine.roles), False))[1]
        role = draw.choice(sorted(roles)) if draw.random() < 0.7 else draw.choice(list(machine.roles))
        command = Command(name, draw.choice(PEOPLE), role, draw.choice(WORDS))
        wanted = expected(told, standing, command)
        try:
            event = decide(machine, standing, command)
        except WorkflowError:
            assert wanted is None, (standing, command)
            continue
        assert event.to_state == wanted, (standing, command)
        events.append(event)
        standing = fold(standing, event)
    opener = events[0].by if events else ""
    decided = [one for one in events[1:] if one.by == opener]
    assert {one.command for one in decided} <= told.own, "nobody decides on their own"
    return len(events)


@pytest.mark.requirement("LYG-20", "LYG-26", "GY-c5", "YZ-28", "LYG-18", "LYG-38")
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_random_histories_take_legal_steps_alone(machine: str, count: int) -> None:
    draw = random.Random(8)
    steps = sum(history(MACHINES[machine], TOLD[machine], draw) for _ in range(count))
    print(f"{count} histories of {machine}: {steps} steps")
    assert steps > 2 * count


@pytest.mark.parametrize("machine", MACHINES)
def test_the_paths_told_are_all_that_the_machine_has(machine: str) -> None:
    has = {(one.from_state, one.command): (one.to_state, set(one.roles)) for one in MACHINES[machine].transitions}
    assert has == {step: (state, roles) for step, (state, roles, _) in TOLD[machine].paths.items()}
