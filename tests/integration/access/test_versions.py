"""Data that is pushed by an agency's key: versions, and who gets which of them; all through HTTP."""

from __future__ import annotations

import datetime
import hashlib
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata import config
from ckanext.govdata.columns import now
from ckanext.govdata.holdings.model import FileVersion
from ckanext.govdata.holdings.releasing import release_old

from .stage import PLUGINS, Dataset, Stage, add_dataset, add_grant
from .web import Web

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.ckan_config("ckan.max_resource_size", "1"),
]
FIRST = "停车场,泊位数,经营者,电话\r\n东站,120,城投,05180001\r\n".encode()
SECOND = FIRST + "西站,80,城投,05180002\r\n".encode()


@pytest.fixture
def closed(stage: Stage) -> Dataset:
    return _own(stage, "conditional")


@pytest.fixture
def opened(stage: Stage) -> Dataset:
    return _own(stage, "unconditional")


def _own(stage: Stage, tier: str) -> Dataset:
    """A dataset of these tests' own, as it is; what they push stays."""
    if tier not in stage.kept:
        dataset = add_dataset(stage, tier, False, f"pushed-{tier}")
        stage.kept[tier] = dataset
    dataset = stage.kept[tier]
    for visitor in ("running", "columns_only", "suspended"):
        add_grant(stage, visitor, dataset)
    model.Session.commit()
    return dataset


def push(web: Web, stage: Stage, into: Dataset, data: bytes, who: str = "own_agency", **more: Any) -> Any:
    name = more.pop("file", "泊位.csv")
    body = {"dataset": into.name, **more}
    return web.post(
        "/api/3/action/govdata_data_push", headers=stage.headers(who), data=body, files={"upload": (name, data)}
    )


def versions(web: Web, stage: Stage, dataset: Dataset, who: str = "anonymous") -> dict[str, Any]:
    found = web.get(f"/api/3/action/govdata_data_version_list?id={dataset.name}", headers=stage.headers(who))
    return found.json["result"]


def take(
    web: Web, stage: Stage, dataset: Dataset, pushed: dict[str, Any], number: int, who: str, query: str = ""
) -> Any:
    address = f"/dataset/{dataset.name}/resource/{pushed['resource']}/version/{number}{query}"
    return web.get(address, headers=stage.headers(who))


def condition_of(dataset: Dataset) -> list[Any]:
    """Everything that a refused push must leave as it is."""
    model.Session.rollback()
    model.Session.expire_all()  # a rollback of nothing lets what was read before stand
    package = model.Package.get(dataset.id)
    assert package is not None
    rows = model.Session.query(FileVersion.number, FileVersion.sha256).filter(FileVersion.package_id == dataset.id)
    left = sorted(str(path) for path in config.resource_folder().rglob("*") if path.is_file())
    return [sorted(rows.all()), [one.as_dict() for one in package.resources], package.metadata_modified, left]


@pytest.mark.requirement("LYG-15", "YZ-8", "LYG-21")
def test_an_agency_pushes_a_file_and_then_another_and_each_is_a_version(
    web: Web, stage: Stage, closed: Dataset
) -> None:
    name = f"泊位{now().timestamp()}"
    first = push(web, stage, closed, FIRST, name=name).json["result"]
    assert (first["version"], first["changed"], first["bytes"]) == (1, True, len(FIRST))
    assert first["sha256"] == hashlib.sha256(FIRST).hexdigest()
    before = condition_of(closed)
    again = push(web, stage, closed, FIRST, name=name).json["result"]
    assert again == {**first, "changed": False}
    assert condition_of(closed) == before, "the same bytes write nothing"
    second = push(web, stage, closed, SECOND, name=name).json["result"]
    assert (second["resource"], second["version"]) == (first["resource"], 2)
    told = versions(web, stage, closed)[first["resource"]]
    assert [(one["number"], one["sha256"], one["way"], one["kept"]) for one in told] == [
        (2, hashlib.sha256(SECOND).hexdigest(), "pushed", True),
        (1, hashlib.sha256(FIRST).hexdigest(), "pushed", True),
    ]
    assert versions(web, stage, closed, "own_agency")[first["resource"]][0]["address"] == ""
    shown = web.get(f"/api/3/action/package_show?id={closed.name}").json["result"]
    assert shown["held_here"] is True


