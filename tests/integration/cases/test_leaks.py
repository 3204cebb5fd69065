"""Marked deliveries of conditional data, and the trace of a file that leaked: through HTTP, register and ledger."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.cases.tracing import keys
from ckanext.govdata.cases.tracing.model import MarkedDelivery, Marking
from ckanext.govdata.cases.tracing.tables import read_table
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant, entries, upload

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-26", "LYG-21"),
]
ROWS = 400


def source() -> bytes:
    lines = [f"停车场{number},{number},经营者{number % 7},0514{number}" for number in range(ROWS)]
    return ("\r\n".join(["停车场,泊位数,经营者,电话", *lines]) + "\r\n").encode()


@pytest.fixture
def closed(
    stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dataset]:
    """The conditional dataset with a file whose order its agency calls meaningless."""
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    before = stage.datasets["conditional", False]
    found = Dataset(before.tier, before.shut, before.id, before.name, upload(before.id, source(), name="名单"))
    grant = stage.grants["suspended", before.id]
    second = add_grant(stage, "other_dataset", before)
    yield found
    model.Session.rollback()
    for table in (MarkedDelivery, Marking):
        model.Session.execute(sa.delete(table))
    model.Session.execute(sa.text("DELETE FROM govdata_grant WHERE id = :id"), {"id": second})
    model.Session.commit()
    assert grant
    call_action("resource_delete", {"user": "administrator", "ignore_auth": True}, id=found.file)


def ask(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
    return app.post(f"/api/3/action/{action}", json=order, headers=stage.headers(visitor))


def declare(app: Any, stage: Stage, file: str, **more: Any) -> None:
    answer = ask(app, stage, "own_agency", "govdata_marking_declare", id=file, order_meaningless=True, **more)
    assert answer.status_code == 200, answer.json


def take(app: Any, stage: Stage, dataset: Dataset, visitor: str, **headers: str) -> Any:
    address = f"/dataset/{dataset.id}/resource/{dataset.file}/download"
    return app.get(address, headers=stage.headers(visitor) | headers, follow_redirects=False)


def trace(app: Any, stage: Stage, file: str, leaked: bytes, visitor: str = "authority", **more: Any) -> Any:
    order = {"id": file, "reason": "网上出现名单", "upload": base64.b64encode(leaked).decode(), **more}
    return ask(app, stage, visitor, "govdata_leak_trace", **order)


def test_each_holder_has_an_order_of_their_own_and_the_same_each_time(app: Any, stage: Stage, closed: Dataset) -> None:
    assert take(app, stage, closed, "running").data == source(), "nothing is marked before the agency says so"
    declare(app, stage, closed.file)
    first = take(app, stage, closed, "running")
    other = take(app, stage, closed, "other_dataset")
    assert first.status_code == other.status_code == 200
    assert first.data != source() != other.data != first.data
    assert Counter(read_table(first.data).rows) == Counter(read_table(source()).rows)
    assert take(app, stage, closed, "other_member").data == first.data, "the party's file, whoever fetches it"
    part = take(app, stage, closed, "running", Range="bytes=100-199")
    assert (part.status_code, part.data) == (206, first.data[100:200])
    assert first.headers["ETag"] == f'"{hashlib.sha256(first.data).hexdigest()}"'
    assert take(app, stage, closed, "running", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert take(app, stage, closed, "own_agency").data == source(), "the agency's own data is nobody's delivery"


def test_the_manifest_and_the_ledger_have_the_delivered_file_s_digests(app: Any, stage: Stage, closed: Dataset) -> None:
    declare(app, stage, closed.file)
    one, two = (take(app, stage, closed, visitor) for visitor in ("running", "other_dataset"))
    shown = [
        app.get(f"/delivery/{answer.headers['X-Delivery-Number']}/manifest", headers=stage.headers(visitor)).json
        for answer, visitor in ((one, "running"), (two, "other_dataset"))
    ]
    assert [each["sha256"] for each in shown] == [hashlib.sha256(answer.data).hexdigest() for answer in (one, two)]
    assert shown[0]["content_sha256"] == shown[1]["content_sha256"]
    assert shown[0]["sha256_of_source"] == hashlib.sha256(source()).hexdigest()
    assert "traced" in shown[0]["marks"]
    recorded = [entry.get("govdata", {}).get("delivered", {}).get("sha256") for entry in entries()]
    assert shown[0]["sha256"] in recorded


def test_columns_that_are_cut_are_marked_too(app: Any, stage: Stage, closed: Dataset) -> None:
    declare(app, stage, closed.file)
    answer = take(app, stage, closed, "columns_only")
    table = read_table(answer.data)
    assert table.heading == ("停车场", "泊位数")
    assert sorted(table.rows) == sorted(row[:2] for row in read_table(source()).rows)
    assert table.rows != tuple(row[:2] for row in read_table(source()).rows)
    assert "经营者".encode() not in answer.data
    found = trace(app, stage, closed.file, answer.data).json["result"]
    assert [one["party"] for one in found["named"]] == [stage.parties["columns_only"]]


def test_a_leak_is_traced_to_its_holder_and_the_answer_is_in_the_ledger(
    app: Any, stage: Stage, closed: Dataset
) -> None:
    declare(app, stage, closed.file)
    for visitor in ("running", "other_dataset"):
        take(app, stage, closed, visitor)
    heading, *lines = take(app, stage, closed, "running").data.decode().split("\r\n")
    leaked = "\r\n".join([heading, *(line.replace('"', "") for line in lines[40:300])]).encode()
    found = trace(app, stage, closed.file, leaked).json["result"]
    assert found["answer"] == "consistent"
    assert [one["party"] for one in found["named"]] == [stage.parties["running"]]
    assert found["bound"] < 1e-5
    assert "no proof" in found["caution"]
    last = [entry for entry in entries() if entry["event"]["action"] == "leak-traced"][-1]
    assert last["govdata"]["leak"]["answer"] == "consistent"
    assert last["file"]["hash"]["sha256"] == hashlib.sha256(leaked).hexdigest()
    assert "网上出现名单" not in str(last)


def test_a_sorted_file_names_nobody(app: Any, stage: Stage, closed: Dataset) -> None:
    declare(app, stage, closed.file)
    take(app, stage, closed, "running")
    found = trace(app, stage, closed.file, source()).json["result"]
    assert (found["answer"], found["named"]) == ("cannot_tell", [])
    assert "clears nobody" in found["caution"]


def test_an_older_version_is_asked_for_when_the_file_has_changed(app: Any, stage: Stage, closed: Dataset) -> None:
    declare(app, stage, closed.file)
    leaked = take(app, stage, closed, "running").data
    stored = source().replace("停车场0,".encode(), "停车场零,".encode())
    fresh = base64.b64encode(stored).decode()
    refused = trace(app, stage, closed.file, leaked, source=fresh)
    assert refused.status_code == 409
    assert "source" in refused.json["error"]
    found = trace(app, stage, closed.file, leaked, source=base64.b64encode(source()).decode()).json["result"]
    assert found["answer"] == "consistent"


@pytest.mark.parametrize("visitor", ["anonymous", "running", "own_agency", "operator"])
def test_nobody_but_the_authority_traces(app: Any, stage: Stage, closed: Dataset, visitor: str) -> None:
    assert trace(app, stage, closed.file, b"a,b\n1,2\n", visitor).status_code == 403
    if visitor != "own_agency":
        assert (
            ask(app, stage, visitor, "govdata_marking_declare", id=closed.file, order_meaningless=True).status_code
            == 403
        )


def test_what_cannot_be_marked_is_refused_when_it_is_declared(app: Any, stage: Stage, closed: Dataset) -> None:
    answer = ask(
        app,
        stage,
        "own_agency",
        "govdata_marking_declare",
        id=closed.file,
        order_meaningless=True,
        tolerances={"没有": "1"},
    )
    assert answer.status_code == 409
    book = upload(closed.id, b"PK\x03\x04workbook", "名录.xlsx")
    answer = ask(app, stage, "own_agency", "govdata_marking_declare", id=book, order_meaningless=True)
    assert answer.status_code == 409
    assert "CSV or JSON" in str(answer.json["error"])
    call_action("resource_delete", {"user": "administrator", "ignore_auth": True}, id=book)


def test_the_key_is_for_its_owner_alone_and_never_made_twice(
    app: Any, stage: Stage, closed: Dataset, ckan_config: dict[str, Any]
) -> None:
    declare(app, stage, closed.file)
    take(app, stage, closed, "running")
    file = Path(ckan_config["govdata.tracing.key"])
    assert file.stat().st_mode & 0o777 == 0o600
    kept = file.read_text()
    file.unlink()
    with pytest.raises(keys.MarkKeyMissing):
        keys.portal_key()
    file.write_text(kept)
    file.chmod(0o644)
    with pytest.raises(keys.MarkKeyMissing):
        keys.portal_key()
