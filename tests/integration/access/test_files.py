"""Files through the gate: ranges, digests, names, manifests, quotas, tokens."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

import pytest
from ckan import model
from ckan.lib import api_token
from ckan.plugins import toolkit as tk

from ckanext.govdata.access.model import Grant

from .stage import PLUGINS, Dataset, Stage, add_grant, content, entries, upload
from .taking import address, take

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
]


@pytest.mark.requirement("YZ-8", "LYG-16")
def test_a_file_comes_whole_with_digest_etag_and_its_chinese_name(app: Any, stage: Stage, opened: Dataset) -> None:
    data = content(opened).encode()
    answer = take(app, stage, opened, "anonymous")
    assert answer.data == data
    assert answer.headers["Content-Length"] == str(len(data))
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    name = "%E5%81%9C%E8%BD%A6%E5%9C%BA%E5%90%8D%E5%BD%95.csv"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=\"data.csv\"; filename*=UTF-8''{name}"
    assert answer.headers["Cache-Control"].startswith("no-cache")
    head = app.flask_app.test_client().head(address(opened))
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(data)))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=5-", 5, None), ("bytes=-7", -7, None), ("bytes=3-100000", 3, None)],
)
def test_a_range_is_that_part(app: Any, stage: Stage, closed: Dataset, asked: str, start: int, end: int | None) -> None:
    data = content(closed).encode()
    answer = take(app, stage, closed, Range=asked)
    assert (answer.status_code, answer.data) == (206, data[start:end])
    first = start % len(data) if start < 0 else start
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(data)}"


def test_several_ranges_come_in_parts_and_senseless_ones_are_refused(app: Any, stage: Stage, closed: Dataset) -> None:
    data = content(closed).encode()
    answer = take(app, stage, closed, Range="bytes=0-3,10-12,-2")
    boundary = answer.headers["Content-Type"].split("boundary=")[1].encode()
    parts = answer.data.split(b"--" + boundary)[1:-1]
    assert [part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts] == [data[0:4], data[10:13], data[-2:]]
    assert answer.headers["Content-Length"] == str(len(answer.data))
    for senseless in ("bytes=999999-", "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 80, 2))):
        refused = take(app, stage, closed, Range=senseless)
        assert (refused.status_code, refused.data) == (416, b"")
        assert refused.headers["Content-Range"] == f"bytes */{len(data)}"
    for ignored in ("lines=1-2", "bytes=0-9,5-12", "bytes=x"):
        assert take(app, stage, closed, Range=ignored).data == data


def test_what_a_visitor_has_already_is_not_sent_again_and_a_stale_part_is_not_gone_on_with(
    app: Any, stage: Stage, closed: Dataset
) -> None:
    etag = take(app, stage, closed).headers["ETag"]
    before = len(entries())
    same = take(app, stage, closed, If_None_Match=etag)
    assert (same.status_code, same.data) == (304, b"")
    assert len(entries()) == before, "nothing was delivered"
    assert take(app, stage, closed, If_None_Match='"other"').status_code == 200
    assert take(app, stage, closed, Range="bytes=0-1", If_Range=etag).status_code == 206
    for stale in ('"other"', "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert take(app, stage, closed, Range="bytes=0-1", If_Range=stale).status_code == 200
    assert take(app, stage, closed, "ended", If_None_Match=etag).status_code == 403


@pytest.mark.requirement("DCF-25", "LYG-21")
def test_beside_each_conditional_delivery_stands_its_manifest_for_the_receiver_alone(
    app: Any, stage: Stage, closed: Dataset
) -> None:
    answer = take(app, stage, closed)
    place = answer.headers["Link"].split("<")[1].split(">")[0]
    manifest = app.get(place, headers=stage.headers("running")).json
    assert manifest["delivery"] == answer.headers["X-Delivery-Number"]
    assert manifest["sha256_of_source"] == hashlib.sha256(content(closed).encode()).hexdigest()
    assert manifest["agreement"] == stage.grant("running", closed).agreement
    assert manifest["resource"]["version"]
    day = manifest["obtained_at"][:10]
    assert day in manifest["cite"]
    assert f"停车场{closed.key}" in manifest["cite"]
    for stranger in ("anonymous", "signed_in", "other_member", "operator", "administrator"):
        assert app.get(place, headers=stage.headers(stranger)).status_code == 404
    for nothing in ("x", "0196a3f0-0000-7000-8000-000000000000"):
        assert app.get(f"/delivery/{nothing}/manifest", headers=stage.headers("running")).status_code == 404


@pytest.mark.requirement("LYG-21")
def test_the_end_of_a_delivery_is_recorded_with_its_bytes(app: Any, stage: Stage, closed: Dataset) -> None:
    answer = take(app, stage, closed)
    sent = len(answer.data)
    (end,) = [
        entry
        for entry in entries()
        if entry.get("govdata", {}).get("delivery", {}).get("id") == answer.headers["X-Delivery-Number"]
    ]
    assert end["event"]["outcome"] == "success"
    assert end["http"]["response"]["bytes"] == sent


@pytest.mark.requirement("LYG-10", "LYG-19")
def test_formats_that_cannot_be_cut_are_denied_to_a_holder_of_columns(app: Any, stage: Stage, closed: Dataset) -> None:
    file = upload(closed.id, b"%PDF-1.7\x00 ownerof", "停车场.pdf", "报告")
    mine = app.get(address(closed, file), headers=stage.headers("columns_only"))
    assert (mine.status_code, mine.json["reason"]) == (403, "cannot_be_cut")
    assert app.get(address(closed, file), headers=stage.headers("running")).status_code == 200


@pytest.mark.requirement("LYG-19")
def test_a_quota_holds_however_many_ask_and_however_small_the_parts(app: Any, stage: Stage, closed: Dataset) -> None:
    stage.grants["other_dataset", closed.id] = add_grant(stage, "other_dataset", closed, quota=2)
    try:
        statuses = [take(app, stage, closed, "other_dataset", Range="bytes=0-1").status_code for _ in range(3)]
        assert statuses == [206, 206, 429]
        rows = app.get(
            f"/api/3/action/datastore_search?resource_id={closed.file}", headers=stage.headers("other_dataset")
        )
        assert (rows.status_code, rows.json["error"]["reason"], rows.json["error"]["next"]) == (
            429,
            "quota_used_up",
            "wait",
        )
    finally:
        _drop(stage.grants.pop(("other_dataset", closed.id)))


@pytest.mark.requirement("LYG-19", "YZ-8")
@pytest.mark.parametrize(
    ("more", "file", "rows"),
    [
        ({"modes": ["download"]}, 200, "mode_not_granted"),
        ({"modes": ["api"]}, "mode_not_granted", 200),
        ({"addresses": ["127.0.0.0/8"]}, 200, 200),
        ({"addresses": ["203.0.113.0/24"]}, "address_not_granted", "address_not_granted"),
        ({"files": ["another"]}, "other_file", "other_file"),
    ],
)
def test_a_grant_is_for_its_modes_addresses_and_files(
    app: Any, stage: Stage, closed: Dataset, more: dict[str, Any], file: Any, rows: Any
) -> None:
    from ckanext.govdata.access.domain import Mode

    given = {**more, "modes": [Mode(mode) for mode in more.get("modes", ["download", "api", "view"])]}
    grant = add_grant(stage, "other_dataset", closed, **given)
    try:
        answer = take(app, stage, closed, "other_dataset")
        assert file in (answer.status_code, (answer.json or {}).get("reason") if answer.is_json else None)
        answer = app.get(
            f"/api/3/action/datastore_search?resource_id={closed.file}", headers=stage.headers("other_dataset")
        )
        assert rows in (answer.status_code, answer.json.get("error", {}).get("reason"))
    finally:
        _drop(grant)


def _drop(grant_id: str) -> None:
    model.Session.rollback()
    model.Session.query(Grant).filter(Grant.id == grant_id).delete()
    model.Session.commit()


def _registered(location: str) -> dict[str, Any]:
    """The file as CKAN's own routes know it; another test of the stage may have made it known."""
    known = model.Session.scalar(model.File.by_location(location, "resources"))
    if known is not None:
        return {"id": known.id}
    context: Any = {"user": "administrator", "ignore_auth": True}
    return dict(tk.get_action("file_register")(context, {"storage": "resources", "location": location}))