@pytest.mark.requirement("LYG-10", "LYG-19", "LYG-21", "LYG-26")
def test_a_replaced_version_goes_to_its_agency_and_to_who_received_it(web: Web, stage: Stage, closed: Dataset) -> None:
    name = f"泊位{now().timestamp()}"
    first = push(web, stage, closed, FIRST, name=name).json["result"]
    received = take(web, stage, closed, first, 1, "running")
    assert received.status_code == 200
    number = received.headers["X-Delivery-Number"]
    push(web, stage, closed, SECOND, name=name)
    assert take(web, stage, closed, first, 1, "own_agency").data == FIRST
    assert take(web, stage, closed, first, 2, "running").status_code == 200
    plain = take(web, stage, closed, first, 1, "running")
    assert (plain.status_code, plain.json["reason"], plain.json["next"]) == (403, "replaced", "ask_agency")
    mine = take(web, stage, closed, first, 1, "running", f"?delivery={number}")
    assert mine.status_code == 200
    assert b"05180001" in mine.data and b"05180002" not in mine.data
    manifest = web.get(f"/delivery/{mine.headers['X-Delivery-Number']}/manifest", headers=stage.headers("running"))
    assert manifest.json["sha256_of_source"] == hashlib.sha256(FIRST).hexdigest()
    for other in ("anonymous", "signed_in", "suspended", "other_agency", "columns_only", "operator", "administrator"):
        assert take(web, stage, closed, first, 1, other, f"?delivery={number}").status_code == 403, other
    assert take(web, stage, closed, first, 1, "running", "?delivery=../1").status_code == 403
    call_action("govdata_shut", {"user": "administrator"}, id=closed.id, reason="疑似泄露")
    assert take(web, stage, closed, first, 1, "running", f"?delivery={number}").json["reason"] == "shut"
    refused = push(web, stage, closed, FIRST, name=name)
    assert (refused.status_code, refused.json["error"]["cause"]) == (409, ["dataset_shut"])
    call_action("govdata_open_again_propose", {"user": "own-agency"}, id=closed.id, reason="已脱敏")
    call_action("govdata_open_again_decide", {"user": "authority"}, id=closed.id, accept=True, reason="同意")
    again = take(web, stage, closed, first, 1, "running", f"?delivery={number}")
    assert again.json["reason"] == "replaced", "what was in it may be what had to go"


@pytest.mark.requirement("LYG-9")
def test_a_file_that_is_put_up_by_hand_has_its_versions_too(web: Web, stage: Stage, opened: Dataset) -> None:
    told = versions(web, stage, opened)[opened.file]
    assert [(one["number"], one["way"]) for one in told] == [(1, "by_hand")]
    pushed = push(web, stage, opened, SECOND, resource=opened.file).json["result"]
    assert (pushed["resource"], pushed["version"]) == (opened.file, 2)
    assert take(web, stage, opened, pushed, 2, "anonymous").data == SECOND
    assert take(web, stage, opened, pushed, 1, "anonymous").status_code == 403
    assert take(web, stage, opened, pushed, 1, "own_agency").status_code == 200
    assert take(web, stage, opened, pushed, 3, "own_agency").status_code == 404


