"""What people write freely may name somebody: every entry of the gate's acts is searched for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from .stage import PLUGINS, Stage, entries

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.requirement("LYG-21"),
]
NAME = "欧阳若兰"
# Who does what, in an order that leaves the stage as it was; `=` puts the answer's id in the next orders' place of GRANT.
ACTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("operator", "govdata_shut", {"id": "OPEN"}),
    ("own-agency", "govdata_open_again_propose", {"id": "OPEN"}),
    ("authority", "govdata_open_again_decide", {"id": "OPEN", "accept": False}),
    ("own-agency", "govdata_open_again_propose", {"id": "OPEN"}),
    ("authority", "govdata_open_again_decide", {"id": "OPEN", "accept": True}),
    ("operator", "govdata_grant_suspend", {"id": "RUNNING"}),
    ("own-agency", "govdata_grant_resume", {"id": "RUNNING"}),
    ("operator", "govdata_inspection_request", {"id": "CLOSED", "days": 1}),
    ("own-agency", "govdata_inspection_decide", {"id": "GRANT", "accept": False}),
    ("operator", "govdata_inspection_request", {"id": "CLOSED", "days": 1}),
    ("own-agency", "govdata_inspection_decide", {"id": "GRANT", "accept": True}),
    ("own-agency", "govdata_grant_revoke", {"id": "GRANT"}),
)


def test_no_reason_that_somebody_wrote_stands_in_an_entry(stage: Stage) -> None:
    opened, closed = stage.datasets["unconditional", False], stage.datasets["conditional", False]
    places = {"OPEN": opened.id, "CLOSED": closed.id, "RUNNING": stage.grants["running", closed.id]}
    before = {entry["event"]["id"] for entry in entries()}
    for number, (who, action, order) in enumerate(ACTS):
        given = {**order, "id": places[order["id"]], "reason": f"{NAME}举报第{number}次"}
        done = call_action(action, {"user": who, "ignore_auth": False}, **given)
        if action == "govdata_inspection_request":
            places["GRANT"] = done["id"]
    fresh = [entry for entry in entries() if entry["event"]["id"] not in before]
    assert len(fresh) >= len(ACTS)
    assert NAME not in json.dumps(fresh, ensure_ascii=False)
    # Each reason can be read beside its entry, which commits to it, until it is purged.
    rows = model.Session.execute(sa.text("SELECT entry_id::text, opened FROM govdata_ledger.personal")).all()
    kept = {str(row[0]): row[1] for row in rows}
    reasons = {kept[entry["event"]["id"]]["govdata.reason"]["value"] for entry in fresh if _commits(entry)}
    assert reasons == {f"{NAME}举报第{number}次" for number in range(len(ACTS))}


def _commits(entry: dict[str, Any]) -> bool:
    return "govdata.reason" in entry["govdata"].get("commitments", {})


def test_what_a_visitor_writes_into_a_request_does_not_reach_an_entry(app: Any, stage: Stage) -> None:
    dataset = stage.datasets["conditional", False]
    before = {entry["event"]["id"] for entry in entries()}
    words = {
        "X-Request-ID": "wang fang 13812345678",
        "User-Agent": NAME.encode().decode("latin-1"),
        "Referer": "http://x/13812345678",
    }
    path = f"/dataset/{dataset.name}/resource/{dataset.file}/download?{NAME}=13812345678"
    app.get(path, headers={**stage.headers("running"), **words})
    app.get(path, headers=words)
    fresh = [entry for entry in entries() if entry["event"]["id"] not in before]
    assert {"success", "failure"} <= {entry["event"]["outcome"] for entry in fresh}
    said = json.dumps(fresh, ensure_ascii=False)
    assert not [word for word in ("wang", "13812345678", NAME, words["User-Agent"]) if word in said]
