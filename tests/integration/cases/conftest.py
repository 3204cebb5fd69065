"""The stage of the gate's tests serves the cases too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata.cases import limits
from tests.integration.access.conftest import stage, web

__all__ = ("stage", "unlimited", "web")


@pytest.fixture
def unlimited(ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the test's own, and nobody asks too often."""
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    monkeypatch.setattr(limits, "MOST", 10_000)
