"""A flood of submissions from one address, through a socket: it is limited, and nobody else is kept from anything."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from ckan import model
from requests.adapters import HTTPAdapter

from ckanext.govdata.cases import limits
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_dataset
from tests.integration.access.web import Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-20", "LYG-18", "LYG-38"),
]
# What anybody sends in without an account; the flood takes turns.
KINDS = ("objection_file", "misuse_report")


class From(HTTPAdapter):
    """Requests that come from this address of the machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        super().init_poolmanager(*given, source_address=(self._address, 0), **more)


def visitor(address: str) -> requests.Session:
    session = requests.Session()
    session.mount("http://", From(address))
    return session


@pytest.fixture
def data(stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    # A window of its own for each test, which no clock ends in its middle.
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 10**6 + int.from_bytes(os.urandom(3), "big"))
    return add_dataset(stage, "unconditional", False, f"flood-{model.types.make_uuid()[:8]}")


def send(web: Web, data: Dataset, session: requests.Session, number: int) -> int:
    order = {"id": data.name, "reason": "wrong", "text": f"第{number}条", "kind": "other", "contact": "", "who": ""}
    kind = KINDS[number % len(KINDS)]
    return session.post(f"{web.base}/api/3/action/govdata_{kind}", json=order, timeout=120).status_code


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_a_flood_from_one_address_is_limited_and_harms_nobody_else(
    web: Web, stage: Stage, data: Dataset, count: int
) -> None:
    began = time.monotonic()
    flood, other = visitor("127.0.0.2"), visitor("127.0.0.3")
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda number: send(web, data, flood, number), range(count))
        # In the middle of it, from elsewhere and, with an account, from the very same address.
        pages = [other.get(f"{web.base}/dataset/{data.name}", timeout=120) for _ in range(5)]
        elsewhere = [send(web, data, other, number) for number in range(4)]
        flood_with_account = requests.Session()
        flood_with_account.mount("http://", From("127.0.0.2"))
        flood_with_account.headers.update(stage.headers("signed_in"))
        signed_in = [send(web, data, flood_with_account, number) for number in range(4)]
        found = list(answers)
    taken = time.monotonic() - began
    assert {one.status_code for one in pages} == {200}
    assert elsewhere == [200] * 4
    assert signed_in == [200] * 4
    assert found.count(200) == len(KINDS) * limits.MOST, "so many of each kind, and no more"
    assert set(found) == {200, 409}
    slowest = max(one.elapsed.total_seconds() for one in pages)
    print(f"{count} submissions in {taken:.1f} s, {found.count(200)} taken; others' pages at most {slowest:.2f} s")