@pytest.mark.requirement("LYG-10")
def test_ckans_own_file_routes_ask_the_gate_with_a_token_or_without(app: Any, stage: Stage, closed: Dataset) -> None:
    location = f"{closed.file[:3]}/{closed.file[3:6]}/{closed.file[6:]}"
    item = _registered(location)
    now_ = int(time.time())
    by_id = api_token.encode_token({"aud": "trusted_download", "sub": item["id"], "exp": now_ + 600})
    by_place = api_token.encode_token(
        {"aud": "trusted_download", "location": location, "storage": "resources", "exp": now_ + 600}
    )
    routes = [
        f"/file/download/{item['id']}",
        f"/file/trusted-download/{by_id}",
        f"/file/trusted-download/{by_place}",
        f"/file/public-download/resources/{location}",
        f"/file/public-download/resources/{closed.file[:3]}/../{location}",
    ]
    for visitor in ("anonymous", "signed_in", "ended", "operator", "administrator", "other_agency"):
        for route in routes:
            answer = app.get(route, headers=stage.headers(visitor), follow_redirects=False)
            assert answer.status_code in (403, 404), (visitor, route)
            assert closed.open_word not in answer.get_data(as_text=True)
    mine = app.get(routes[1], headers=stage.headers("columns_only"))
    assert closed.open_word in mine.get_data(as_text=True)
    assert closed.closed_word not in mine.get_data(as_text=True)
    assert mine.headers["X-Delivery-Number"]


