"""The stage, set once a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ckan import model

from .stage import Stage, set_stage

_made: dict[str, Stage | None] = {}


@pytest.fixture
def stage(with_plugins: None, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage of this module; a test that changes it puts it back."""
    module = request.module.__name__
    if module in _made and _made[module] is None:
        pytest.fail("the stage could not be set; see the first test")
    if module not in _made:
        _made.clear()
        _made[module] = None
        request.getfixturevalue("portal")
        request.getfixturevalue("migrate_db_for")("tracking")
        with request.getfixturevalue("app").flask_app.test_request_context():
            _made[module] = set_stage(getattr(request.module, "SHUT", (False, True)))
    found = _made[module]
    assert found is not None
    yield found
    model.Session.rollback()
