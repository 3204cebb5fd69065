"""The stage, set once for all tests of the gate that find it as it was set; after anything else it is set anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan import model
from ckan.config import middleware

from ckanext.govdata.access.model import Grant

from .stage import Dataset, Stage, add_grant, condition, put_back, set_stage
from .web import Web, serving

_made: dict[str, Stage | None] = {}
_applications: dict[tuple[Any, ...], Any] = {}


@pytest.fixture
def app(with_plugins: None, make_app: Any, request: pytest.FixtureRequest) -> Any:
    """The portal, made once for all tests of the gate that ask for the same settings."""
    asked = tuple(sorted(str(mark.args) for mark in request.node.iter_markers("ckan_config")))
    if asked not in _applications:
        _applications[asked] = make_app()
    # Addresses are built by the application made last, which may have been another test's.
    middleware._internal_test_request_context = _applications[asked].flask_app.test_request_context()
    return _applications[asked]


@pytest.fixture
def stage(with_plugins: None, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage as it was set, whichever tests ran before, and whatever they left behind."""
    if "stage" in _made and _made["stage"] is None:
        pytest.fail("the stage could not be set; see the first test")
    known = _made.get("stage")
    if known is None or condition(known) != known.condition:
        _made["stage"] = None
        request.getfixturevalue("portal")
        request.getfixturevalue("migrate_db_for")("tracking")
        with request.getfixturevalue("app").flask_app.test_request_context():
            _made["stage"] = known = set_stage()
        known.condition = condition(known)
        assert len(known.condition) > 1, known.condition
    yield known
    model.Session.rollback()
    put_back(known)


@pytest.fixture
def web(app: Any, stage: Stage) -> Iterator[Web]:
    """The portal behind a socket."""
    with serving(app.flask_app) as found:
        yield found


@pytest.fixture
def closed(stage: Stage) -> Dataset:
    return stage.datasets["conditional", False]


@pytest.fixture
def opened(stage: Stage) -> Dataset:
    return stage.datasets["unconditional", False]


@pytest.fixture
def conditional(stage: Stage, migrate_db_for: Callable[[str], None]) -> Iterator[tuple[Dataset, str]]:
    """A conditional dataset with a grant to `running` that a test may end, and the grant's id."""
    migrate_db_for("govdata_login")
    dataset = stage.datasets["conditional", False]
    grant = add_grant(stage, "running", dataset)
    yield dataset, grant
    model.Session.rollback()
    row = model.Session.get(Grant, grant)
    if row is not None:
        row.state = "revoked"
    model.Session.flush()
    # As the stage was set, so that it need not be set anew for the next test.
    stage.grant("running", dataset).state = "running"
    model.Session.commit()


@pytest.fixture
def asking(app: Any, stage: Stage) -> Any:
    """The words of scopes are in the reader's language, so that making them needs a request."""
    with app.flask_app.test_request_context():
        yield
