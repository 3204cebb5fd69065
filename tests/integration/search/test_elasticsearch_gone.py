"""While Elasticsearch is gone datasets can be read and written; search says so; what was written arrives afterwards, in order."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from ckan import model
from ckan.lib.search import SearchError, common, make_connection
from ckan.tests import factories
from ckan.tests.helpers import call_action
from elasticsearch import Elasticsearch

from ckanext.govdata_search.projection import projection

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "elasticsearch"),
    pytest.mark.timeout(300),
]


class Door:
    """A port through which the cluster is reached for as long as it is open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 9200)
        self.port = 0
        self.listener: socket.socket | None = None
        self.passing: list[socket.socket] = []
        self.thawed = threading.Event()
        self.thawed.set()
        self.open()

    def open(self) -> None:
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(20)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._let_in, args=(self.listener,), daemon=True).start()

    def shut(self) -> None:
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        for one in self.passing:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.passing.clear()

    def freeze(self) -> None:
        """As a stopped process does: take what comes and answer nothing."""
        self.thawed.clear()

    def thaw(self) -> None:
        self.thawed.set()

    def _let_in(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _who = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self.passing += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=(one, other, self.thawed), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket, thawed: threading.Event) -> None:
    with suppress(OSError):
        while part := one.recv(65536):
            thawed.wait()
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def door(
    elasticsearch: str, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, searching: None
) -> Iterator[Door]:
    door = Door(elasticsearch)
    index = f"gone-{secrets.token_hex(4)}"
    monkeypatch.setitem(ckan_config, "govdata.search.elasticsearch.url", f"http://127.0.0.1:{door.port}")
    monkeypatch.setitem(ckan_config, "govdata.search.elasticsearch.index", index)
    yield door
    model.Session.rollback()
    projection()._later.stop()
    door.thaw()
    door.shut()
    with Elasticsearch(elasticsearch) as client:
        made = list(client.indices.get(index=f"{index}-*"))
        if made:
            client.indices.delete(index=made)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.2)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took <= seconds, f"it took {took:.1f} s"


def titles(q: str = "*:*") -> list[str]:
    return sorted(one["title"] for one in call_action("package_search", q=q)["results"])


@pytest.mark.requirement("LYG-16")
def test_writes_wait_and_arrive_in_order_when_it_is_back(door: Door) -> None:
    kept, removed = factories.Dataset(title="之前"), factories.Dataset(title="要删除")
    assert titles() == ["之前", "要删除"]
    door.shut()
    made = factories.Dataset(title="断开时")
    call_action("package_patch", id=kept["id"], title="改过一次")
    call_action("package_patch", id=kept["id"], title="改过两次")
    call_action("package_delete", id=removed["id"])
    assert model.Package.get(made["id"]) is not None
    assert call_action("package_show", id=kept["id"])["title"] == "改过两次"
    with pytest.raises(SearchError, match="does not answer"):
        titles()
    assert projection_waits() > 0
    door.open()
    until(lambda: projection_waits() == 0)
    assert titles() == ["改过两次", "断开时"]


def projection_waits() -> int:
    with suppress(Exception):
        return int(projection().status()["waiting"])
    return 99


@pytest.mark.requirement("LYG-16")
def test_pages_and_api_say_so_and_datasets_can_be_read(door: Door, app: Any) -> None:
    made = factories.Dataset(title="公共交通线路")
    assert app.get("/api/3/action/package_search").json["result"]["count"] == 1
    door.shut()
    told = app.get("/api/3/action/package_search", status=503)
    assert told.json["success"] is False
    assert told.json["error"]["__type"] == "Search Unavailable"
    assert told.headers["Retry-After"]
    assert "Search is not available" in app.get("/dataset/", status=503).body
    assert "搜索暂不可用" in app.get("/zh_Hans_CN/dataset/", status=503).body
    assert "公共交通线路" in app.get(f"/dataset/{made['name']}", status=200).body
    assert app.get(f"/api/3/action/package_show?id={made['name']}", status=200).json["success"] is True
    door.open()
    until(lambda: app.get("/api/3/action/package_search").status_code == 200)


def test_a_deletion_by_query_works_without_the_index(door: Door) -> None:
    connection = make_connection(decode_dates=False)
    connection.add([{"index_id": k, "id": k, "site_id": "s", "tags": [k, "x"]} for k in "abc"], commit=True)
    door.shut()
    connection.delete(q='+tags:"a" AND +(id:"a" OR name:"a")', commit=True)
    connection.delete(q="+tags:x +id:b", commit=True)
    door.open()
    until(lambda: projection_waits() == 0)
    assert [one["id"] for one in connection.search("*:*").docs] == ["c"]


@pytest.mark.parametrize("block", ["read_only_allow_delete", "write"])
def test_an_index_that_takes_no_writes_is_searched_and_follows_once_it_does(
    door: Door, elasticsearch: str, block: str
) -> None:
    """Elasticsearch blocks an index where a disk is nearly full, operators do it for upkeep."""
    kept, removed = factories.Dataset(title="之前"), factories.Dataset(title="要删除")
    index = projection().status()["index"]
    with Elasticsearch(elasticsearch) as client:
        client.indices.put_settings(index=index, settings={f"index.blocks.{block}": True})
        with at_most(3):
            call_action("package_patch", id=kept["id"], title="改过一次")
        with at_most(3):
            call_action("package_patch", id=kept["id"], title="改过两次")
        call_action("package_delete", id=removed["id"])
        with at_most(1):
            assert titles() == ["之前", "要删除"]
        assert projection_waits() > 0
        client.indices.put_settings(index=index, settings={f"index.blocks.{block}": None})
    until(lambda: projection_waits() == 0)
    assert titles() == ["改过两次"]


@pytest.mark.ckan_config("govdata.search.elasticsearch.timeout", 4)
def test_a_frozen_server_takes_its_time_limit_once(door: Door) -> None:
    kept = factories.Dataset(title="之前")
    door.freeze()
    with at_most(6):
        call_action("package_patch", id=kept["id"], title="改过")
    with at_most(6), pytest.raises(SearchError, match="does not answer"):
        titles()
    door.thaw()
    until(lambda: projection_waits() == 0)
    assert titles() == ["改过"]


def test_a_removed_index_is_said_and_made_anew_without_any_write(door: Door, elasticsearch: str, app: Any) -> None:
    factories.Dataset(title="公共交通线路")
    assert app.get("/api/3/action/package_search").json["result"]["count"] == 1
    with Elasticsearch(elasticsearch) as client:
        client.indices.delete(index=projection().status()["index"])
    told = app.get("/api/3/action/package_search", status=503)
    assert told.json["error"]["__type"] == "Search Unavailable"
    until(lambda: app.get("/api/3/action/package_search").status_code == 200)
    assert titles() == ["公共交通线路"]


def test_ckans_check_at_the_start_says_in_a_line_what_is_wrong(
    door: Door, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Migrations run before this one may have switched loggers off.
    monkeypatch.setattr(common.log, "disabled", False)
    monkeypatch.setattr(common.log, "handlers", [caplog.handler])
    door.shut()
    caplog.clear()
    assert not common.is_available()
    assert "does not answer" in caplog.text
    assert "Traceback" not in caplog.text
    assert not logging.getLogger("elastic_transport.transport").isEnabledFor(logging.WARNING)
