"""CKAN on our search alone, with an index of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib.search import make_connection

from ckanext.govdata_search import projection

INDEX = "govdata.search.index_path"


@pytest.fixture
def index_path(tmp_path: Path) -> Path:
    return tmp_path / "index"


def end_background() -> None:
    """An earlier test's thread that mends its removed index would hold the database's turns in this one."""
    for one in list(projection._projections.values()):
        one._later.stop()
        if one._later._thread:
            one._later._thread.join(60)


@pytest.fixture
def searching(
    ckan_config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    index_path: Path,
    with_plugins: None,
    reset_db: Callable[[], None],
    migrate_db_for: Callable[[str], None],
) -> Iterator[None]:
    """An empty CKAN with its tables and an empty index; use it with the mark for ckan.plugins."""
    monkeypatch.setitem(ckan_config, INDEX, str(index_path))
    end_background()
    reset_db()
    migrate_db_for("govdata_search")
    end_background()
    yield
    model.Session.rollback()


@pytest.fixture
def connection(searching: None) -> Any:
    return make_connection(decode_dates=False)
