"""The unchanged ckanapi client against a portal that runs as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckanapi import CKANAPIError, NotFound, RemoteCKAN, ValidationError

People = dict[str, dict[str, Any]]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise TimeoutError(f"{address} did not answer within {seconds} s")


@pytest.fixture
def portal_address(
    people: People, ckan_config: dict[str, Any], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """A server on the tests' database, in a city that publishes without review."""
    model.Session.commit()
    port = free_port()
    ini = tmp_path / "server.ini"
    base = Path(request.config.getoption("ckan_ini")).resolve()
    address = f"http://127.0.0.1:{port}"
    settings = {"use": f"config:{base}", "ckan.site_url": address, "govdata.city": "guiyang"}
    settings["ckan.plugins"] = " ".join(ckan_config["ckan.plugins"])
    lines = [f"{name} = {value}" for name, value in settings.items()]
    ini.write_text("\n".join(["[DEFAULT]", "debug = false", "[app:main]", *lines, ""]), encoding="utf-8")
    command = [Path(sys.executable).with_name("ckan"), "-c", ini, "run", "-H", "127.0.0.1", "-p", str(port), "-r"]
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "CKAN_INI": str(ini)})
        try:
            wait_for(f"{address}/api/3/action/status_show", server)
            yield address
        finally:
            server.terminate()
            server.wait(20)


@pytest.mark.requirement("YZ-8", "LYG-16")
def test_ckanapi_creates_searches_patches_uploads_downloads_and_deletes(
    portal_address: str, people: People, tmp_path: Path
) -> None:
    own = RemoteCKAN(portal_address, apikey=people["publisher"]["token"])
    everybody = RemoteCKAN(portal_address)
    file = tmp_path / "停车场.csv"
    file.write_text("名称,车位\n东关街,120\n", encoding="utf-8")

    created = own.action.package_create(
        name="parking", title="公共停车场名录", owner_org="jiaotongju", open_tier="unconditional"
    )
    assert created["publication"] == "published"
    assert everybody.action.package_search(q="停车场")["count"] == 1
    own.action.package_patch(id="parking", notes="中心城区的公共停车场")
    assert everybody.action.package_show(id="parking")["notes"] == "中心城区的公共停车场"
    with file.open("rb") as upload:
        resource = own.action.resource_create(package_id="parking", name="名录", format="CSV", upload=upload)
    with urllib.request.urlopen(resource["url"], timeout=30) as answer:
        assert answer.read() == file.read_bytes()
    own.action.package_delete(id="parking")
    assert everybody.action.package_search(q="停车场")["count"] == 0
    with pytest.raises((NotFound, CKANAPIError)):
        everybody.action.package_show(id="parking")

    held = own.action.package_create(name="untiered", title="公交线路", owner_org="jiaotongju")
    assert (held["publication"], held["hold_causes"]) == ("held", ["tier_missing"])
    assert own.action.package_show(id="untiered")["private"] is True
    with pytest.raises(NotFound):
        everybody.action.package_show(id="untiered")
    assert everybody.action.package_search(q="公交")["count"] == 0
    with pytest.raises(ValidationError, match="two persons"):
        own.action.package_patch(id="untiered", open_tier="unconditional")
    own.action.package_delete(id="untiered")
