"""Random histories of objections and withdrawals on the tables: legal states alone, and each event with its ledger's entry."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.cases.objections.machine import OBJECTION
from ckanext.govdata.cases.withdrawal.machine import WITHDRAWAL
from ckanext.govdata.workflow import cases
from ckanext.govdata.workflow.domain import Command, Machine
from ckanext.govdata.workflow.errors import WorkflowError
from tests.integration.access.stage import PLUGINS, Stage
from tests.unit.cases.paths import OBJECTION_PATHS, WITHDRAWAL_PATHS, Paths, expected

pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.timeout(7200)]
PEOPLE = ("wang", "li", "sun", "visitor")
WITHOUT_ENTRY = """
SELECT count(*) FROM govdata_case_event AS e WHERE e.case_id = ANY(:ids)
AND NOT EXISTS (SELECT 1 FROM govdata_ledger.intake AS i WHERE i.id = e.entry)
AND NOT EXISTS (SELECT 1 FROM govdata_ledger.log AS l WHERE convert_from(l.entry, 'UTF8')::jsonb #>> '{event,id}' = e.entry::text)
"""


def history(machine: Machine, paths: Paths, draw: random.Random) -> str:
    """One case through random commands; each answer of the tables is the one that the paths have."""
    opening = draw.choice([name for state, name in paths if not state])
    role = draw.choice(sorted(paths["", opening][1]))
    case = cases.open_case(machine.name, draw.choice(PEOPLE), role, command=opening, reason="x")
    for _ in range(draw.randrange(2, 8)):
        standing = cases.standing(case)
        known = [name for state, name in paths if state == standing.state]
        name = draw.choice(known) if known and draw.random() < 0.8 else draw.choice(list(machine.commands))
        roles = paths.get((standing.state, name), ("", set(machine.roles), False))[1]
        role = draw.choice(sorted(roles)) if draw.random() < 0.8 else draw.choice(list(machine.roles))
        one = Command(name, draw.choice(PEOPLE), role, draw.choice(("", "已核实")))
        wanted: Any = expected(paths, standing, one)
        try:
            cases.take(case.id, one.name, one.by, one.role, reason=one.reason)
        except WorkflowError:
            assert wanted is None, (standing, one)
            continue
        assert case.state == wanted, (standing, one)
    model.Session.commit()
    return case.id


@pytest.mark.requirement("LYG-20", "LYG-26", "GY-c5")
@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=pytest.mark.long)])
def test_random_histories_keep_to_the_paths_and_each_step_is_in_the_ledger(stage: Stage, count: int) -> None:
    draw = random.Random(9)
    both = ((OBJECTION, OBJECTION_PATHS), (WITHDRAWAL, WITHDRAWAL_PATHS))
    ids = [history(*both[number % 2], draw) for number in range(count)]
    events = sa.text("SELECT count(*) FROM govdata_case_event WHERE case_id = ANY(:ids)")
    steps = model.Session.execute(events, {"ids": ids}).scalar_one()
    assert steps > 2 * count
    assert model.Session.execute(sa.text(WITHOUT_ENTRY), {"ids": ids}).scalar_one() == 0
    print(f"{count} histories, {steps} steps, each with its entry")
