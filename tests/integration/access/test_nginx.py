"""A real nginx in front of the portal, by the file that the documentation gives: it sends open files itself, and nothing else."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from ckanext.govdata import config

from ..installation.instance import free_port
from .stage import PLUGINS, Dataset, Stage, content, entries
from .web import Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-9", "LYG-10", "LYG-21"),
    pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx on this machine"),
]
DEPLOYED = Path(__file__).parents[3] / "config" / "deploy" / "nginx.conf"


def as_deployed(port: int, behind: str, place: Path) -> str:
    """The deployed file with this machine's port, portal and folders; without the certificate, which a city has to bring."""
    words = DEPLOYED.read_text(encoding="utf-8")
    words = re.sub(r"server \{\s+listen 80;.*?\n\}", "", words, flags=re.S)
    for found, put in (
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        (r"ssl_\w+ [^;]+;", ""),
        (r"server 127\.0\.0\.1:5000;", f"server {behind};"),
        (r"/var/log/nginx/access\.log", str(place / "access.log")),
        (r"/var/lib/govdata/storage/resources", str(config.resource_folder())),
    ):
        words, times = re.subn(found, put, words)
        assert times, found
    folders = "".join(
        f"{kind}_temp_path {place / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"user root;\npid {place / 'nginx.pid'};\nerror_log {place / 'error.log'};\nevents {{}}\nhttp {{\n{folders}{words}}}\n"


@pytest.fixture
def nginx(web: Web, ckan_config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Web]:
    """The portal behind nginx."""
    monkeypatch.setitem(ckan_config, "govdata.access.accel_prefix", "/_resources")
    port, settings = free_port(), tmp_path / "nginx.conf"
    settings.write_text(as_deployed(port, urlsplit(web.base).netloc, tmp_path), encoding="utf-8")
    command = ["nginx", "-p", str(tmp_path), "-c", str(settings), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        try:
            until = time.monotonic() + 30
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert running.poll() is None and time.monotonic() < until, running.stderr and running.stderr.read()
                time.sleep(0.05)
            yield Web(f"http://127.0.0.1:{port}")
        finally:
            running.terminate()


def address(dataset: Dataset) -> str:
    return f"/dataset/{dataset.id}/resource/{dataset.file}/download"


def place(dataset: Dataset) -> str:
    return f"/_resources/{dataset.file[:3]}/{dataset.file[3:6]}/{dataset.file[6:]}"


def test_nginx_sends_an_open_file_with_what_the_portal_tells_of_it(nginx: Web, web: Web, stage: Stage) -> None:
    opened = stage.datasets["unconditional", False]
    wanted, before = content(opened).encode(), len(entries())
    etag = f'"{hashlib.sha256(wanted).hexdigest()}"'
    assert web.get(address(opened)).data == b"", "the portal itself sends no byte of it"
    whole = nginx.get(address(opened))
    part = nginx.get(address(opened), headers={"Range": "bytes=10-19", "If-Range": etag})
    assert (whole.status_code, whole.data) == (200, wanted)
    assert (part.status_code, part.data) == (206, wanted[10:20])
    for answer in (whole, part):
        assert answer.headers["Server"].startswith("nginx")
        assert answer.headers["ETag"] == etag
        assert answer.headers["Repr-Digest"].startswith("sha-256=:")
        assert quote("停车场名录.csv") in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(wanted)}"
    assert nginx.get(address(opened), headers={"If-None-Match": etag}).status_code == 304
    taken = [entry for entry in entries()[before:] if entry["event"]["action"] == "dataset-download"]
    assert len(taken) == 3, "each is judged and recorded, whoever sends it; who has it already takes nothing"


def test_nginx_gives_no_byte_that_the_gate_did_not_let_out(nginx: Web, stage: Stage) -> None:
    closed, opened = stage.datasets["conditional", False], stage.datasets["unconditional", False]
    given = nginx.get(address(closed), headers=stage.headers("running"))
    assert (given.status_code, given.data) == (200, content(closed).encode())
    assert "X-Delivery-Number" in given.headers, "sent by the portal's own process"
    assert nginx.get(address(closed)).status_code == 403
    assert nginx.get(address(stage.datasets["unconditional", True])).status_code == 403
    for dataset in (closed, opened):
        for path in (place(dataset), f"/en/..{place(dataset)}", f"/%5fresources{place(dataset)[11:]}"):
            answer = nginx.get(path, headers=stage.headers("administrator"))
            assert answer.status_code == 404, path
            assert dataset.open_word not in answer.get_data(as_text=True)