@pytest.mark.requirement("LYG-11", "LYG-17")
@pytest.mark.parametrize(
    ("who", "more", "data", "cause"),
    [
        ("other_agency", {}, FIRST, None),
        ("anonymous", {}, FIRST, None),
        ("running", {}, FIRST, None),
        ("other_agency", {"dataset": "no-such-dataset"}, FIRST, None),
        ("own_agency", {}, b"", "file_empty"),
        ("own_agency", {}, b"0" * ((1 << 20) + 1), "file_too_large"),
        ("own_agency", {"sha256": "0" * 64}, FIRST, "digest_differs"),
        ("own_agency", {"resource": "../../etc/passwd"}, FIRST, "resource_elsewhere"),
        ("own_agency", {"file": "..."}, FIRST, "name_missing"),
    ],
)
def test_what_is_refused_leaves_nothing(
    web: Web, stage: Stage, closed: Dataset, who: str, more: dict[str, Any], data: bytes, cause: str | None
) -> None:
    before = condition_of(closed)
    answer = push(web, stage, closed, data, who, **more)
    assert answer.status_code == (409 if cause else 403), answer.data
    if cause:
        assert answer.json["error"]["cause"] == [cause]
        assert "Nothing" in answer.json["error"]["upload"][0] or cause in ("resource_elsewhere", "name_missing")
    assert condition_of(closed) == before


def test_a_file_of_another_dataset_is_not_replaced(web: Web, stage: Stage, closed: Dataset, opened: Dataset) -> None:
    before = condition_of(opened)
    answer = push(web, stage, closed, FIRST, resource=opened.file)
    assert answer.json["error"]["cause"] == ["resource_elsewhere"]
    assert condition_of(opened) == before


def test_a_path_in_a_name_leads_nowhere(web: Web, stage: Stage, closed: Dataset) -> None:
    answer = push(web, stage, closed, FIRST, file="../../../tmp/泊位 ..\\..\\x.csv", name=f"路径{now().timestamp()}")
    found = versions(web, stage, closed)[answer.json["result"]["resource"]][0]
    assert found["name"] == "x.csv"
    assert not Path("/tmp/x.csv").exists()


def test_half_a_transfer_leaves_nothing(web: Web, stage: Stage, closed: Dataset) -> None:
    before = condition_of(closed)
    asked = requests.Request(
        "POST",
        f"{web.base}/api/3/action/govdata_data_push",
        headers=stage.headers("own_agency"),
        data={"dataset": closed.name},
        files={"upload": ("泊位.csv", SECOND * 2000)},
    ).prepare()
    assert isinstance(asked.body, bytes)
    place = urlsplit(web.base)
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=20) as wire:
        lines = [f"POST {asked.path_url} HTTP/1.1", f"Host: {place.netloc}"]
        lines += [f"{name}: {value}" for name, value in asked.headers.items()]
        wire.sendall("\r\n".join([*lines, "", ""]).encode() + asked.body[: len(asked.body) // 2])
        wire.shutdown(socket.SHUT_WR)
        answer = wire.recv(4096)
    assert not answer.startswith(b"HTTP/1.1 200"), answer[:200]
    assert condition_of(closed) == before


@pytest.mark.requirement("LYG-21")
def test_replaced_bytes_are_kept_while_a_delivery_of_them_can_be_asked_about(
    web: Web, stage: Stage, closed: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"泊位{now().timestamp()}"
    pushed = push(web, stage, closed, FIRST, name=name).json["result"]
    push(web, stage, closed, SECOND, name=name)
    monkeypatch.setitem(tk.config, "govdata.ledger.retention_days", 183)

    def aged(days: int) -> None:
        rows = model.Session.query(FileVersion).filter(
            FileVersion.resource_id == pushed["resource"], FileVersion.number == 1
        )
        rows.update({"replaced_at": now() - datetime.timedelta(days=days)})
        model.Session.commit()
        release_old()

    aged(200)
    assert take(web, stage, closed, pushed, 1, "own_agency").data == FIRST, "a grant still runs"
    monkeypatch.setitem(tk.config, "govdata.ledger.conditional_years", 0)
    monkeypatch.setattr("ckanext.govdata.holdings.releasing.last_end_of", lambda _package: None)
    aged(180)
    assert take(web, stage, closed, pushed, 1, "own_agency").data == FIRST
    aged(200)
    assert take(web, stage, closed, pushed, 1, "own_agency").status_code == 404
    told = versions(web, stage, closed)[pushed["resource"]]
    assert [(one["number"], one["kept"]) for one in told] == [(2, True), (1, False)]
    assert take(web, stage, closed, pushed, 2, "own_agency").data == SECOND
