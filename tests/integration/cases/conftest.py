"""The stage of the gate's tests serves the cases too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata.cases import limits
from tests.integration.access.conftest import app, stage, web
from tests.integration.access.stage import Dataset, Stage

from .scene import own_dataset

__all__ = ("app", "keep", "stage", "uncounted", "unlimited", "web")


@pytest.fixture(autouse=True)
def uncounted(reset_redis: Callable[[str], int]) -> None:
    """What other tests sent in within the last ten minutes does not count."""
    reset_redis("*:limit:*")


@pytest.fixture
def unlimited(ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the test's own, and nobody asks too often."""
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    monkeypatch.setattr(limits, "MOST", 10_000)


@pytest.fixture
def keep(
    stage: Stage, ckan_config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], Dataset]:
    """Gives a dataset of a tier and a word, the same one each time, with the key under which all that is said of it is sealed.

    For tests that do not mind what others say of it.
    """

    def kept(tier: str, word: str) -> Dataset:
        if word not in stage.kept:
            key = str(tmp_path_factory.mktemp(word) / "tracing.key")
            monkeypatch.setitem(ckan_config, "govdata.tracing.key", key)
            stage.kept[word] = own_dataset(stage, tier, word), key
        found, key = stage.kept[word]
        monkeypatch.setitem(ckan_config, "govdata.tracing.key", key)
        return found

    return kept
