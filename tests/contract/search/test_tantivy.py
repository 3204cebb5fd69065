"""The embedded engine keeps the contract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ckanext.govdata_search.config import Settings
from ckanext.govdata_search.engines.tantivy import TantivyEngine

from .standard import EngineContract


class TestTantivy(EngineContract):
    @pytest.fixture
    def make_engine(self, tmp_path: Path) -> Callable[[], TantivyEngine]:
        return lambda: TantivyEngine(Settings("tantivy", tmp_path / "index", 30))
