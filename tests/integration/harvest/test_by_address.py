"""A list that is named by its address comes through the door, and a source of this machine's own does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .conftest import run, stored

PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest"

pytestmark = [pytest.mark.ckan_config("ckan.plugins", PLUGINS), pytest.mark.usefixtures("portal")]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    text = "标题,来源部门,开放属性\n停车场名录,江浦市城管局,无条件开放\n学校名录,江浦市教育局,有条件开放\n"
    (tmp_path / "清单.csv").write_bytes(text.encode("gb18030"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/%E6%B8%85%E5%8D%95.csv"
    server.shutdown()
    server.server_close()


@pytest.mark.requirement("ZB-7")
@pytest.mark.ckan_config("govdata.harvest.inner_networks", "127.0.0.0/8")
def test_a_list_comes_in_by_its_address_under_its_own_name(address: str) -> None:
    report = run("import", address, "--create-agencies")
    assert (report["read"], report["added"], report["file"]) == (2, 2, "清单.csv")
    assert len(stored(publication="published")) == 2


def test_an_address_of_this_machine_is_refused_with_its_reason(address: str) -> None:
    report = run("import", address, "--create-agencies")
    assert report["error"]["cause"] == report["safety"]["cause"] == "address_refused"
    assert "loopback" in report["error"]["text"]
    assert stored() == []
