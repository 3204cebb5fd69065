"""A portal with the trial machine; cases of it are opened by name of its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.workflow import cases, registry
from ckanext.govdata.workflow.domain import Needs

from ...cases import empty_cases
from ...workflow_trial import TRIAL


def _stands() -> bool:
    return model.Session.scalar(sa.text("SELECT to_regclass('govdata_case') IS NOT NULL")) is True


def _version() -> int | None:
    return model.Session.scalar(sa.text("SELECT version FROM govdata_machine WHERE name = 'trial'"))


@pytest.fixture
def trial(
    with_plugins: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Open a case of the trial machine and commit it; answers its id. Each test finds the machine's first version."""
    if not _stands():
        request.getfixturevalue("portal")
    if _version() not in (None, 1):
        empty_cases(machine="trial")
    monkeypatch.setitem(registry._MACHINES, "trial", TRIAL)

    def open_one(by: str = "wang", demands: Needs | None = None) -> str:
        case = cases.open_case("trial", by, "asker", command="ask", subject="试办", demands=demands)
        model.Session.commit()
        return case.id

    yield open_one
    model.Session.rollback()
