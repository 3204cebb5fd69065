"""Portals started by the real command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .instance import Instance


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path has a space and Chinese characters, and is long for a socket."""
    return tmp_path_factory.mktemp("门户 portal") / ("数据" * 8)


@pytest.fixture(scope="module")
def instance(folder: Path) -> Iterator[Instance]:
    """A running portal without the demo city, with an agency and the administrator's token."""
    made = Instance(folder)
    made.up()
    made.sign_in_by_token()
    made.api("organization_create", name="jiaotongju", title="交通运输局")
    yield made
    made.clear()
