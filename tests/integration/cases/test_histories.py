"""Random histories of objections and withdrawals on the tables: legal states alone, and each event with its ledger's entry."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.domain import Command, Machine, Standing, decide, fold
from ckanext.govdata.workflow.errors import WorkflowError
from tests.integration.access.stage import PLUGINS, Stage
from tests.unit.cases.machines import MACHINES
from tests.unit.cases.paths import TOLD, Told, expected

pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.timeout(7200)]
PEOPLE = ("wang", "li", "sun", "visitor")
_AT_ONCE = 25  # histories a transaction: a connection for each would take most of the time
WITHOUT_ENTRY = """
SELECT count(*) FROM govdata_case_event AS e WHERE e.case_id = ANY(:ids)
AND NOT EXISTS (SELECT 1 FROM govdata_ledger.intake AS i WHERE i.id = e.entry)
AND NOT EXISTS (SELECT 1 FROM govdata_ledger.log AS l WHERE convert_from(l.entry, 'UTF8')::jsonb #>> '{event,id}' = e.entry::text)
"""


def draw_command(machine: Machine, told: Told, state: str, draw: random.Random) -> Command:
    """Mostly one that leads on from here by whoever may give it, and now and then anything by anybody."""
    known = [name for begin, name in told.paths if begin == state]
    name = draw.choice(known) if known and draw.random() < 0.8 else draw.choice(list(machine.commands))
    roles = told.paths.get((state, name), ("", set(machine.roles), False))[1]
    role = draw.choice(sorted(roles)) if draw.random() < 0.8 else draw.choice(list(machine.roles))
    return Command(name, draw.choice(PEOPLE), role, draw.choice(("", "已核实", "已核实")))


def history(machine: Machine, told: Told, draw: random.Random) -> str:
    """One case through random commands; each answer of the tables is the one that the paths have."""
    opening = draw.choice([name for state, name in told.paths if not state])
    first = Command(opening, draw.choice(PEOPLE), draw.choice(sorted(told.paths["", opening][1])), "x")
    case = cases.open_case(machine.name, first.by, first.role, command=opening, reason=first.reason)
    standing = fold(Standing(), decide(machine, Standing(), first))
    for _ in range(draw.randrange(2, 7)):
        one = draw_command(machine, told, standing.state, draw)
        wanted: Any = expected(told, standing, one)
        try:
            event = cases.take(case.id, one.name, one.by, one.role, reason=one.reason)
        except WorkflowError:
            assert wanted is None, (standing, one)
            continue
        assert case.state == wanted, (standing, one)
        standing = fold(standing, event)
    return case.id


@pytest.mark.requirement("LYG-20", "LYG-26", "GY-c5", "YZ-28", "LYG-18", "LYG-38")
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("count", [100, pytest.param(2_000, marks=pytest.mark.long)])
def test_random_histories_keep_to_the_paths_and_each_step_is_in_the_ledger(
    stage: Stage, machine: str, count: int
) -> None:
    draw, ids = random.Random(9), []
    for _ in range(count):
        ids.append(history(MACHINES[machine], TOLD[machine], draw))
        if len(ids) % _AT_ONCE == 0:
            model.Session.commit()
    model.Session.commit()
    events = sa.text("SELECT count(*) FROM govdata_case_event WHERE case_id = ANY(:ids)")
    steps = model.Session.execute(events, {"ids": ids}).scalar_one()
    assert steps > 2 * count
    assert model.Session.execute(sa.text(WITHOUT_ENTRY), {"ids": ids}).scalar_one() == 0
    assert own_decisions(ids, TOLD[machine].own) == 0, "nobody decides on their own"
    print(f"{count} histories of {machine}, {steps} steps, each with its entry")


def own_decisions(ids: list[str], own: set[str]) -> int:
    """Steps after the first by whoever opened the case, but for those that are theirs."""
    words = """
    SELECT count(*) FROM govdata_case_event e JOIN govdata_case c ON c.id = e.case_id
    WHERE c.id = ANY(:ids) AND e.n > 1 AND e.done_by = c.opened_by AND NOT e.command = ANY(:own)"""
    return int(model.Session.execute(sa.text(words), {"ids": ids, "own": sorted(own)}).scalar_one())