@pytest.mark.requirement("LYG-10")
def test_writing_actions_give_no_rows_back_past_the_gate(app: Any, stage: Stage, closed: Dataset) -> None:
    orders: dict[str, dict[str, Any]] = {
        "datastore_upsert": {"method": "insert", "records": [{"停车场": "x"}], "include_records": True},
        "datastore_records_delete": {"filters": {"_id": 1}, "include_deleted_records": True},
    }
    for action, order in orders.items():
        answer = app.post(
            f"/api/3/action/{action}",
            json={"resource_id": closed.file, "force": True, **order},
            headers=stage.headers("administrator"),
        )
        assert answer.status_code == 403
        assert closed.closed_word not in answer.get_data(as_text=True)


@pytest.mark.requirement("LYG-10")
def test_not_even_the_administrator_makes_functions_that_carry_rows_elsewhere(
    app: Any, stage: Stage, closed: Dataset
) -> None:
    function = {"name": "carry", "rettype": "trigger", "definition": "BEGIN RETURN NEW; END;"}
    for action, order in (
        ("datastore_function_create", function),
        ("datastore_run_triggers", {"resource_id": closed.file}),
    ):
        answer = app.post(f"/api/3/action/{action}", json=order, headers=stage.headers("administrator"))
        assert answer.status_code == 403, action


@pytest.mark.requirement("LYG-21")
def test_while_the_ledger_takes_nothing_conditional_data_stays_and_unconditional_goes_on(
    app: Any, stage: Stage, closed: Dataset, opened: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.govdata.ledger import intake

    broken = intake.Intake("postgresql://nobody@127.0.0.1:9/nothing")
    monkeypatch.setattr(intake, "running", lambda: broken)
    answer = take(app, stage, closed)
    assert (answer.status_code, answer.json["reason"]) == (503, "ledger_unavailable")
    rows = app.get(f"/api/3/action/datastore_search?resource_id={closed.file}", headers=stage.headers("running"))
    assert (rows.status_code, rows.json["error"]["reason"]) == (503, "ledger_unavailable")
    assert closed.open_word not in rows.get_data(as_text=True)
    dump = app.get(f"/datastore/dump/{closed.file}", headers=stage.headers("running"))
    assert dump.status_code == 503
    assert closed.open_word not in dump.get_data(as_text=True)
    assert take(app, stage, opened, "anonymous").status_code == 200


def test_the_web_server_may_send_open_files_and_never_closed_ones(
    app: Any, stage: Stage, closed: Dataset, opened: Dataset, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.access.accel_prefix", "/_resources")
    before = len(entries())
    answer = take(app, stage, opened, "anonymous")
    place = f"/_resources/{opened.file[:3]}/{opened.file[3:6]}/{opened.file[6:]}"
    assert (answer.status_code, answer.data, answer.headers["X-Accel-Redirect"]) == (200, b"", place)
    part = take(app, stage, opened, "anonymous", Range="bytes=10-19")
    assert (part.status_code, part.data, part.headers["X-Accel-Redirect"]) == (206, b"", place)
    assert len(entries()) == before + 2
    answer = take(app, stage, closed)
    assert "X-Accel-Redirect" not in answer.headers
    assert closed.open_word in answer.get_data(as_text=True)
