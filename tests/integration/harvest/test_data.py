"""Data with the list: fetched through the door, held as versions, gated; nothing for what is withdrawn."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib import search
from ckan.plugins import toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.govdata.holdings.model import FileVersion
from ckanext.govdata_harvest.data.taking import take
from ckanext.govdata_harvest.file_model import HarvestFile
from ckanext.govdata_harvest.source_model import HarvestSource
from tests.integration.once import once

from .conftest import stored, writing_statements
from .sources import act, make, through

pytestmark = [
    pytest.mark.usefixtures("staff"),
    pytest.mark.ckan_config("govdata.harvest.host_pause_ms", 0),
    pytest.mark.ckan_config("govdata.harvest.fetch_tries", 1),
    pytest.mark.ckan_config("govdata.city", "guiyang"),
]
TABLES = ("govdata_harvest_file", "govdata_harvest_source", "govdata_harvest_list", "package", "activity")
INNER = pytest.mark.ckan_config("govdata.harvest.inner_networks", "127.0.0.0/8")
OPEN, CLOSED = "停车场名录", "学校名录"
Person = dict[str, Any]


@pytest.fixture
def staff(request: pytest.FixtureRequest) -> dict[str, Person]:
    found = once(request, "people", TABLES)
    search.clear_all()
    return found


class Place:
    """A web server of an agency: what it answers, what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.base = ""


