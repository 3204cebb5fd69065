"""Behind a real nginx: what it carries itself ends within a second of a withdrawal, and conditional data it never carries."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ckan import model

from ckanext.govdata.config import resource_folder
from ckanext.govdata.stored import path_of
from tests.integration.access import nginx
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_dataset, add_grant, upload
from tests.integration.access.web import Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-26"),
    pytest.mark.skipif(nginx.nginx() is None, reason="no nginx on this machine: install the package nginx"),
]
PREFIX = "/_resources"
SIZE = 8_000_000
LINE = b"x,1\r\n"
# What may still come: what nginx had given the system by then, and what the reader's side held.
_IN_SOCKETS = 1_500_000


@pytest.fixture
def make_large(
    stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[Dataset, str]]:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    monkeypatch.setitem(ckan_config, "govdata.access.accel_prefix", PREFIX)

    def make(tier: str) -> tuple[Dataset, str]:
        found = add_dataset(stage, tier, False, f"carried-{model.types.make_uuid()[:8]}")
        if tier == "conditional":
            add_grant(stage, "running", found)
        return found, upload(found.id, b"lot,spaces\r\n" + LINE * (SIZE // len(LINE)), "large.csv", "large")

    return make


@contextlib.contextmanager
def reading(base: str, address: str, headers: dict[str, str]) -> Iterator[tuple[socket.socket, bytes]]:
    """A reader with small buffers, who has read the beginning of the answer and is in no hurry."""
    parts = urlsplit(base)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        connection.settimeout(20)
        connection.connect((parts.hostname, parts.port))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(f"GET {address} HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}\r\n".encode())
        got = b""
        while len(got) < 50_000:
            piece = connection.recv(16_384)
            assert piece, got[:300]
            got += piece
        yield connection, got


def rest(connection: socket.socket) -> int:
    """How many bytes still come until the connection ends."""
    count = 0
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            count += len(piece)
    return count


def open_in_nginx(folder: Path, path: Path) -> bool:
    """Whether nginx has the file open."""
    number = (folder / "nginx.pid").read_text().strip()
    return any(str(one.readlink()).startswith(str(path)) for one in Path(f"/proc/{number}/fd").iterdir())


def withdraw(web: Web, stage: Stage, dataset: Dataset) -> float:
    order = {"id": dataset.id, "reason": "疑似泄露", "what": "误含经营者电话"}
    answer = web.post("/api/3/action/govdata_withdraw", json=order, headers=stage.headers("operator"))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return time.monotonic()


@pytest.mark.parametrize("sendfile", [True, False])
def test_a_file_that_nginx_sends_itself_ends_within_a_second_of_a_withdrawal(
    web: Web, stage: Stage, make_large: Callable[[str], tuple[Dataset, str]], tmp_path: Path, sendfile: bool
) -> None:
    dataset, large = make_large("unconditional")
    path, folder = path_of(model.Resource.get(large)), tmp_path / "nginx"
    address = f"/dataset/{dataset.id}/resource/{large}/download/large.csv"
    assert web.get(address).headers["X-Accel-Redirect"].startswith(f"{PREFIX}/"), "the portal hands it over"
    with (
        nginx.serving(web.base, Path(str(resource_folder())), PREFIX, folder, sendfile) as base,
        reading(base, address, {}) as (connection, got),
    ):
        assert b"200 OK" in got[:20]
        assert open_in_nginx(folder, path)
        since = withdraw(web, stage, dataset)
        time.sleep(0.3)
        count = rest(connection)
        taken = time.monotonic() - since
        print(f"sendfile {sendfile}: {len(got)} bytes before, {count} after, ended {taken:.2f} s after the withdrawal")
        assert count < _IN_SOCKETS
        assert len(got) + count < SIZE
        assert taken < 1
        assert not open_in_nginx(folder, path)
        assert requests.get(base + address, timeout=20).status_code == 403


def test_conditional_data_is_sent_by_the_portal_itself_and_ends_through_nginx_too(
    web: Web, stage: Stage, make_large: Callable[[str], tuple[Dataset, str]], tmp_path: Path
) -> None:
    dataset, large = make_large("conditional")
    path, folder = path_of(model.Resource.get(large)), tmp_path / "nginx"
    address = f"/dataset/{dataset.id}/resource/{large}/download/large.csv"
    headers = stage.headers("running")
    with (
        nginx.serving(web.base, Path(str(resource_folder())), PREFIX, folder) as base,
        reading(base, address, headers) as (connection, got),
    ):
        head = got.split(b"\r\n\r\n")[0].decode()
        assert re.search(r"X-Delivery-Number: \S+", head), head
        assert not open_in_nginx(folder, path), "nginx has never had the file"
        since = withdraw(web, stage, dataset)
        time.sleep(0.6)
        count = rest(connection)
        taken = time.monotonic() - since
        print(f"by the portal, through nginx: {len(got)} bytes before, {count} after, ended after {taken:.2f} s")
        assert len(got) + count < SIZE
        assert taken < 1, "the portal looks three times a second"
