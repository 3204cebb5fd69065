"""Settings of search that cannot be used are said with their name, when they are read."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.govdata_search import config
from ckanext.govdata_search.errors import BadSetting


@pytest.fixture(autouse=True)
def on_a_cluster(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ckan_config, "govdata.search.engine", "elasticsearch")


@pytest.mark.parametrize("given", ["-1", "-0.5", "soon", "nan", "inf"])
def test_a_time_to_wait_that_is_none_is_refused(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.search.lock_seconds", given)
    with pytest.raises(
        BadSetting, match=rf"govdata\.search\.lock_seconds is '{given}'; it has to be a number of seconds"
    ):
        config.settings()


def test_no_time_to_wait_is_one(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ckan_config, "govdata.search.lock_seconds", 0)
    assert config.settings().lock_seconds == 0
