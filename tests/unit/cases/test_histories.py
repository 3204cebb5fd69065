"""Random histories of objections and withdrawals against their paths as the documentation has them, typed here once more."""

from __future__ import annotations

import random

import pytest

from ckanext.govdata.cases.objections.machine import OBJECTION
from ckanext.govdata.cases.withdrawal.machine import WITHDRAWAL
from ckanext.govdata.workflow.domain import Command, Machine, Standing, decide, fold
from ckanext.govdata.workflow.errors import WorkflowError

from .paths import OBJECTION_PATHS, OWN, WITHDRAWAL_PATHS, Paths, expected

PEOPLE = ("wang", "li", "sun", "visitor")
WORDS = ("", " ", "已核实")


def history(machine: Machine, paths: Paths, draw: random.Random) -> int:
    """One random history; every answer of the machine is the one that the paths have. Returns how many steps were taken."""
    standing, events = Standing(), []
    for _ in range(draw.randrange(3, 14)):
        known = [name for state, name in paths if state == standing.state]
        name = draw.choice(known) if known and draw.random() < 0.7 else draw.choice(list(machine.commands))
        roles = paths.get((standing.state, name), ("", set(machine.roles), False))[1]
        role = draw.choice(sorted(roles)) if draw.random() < 0.7 else draw.choice(list(machine.roles))
        command = Command(name, draw.choice(PEOPLE), role, draw.choice(WORDS))
        wanted = expected(paths, standing, command)
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
    assert {one.command for one in decided} <= OWN[machine.name], "nobody decides on their own"
    return len(events)


@pytest.mark.requirement("LYG-20", "LYG-26", "GY-c5")
@pytest.mark.parametrize("machine", ["objection", "withdrawal"])
@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_random_histories_take_legal_steps_alone(machine: str, count: int) -> None:
    draw = random.Random(8)
    found = {"objection": (OBJECTION, OBJECTION_PATHS), "withdrawal": (WITHDRAWAL, WITHDRAWAL_PATHS)}[machine]
    steps = sum(history(*found, draw) for _ in range(count))
    print(f"{count} histories of {machine}: {steps} steps")
    assert steps > 2 * count