@pytest.fixture
def place() -> Iterator[Place]:
    found = Place()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            data = found.files.get(self.path)
            tag = f'"{hash(data)}"'
            if data is not None and self.headers.get("If-None-Match") == tag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(404 if data is None else 200)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write((data or b"")[: 5 if self.path in found.cut else None])

        def log_message(self, *_given: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.base = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


def list_of(place: Place, **more: str) -> bytes:
    rows = [
        {"资源名称": OPEN, "资源代码": "CC-000001", "开放属性": "无条件开放", "数据文件": f"{place.base}/open.csv"},
        {"资源名称": CLOSED, "资源代码": "CC-000002", "开放属性": "有条件开放", "数据文件": "closed.csv", **more},
    ]
    return json.dumps(rows, ensure_ascii=False).encode()


def taken_in(person: Person, run: dict[str, Any]) -> dict[str, Any]:
    """A run to its end, agreed to by whoever is asked, and then its files."""
    run = through(person, run)
    if run["state"] == "planned":
        run = through(person, act("plan_send", person, id=run["id"]))
    assert run["state"] == "finished", run
    fetch_files()
    return run


def fetch_files() -> None:
    for source_id in [source.id for source in model.Session.query(HarvestSource)]:
        while take(source_id):
            pass


def again(person: Person) -> None:
    taken_in(person, act("run_start", person, id="stops"))


def version_numbers(title: str) -> list[tuple[int, int]]:
    package_id = entry(title).id
    rows = model.Session.query(FileVersion.number, FileVersion.bytes).filter(FileVersion.package_id == package_id)
    return [(number, size) for number, size in rows.order_by(FileVersion.resource_id, FileVersion.number)]


def entry(title: str) -> model.Package:
    return next(one for one in stored() if one.title == title)


def troubles(person: Person) -> dict[str, str]:
    found = act("file_list", person, id="stops")["results"]
    return {one["named"].rsplit("/", 1)[-1]: one["cause"] for one in found}


def by_address(staff: dict[str, Person], place: Place, **more: Any) -> None:
    source(staff, kind="address", settings={"address": f"{place.base}/list.json"}, **more)


def source(staff: dict[str, Person], by: str = "publisher", **more: Any) -> None:
    """A source that is trusted, in a city that asks no reviewer, and whose data is held here."""
    make(staff[by], takes_data=True, **more)
    act("source_trust", staff["operator"], id="stops", trusted=True)


@INNER
@pytest.mark.requirement("YZ-8", "LYG-10", "LYG-15", "YZ-24")
def test_linked_files_and_those_beside_become_versions(staff: dict[str, Person], place: Place, app: Any) -> None:
    person = staff["publisher"]
    place.files = {"/list.json": list_of(place), "/open.csv": b"a,b\n1,2\n", "/closed.csv": b"c,d\n3,4\n"}
    by_address(staff, place)
    again(person)
    assert troubles(person) == {"open.csv": "", "closed.csv": ""}
    assert version_numbers(OPEN) == version_numbers(CLOSED) == [(1, 8)]
    shown = tk.get_action("package_show")({"ignore_auth": True}, {"id": entry(OPEN).id})
    assert (shown["held_here"], shown["resources"][0]["name"]) == (True, "open.csv")
    address = shown["resources"][0]["url"].partition("://")[2].partition("/")[2]
    assert app.get(f"/{address}").data == b"a,b\n1,2\n"
    closed = entry(CLOSED).resources[0]
    refused = app.get(f"/dataset/{entry(CLOSED).id}/resource/{closed.id}/download", follow_redirects=False)
    assert refused.status_code == 403, "a conditional file is gated like any"
    with writing_statements() as written:
        again(person)
    assert [one for one in written if "govdata" not in one] == [], "unchanged files write nothing"
    place.files["/open.csv"] = b"a,b\n1,2\n5,6\n"
    again(person)
    assert version_numbers(OPEN) == [(1, 8), (2, 12)]
    assert version_numbers(CLOSED) == [(1, 8)]
    told = tk.get_action("govdata_data_version_list")({"user": ""}, {"id": entry(OPEN).id})
    newest = next(iter(told.values()))[0]
    assert (newest["way"], newest["address"]) == ("linked", f"{place.base}/open.csv")


@INNER
@pytest.mark.requirement("LYG-26")
def test_what_is_shut_withdrawn_or_held_fetches_nothing(staff: dict[str, Person], place: Place) -> None:
    person = staff["publisher"]
    place.files = {"/list.json": list_of(place, 开放属性="看情况"), "/open.csv": b"1", "/closed.csv": b"2"}
    by_address(staff, place)
    again(person)
    assert troubles(person) == {"open.csv": "", "closed.csv": "entry_not_published"}
    assert "/closed.csv" not in [path for path, _ in place.asked]
    tk.get_action("govdata_shut")(
        {"ignore_auth": True, "user": staff["operator"]["name"]}, {"id": entry(OPEN).id, "reason": "核查"}
    )
    place.files["/open.csv"] = b"changed"
    place.asked.clear()
    again(person)
    assert troubles(person)["open.csv"] == "dataset_shut"
    assert [path for path, _ in place.asked] == ["/list.json"]
    assert version_numbers(OPEN) == [(1, 1)]


@INNER
def test_what_cannot_be_had_leaves_the_version_before(staff: dict[str, Person], place: Place) -> None:
    person = staff["publisher"]
    place.files = {"/list.json": list_of(place), "/open.csv": b"a,b\n1,2\n", "/closed.csv": b"c,d\n3,4\n"}
    by_address(staff, place)
    again(person)
    place.files |= {"/open.csv": b"<!DOCTYPE html><h1>503</h1>", "/closed.csv": b"0123456789"}
    place.cut.add("/closed.csv")
    again(person)
    found = troubles(person)
    assert found.pop("open.csv") == "answer_is_page"
    # How the end of a broken connection is met is the network's choice.
    assert found.pop("closed.csv") in {"connection_cut", "connection_broken"}
    assert not found
    assert version_numbers(OPEN) == version_numbers(CLOSED) == [(1, 8)]
    del place.files["/open.csv"]
    place.files["/closed.csv"] = b""
    place.cut.clear()
    again(person)
    assert troubles(person) == {"open.csv": "source_answers", "closed.csv": "file_empty"}
    place.files |= {"/open.csv": b"x", "/closed.csv": b"0" * 100}
    again(person)
    assert version_numbers(OPEN) == [(1, 8), (2, 1)]


@pytest.mark.requirement("LYG-17")
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/x", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/x", "http://localhost/x"],
)
def test_an_address_of_the_city_s_own_machines_is_not_fetched(
    staff: dict[str, Person], place: Place, listed: Callable[..., Path], address: str
) -> None:
    from .sources import hand_in

    person = staff["publisher"]
    named = address.replace("{port}", place.base.rsplit(":", 1)[1])
    source(staff)
    rows = [{"资源名称": OPEN, "资源代码": "CC-000001", "开放属性": "无条件开放", "数据文件": named}]
    run = hand_in(person, listed(rows))
    taken_in(person, run)
    assert list(troubles(person).values()) == ["address_refused"]
    assert place.asked == []
    assert list(entry(OPEN).resources) == []


