"""The scene of applications, set once for each file of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model

from ckanext.govdata.agreements.sealing import folder

from ...cases import empty_cases
from ..once import once
from .scene import Scene, set_scene


@pytest.fixture
def setting(people: dict[str, dict[str, Any]], make_entry: Any) -> Scene:
    return set_scene(people, make_entry)


@pytest.fixture(scope="session")
def kept_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealing-applications") / "keys"


@pytest.fixture
def scene(
    with_plugins: None,
    request: pytest.FixtureRequest,
    ckan_config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    kept_keys: Path,
) -> Iterator[Scene]:
    """People, a dataset, an enterprise, a model text, keys to seal with; no applications."""
    monkeypatch.setitem(ckan_config, "govdata.agreements.path", str(kept_keys))
    if not kept_keys.exists():
        folder().make("江海市公共数据开放平台")
    found = once(request, "setting", ("govdata_clock", "govdata_grant"))
    empty_cases()
    yield found
    model.Session.rollback()


@pytest.fixture
def in_city(scene: Scene, with_city: Callable[[str], None]) -> Callable[[str], Scene]:
    """The scene in a city."""

    def choose(key: str) -> Scene:
        with_city(key)
        return scene

    return choose
