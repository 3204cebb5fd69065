"""Lists written into a folder of the test's own, read and decided without CKAN."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_harvest.deciding import Decided, decide
from ckanext.govdata_harvest.mapping.columns import KnownNames
from ckanext.govdata_harvest.readers import open_list
from ckanext.govdata_harvest.survey import survey

Decide = Callable[..., list[Decided]]


@pytest.fixture
def decided(tmp_path: Path) -> Decide:
    """Decide rows given as dicts, or bytes given as they are."""

    def run(rows: list[Any] | bytes) -> list[Decided]:
        path = tmp_path / "list"
        path.write_bytes(rows if isinstance(rows, bytes) else json.dumps(rows, ensure_ascii=False).encode())
        file = open_list(path, KnownNames(), 1 << 24)
        return list(decide(file, survey(file)))

    return run