@pytest.mark.requirement("DCF-2", "ZB-2")
def test_an_archive_brings_list_and_data_and_its_names_lead_nowhere(staff: dict[str, Person], tmp_path: Path) -> None:
    person = staff["publisher"]
    source(staff)

    def hand(more: dict[str, str], tier: str = "无条件开放", mark: str = "") -> None:
        rows = f"资源名称,资源代码,开放属性,密级,数据文件\n{OPEN},CC-000001,{tier},,停车场.csv;../../etc/passwd\n{mark}"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("清单.csv", rows)
            for name, text in more.items():
                archive.writestr(name, text)
        packed.seek(0)
        upload = FileStorage(packed, filename="清单.zip")
        taken_in(person, act("run_start", person, id="stops", upload=upload))

    hand({"data/停车场.csv": "第一版", "../停车场.csv": "外面", "/etc/passwd": "root"})
    assert troubles(person) == {"停车场.csv": "file_ambiguous"}
    hand({"data/停车场.csv": "第一版", "data/../../x.csv": "外面"})
    assert troubles(person) == {"停车场.csv": ""}
    assert version_numbers(OPEN) == [(1, 9)]
    hand({"data/停车场.csv": "第二版了"})
    assert version_numbers(OPEN) == [(1, 9), (2, 12)]
    assert len(stored()) == 1, "the data is no list"
    hand({"data/停车场.csv": "含有秘密"}, mark="秘密册,CC-000009,无条件开放,机密,\n")
    assert version_numbers(OPEN) == [(1, 9), (2, 12)], "of such an archive nothing is kept"


@INNER
def test_a_file_that_the_list_no_longer_names_leaves_the_page(staff: dict[str, Person], place: Place) -> None:
    person = staff["publisher"]
    place.files = {"/list.json": list_of(place), "/open.csv": b"a", "/closed.csv": b"b"}
    by_address(staff, place)
    again(person)
    place.files["/list.json"] = list_of(place, 数据文件="")
    again(person)
    assert [one.state for one in entry(CLOSED).resources_all] == ["deleted"]
    assert version_numbers(CLOSED) == [(1, 1)]
    assert model.Session.query(HarvestFile).count() == 1
    place.files["/list.json"] = list_of(place)
    again(person)
    assert [one.state for one in entry(CLOSED).resources] == ["active"]
    assert version_numbers(CLOSED) == [(1, 1)], "the same bytes under the same identity"


@pytest.mark.requirement("ZB-7")
def test_a_folder_gives_what_lies_beside_its_list_and_no_link_out_of_it(
    staff: dict[str, Person], tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "lists"
    (root / "jt").mkdir(parents=True)
    (root / "other.csv").write_text("of another agency")
    (root / "jt" / "list.json").write_bytes(list_of(place, 数据文件="link.csv"))
    (root / "jt" / "link.csv").symlink_to(root / "other.csv")
    monkeypatch.setitem(tk.config, "govdata.harvest.folder", str(root))
    source(staff, "operator", kind="folder", settings={"path": "jt", "pattern": "*.json"})
    again(staff["operator"])
    assert troubles(staff["decider"])["link.csv"] == "file_not_beside"
    (root / "jt" / "link.csv").unlink()
    (root / "jt" / "link.csv").write_text("own")
    again(staff["operator"])
    assert version_numbers(CLOSED) == [(1, 3)]


@INNER
def test_secret_headers_go_to_the_source_s_own_host_alone(staff: dict[str, Person], place: Place) -> None:
    person = staff["publisher"]
    elsewhere = place.base.replace("127.0.0.1", "127.0.0.2")
    place.files = {
        "/list.json": list_of(place, 数据文件=f"{elsewhere}/closed.csv"),
        "/open.csv": b"a",
        "/closed.csv": b"b",
    }
    by_address(staff, place, secrets={"X-Key": "geheim"})
    again(person)
    told = {path: headers.get("X-Key") for path, headers in place.asked}
    assert told["/list.json"] == told["/open.csv"] == "geheim"
    assert told.get("/closed.csv") is None
