"""The plain engine keeps the contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ckanext.govdata_search.engines.memory import MemoryEngine

from .standard import EngineContract


class TestMemory(EngineContract):
    @pytest.fixture
    def make_engine(self) -> Callable[[], MemoryEngine]:
        return MemoryEngine
