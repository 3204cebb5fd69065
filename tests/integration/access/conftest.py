"""The stage, set once for all tests of the gate that find it as it was set; after anything else it is set anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.config import middleware

from .stage import PLUGINS, Stage, condition, put_back, set_stage
from .web import Web, serving

_made: dict[str, Stage | None] = {}
_applications: dict[str, Any] = {}


@pytest.fixture
def app(with_plugins: None, make_app: Any, ckan_config: Any) -> Any:
    """The portal with the stage's plugins, made once for all tests of the gate; with other plugins made anew."""
    if ckan_config["ckan.plugins"] != PLUGINS:
        return make_app()
    if "stage" not in _applications:
        _applications["stage"] = make_app()
    known = _applications["stage"]
    # Addresses are built by the application made last, which may have been another test's.
    middleware._internal_test_request_context = known.flask_app.test_request_context()
    return known


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
