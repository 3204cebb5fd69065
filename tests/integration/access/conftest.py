"""The stage, set once for all tests of the gate that come one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model

from .stage import Stage, set_stage
from .web import Web, serving

_made: dict[str, Stage | None] = {}


def _stands(stage: Stage) -> bool:
    """Whether nobody has emptied the database meanwhile."""
    ids = [dataset.id for dataset in stage.datasets.values()]
    return model.Session.query(model.Package).filter(model.Package.id.in_(ids)).count() == len(ids)


@pytest.fixture
def stage(with_plugins: None, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage; a test that changes it puts it back."""
    if "stage" in _made and _made["stage"] is None:
        pytest.fail("the stage could not be set; see the first test")
    known = _made.get("stage")
    if known is None or not _stands(known):
        _made["stage"] = None
        request.getfixturevalue("portal")
        request.getfixturevalue("migrate_db_for")("tracking")
        with request.getfixturevalue("app").flask_app.test_request_context():
            _made["stage"] = known = set_stage()
    yield known
    model.Session.rollback()


@pytest.fixture
def web(app: Any, stage: Stage) -> Iterator[Web]:
    """The portal behind a socket."""
    with serving(app.flask_app) as found:
        yield found
