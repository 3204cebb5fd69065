"""A leak is reported, withdrawn, told, confirmed, sealed, worked over and opened again by two; and a kill leaves nothing half."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action
from stdnum.cn import ric
from werkzeug.datastructures import FileStorage

from ckanext.govdata import config
from ckanext.govdata.access.gate import is_shut
from ckanext.govdata.access.model import Grant
from ckanext.govdata.agreements.life import steps
from ckanext.govdata.agreements.life.machine import AGENCY
from ckanext.govdata.agreements.life.model import Agreement
from ckanext.govdata.cases import sealing
from ckanext.govdata.cases.withdrawal import cleaning, holders, scanning
from ckanext.govdata.cases.withdrawal.model import Drill, Holder, Sealed, Withdrawal
from ckanext.govdata.cases.withdrawal.rehearsing import rehearse
from ckanext.govdata.columns import now
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.stored import path_of
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant, entries, upload

from .planted import everywhere, in_files, in_redis, planted
from .scene import asking, given, own_dataset

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-26"),
]
ask, result = asking()


@pytest.fixture(autouse=True)
def keys(stage: Stage, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))


@pytest.fixture
def leaky(stage: Stage) -> Iterator[Dataset]:
    """A conditional dataset of its own, that two parties have taken."""
    found = own_dataset(stage, "conditional", "leaky")
    context: Any = {"user": "administrator", "ignore_auth": True}
    call_action("package_patch", context, id=found.id, notes="含电话", tag_string="电话")
    for visitor in ("running", "columns_only", "other_dataset"):
        add_grant(stage, visitor, found)
    yield found
    model.Session.rollback()


def take(app: Any, stage: Stage, dataset: Dataset, visitor: str) -> Any:
    address = f"/dataset/{dataset.id}/resource/{dataset.file}/download"
    return app.get(address, headers=stage.headers(visitor), follow_redirects=False)


def withdraw(app: Any, stage: Stage, dataset: Dataset, visitor: str = "operator", **more: Any) -> Any:
    order = {"id": dataset.id, "reason": "疑似泄露", "what": "误含经营者电话", **more}
    return result(app, stage, visitor, "govdata_withdraw", **order)


def step(app: Any, stage: Stage, visitor: str, case: str, command: str, **more: Any) -> Any:
    return ask(app, stage, visitor, "govdata_withdrawal_step", id=case, command=command, **more)


def reported(app: Any, stage: Stage, leaky: Dataset) -> str:
    """A visitor reports a leak, and the agency begins to look into it."""
    order = {"id": leaky.name, "text": "第三列有手机号", "personal": True}
    case: str = result(app, stage, "anonymous", "govdata_withdrawal_report", **order)["id"]
    assert not is_shut(leaky.id), "a report alone shuts nothing"
    assert "第三列" not in str(model.Session.get(Withdrawal, case).report)
    seen = result(app, stage, "operator", "govdata_withdrawal_show", id=case)
    assert (seen["report"], seen["opened_by"]) == ("第三列有手机号", "visitor")
    hidden = ask(app, stage, "running", "govdata_withdrawal_show", id=case)
    assert hidden.status_code == 404, "reports are nobody's business"
    given(step(app, stage, "own_agency", case, "assess"))
    return case


def grants_are(app: Any, stage: Stage, dataset: Dataset, state: str) -> bool:
    found = result(app, stage, "operator", "govdata_grant_list", id=dataset.id)
    return {one["state"] for one in found["results"]} == {state}


def withdrawn(app: Any, stage: Stage, leaky: Dataset, case: str) -> None:
    """The operator withdraws it; whoever has taken it is known, and nobody takes it any more."""
    shown = withdraw(app, stage, leaky, case=case)
    assert take(app, stage, leaky, "running").status_code == 403
    assert {one["party_id"] for one in shown["holders"]} == {stage.parties["running"], stage.parties["columns_only"]}
    assert grants_are(app, stage, leaky, "suspended")
    assert ask(app, stage, "operator", "govdata_withdraw", id=leaky.id, reason="x", what="y").status_code == 409


def confirmed(app: Any, stage: Stage, case: str) -> None:
    """A holder reads what concerns them, and confirms that it is deleted."""
    mine = result(app, stage, "running", "govdata_withdrawal_show", id=case)
    assert mine["what"] == "误含经营者电话"
    assert "events" not in mine, "a holder sees what concerns them"
    assert ask(app, stage, "other_dataset", "govdata_withdrawal_confirm", id=case).status_code == 404
    done = result(app, stage, "running", "govdata_withdrawal_confirm", id=case, answer="已删除")
    assert done["holder"]["confirmed_at"]


def worked_over(app: Any, stage: Stage, leaky: Dataset, case: str) -> None:
    """The agency works it over and tells the persons concerned, and only then proposes to open it again."""
    assert cleaning.follow(case)
    given(step(app, stage, "own_agency", case, "rework", reason="已脱敏"))
    untold = step(app, stage, "own_agency", case, "propose", reason="好", tier="conditional")
    assert untold.status_code == 409, "the persons concerned are told before"
    told = {"id": case, "how": "each", "reason": "已电话告知 3 人"}
    assert ask(app, stage, "running", "govdata_withdrawal_persons_told", **told).status_code == 403
    assert ask(app, stage, "own_agency", "govdata_withdrawal_persons_told", **{**told, "how": "x"}).status_code == 409
    assert result(app, stage, "own_agency", "govdata_withdrawal_persons_told", **told)["persons_told"] == "each"
    wrong = step(app, stage, "own_agency", case, "propose", reason="好", tier="unconditional")
    assert wrong.status_code == 409, "a looser tier is decided first"
    past = ask(app, stage, "own_agency", "govdata_open_again_propose", id=leaky.id, reason="好")
    assert past.status_code == 409, "the switch does not lead past the case"
    given(step(app, stage, "own_agency", case, "propose", reason="好", tier="conditional"))


def test_a_leak_is_reported_withdrawn_confirmed_and_opened_again_by_two(app: Any, stage: Stage, leaky: Dataset) -> None:
    for visitor in ("running", "columns_only"):
        assert take(app, stage, leaky, visitor).status_code == 200
    case = reported(app, stage, leaky)
    withdrawn(app, stage, leaky, case)
    confirmed(app, stage, case)
    worked_over(app, stage, leaky, case)
    alone = step(app, stage, "own_agency", case, "open-again")
    assert alone.status_code == 409, "opening again takes two"
    opened = given(step(app, stage, "authority", case, "open-again"))
    assert opened["state"] == "opened"
    assert not is_shut(leaky.id)
    assert grants_are(app, stage, leaky, "running")
    steps_taken = {f"withdrawal-{one['command']}" for one in opened["events"]}
    others = {"withdrawal-confirmed", "withdrawal-persons-told", "dataset-shut"}
    assert steps_taken | others <= {entry["event"]["action"] for entry in entries()}


def state_of_grant(grant: str) -> str:
    return model.Session.execute(sa.select(Grant.state).where(Grant.id == grant)).scalar_one()


def test_a_grant_whose_agreement_was_suspended_meanwhile_waits_for_the_agreement(
    app: Any, stage: Stage, leaky: Dataset
) -> None:
    grants = {
        grant.party_id: grant for grant in model.Session.scalars(sa.select(Grant).where(Grant.package_id == leaky.id))
    }
    breached, other = grants[stage.parties["running"]], grants[stage.parties["other_dataset"]]
    agreement, ids = breached.agreement, (breached.id, other.id)
    case = withdraw(app, stage, leaky)["id"]
    assert cleaning.follow(case)
    steps.move(
        model.Session.get_one(Agreement, agreement), "suspend-in-danger", "somebody", AGENCY, reason="转卖", basis="x"
    )
    model.Session.commit()
    more = {"tier": "conditional", "reason": "已脱敏"}
    for visitor, command in (("own_agency", "rework"), ("own_agency", "propose"), ("authority", "open-again")):
        given(step(app, stage, visitor, case, command, **more))
    assert not is_shut(leaky.id)
    assert [state_of_grant(one) for one in ids] == ["suspended", "running"]


def planted_everywhere(leaky: Dataset, folders: tuple[str, str]) -> str:
    """A value in every place where data of a dataset stands: file, the file before, rows, metadata, index."""
    context: Any = {"user": "administrator", "ignore_auth": True}
    word = planted()
    call_action("package_patch", context, id=leaky.id, notes=f"含{word}", tag_string=f"{word}tag")
    call_action("resource_patch", context, id=leaky.file, description=f"{word}在此")
    path = path_of(model.Resource.get(leaky.file))
    path.write_bytes(f"停车场,泊位数,经营者,电话\r\n{word},1,甲,2\r\n".encode())
    newer = FileStorage(io.BytesIO(path.read_bytes() + f"{word},3,乙,4\r\n".encode()), filename=f"{word}.csv")
    call_action("resource_patch", context, id=leaky.file, upload=newer)
    assert in_files(word, str(config.versions_folder())), "the file before is kept"
    rows = {"resource_id": leaky.file, "method": "insert", "force": True, "records": [{"停车场": word}]}
    call_action("datastore_upsert", context, **rows)
    assert len(everywhere(word)) >= 4, "the planted value can be found in tables"
    found = {"index" if one.startswith(folders[1]) else "resource" for one in in_files(word, *folders)}
    assert found == {"index", "resource"}
    return word


def sealed(app: Any, stage: Stage, case: str, word: str) -> None:
    """All pieces are in the sealed store, which the authority alone opens, on record."""
    pieces = list(model.Session.scalars(sa.select(Sealed).where(Sealed.case_id == case)))
    assert {one.kind for one in pieces} == {"file", "rows", "metadata", "activities"}
    assert len([one for one in pieces if one.kind == "file"]) == 2, "the file and the one before"
    assert all(word in sealing.unseal(one.sealed, case).decode() for one in pieces if one.kind != "activities")
    assert ask(app, stage, "operator", "govdata_evidence_unseal", id=pieces[0].id, reason="x").status_code == 403
    result(app, stage, "authority", "govdata_evidence_unseal", id=pieces[0].id, reason="调查")
    assert "evidence-unsealed" in {entry["event"]["action"] for entry in entries()}


def test_what_leaked_is_afterwards_in_the_sealed_store_alone(
    app: Any, stage: Stage, leaky: Dataset, ckan_config: dict[str, Any]
) -> None:
    folders = (ckan_config["ckan.storage_path"], ckan_config["govdata.search.index_path"])
    word = planted_everywhere(leaky, folders)
    path = path_of(model.Resource.get(leaky.file))
    reading = path.open("rb", buffering=0)
    assert reading.read(10)
    case = withdraw(app, stage, leaky)["id"]
    assert cleaning.follow(case)
    model.Session.rollback()
    assert everywhere(word) == []
    assert not path.exists()
    assert reading.read() == b"", "whoever has the file open, as nginx does, finds its end"
    assert word not in app.get(f"/dataset/{leaky.name}").get_data(as_text=True)
    for question in (
        f"package_show?id={leaky.id}",
        f"package_search?q=name:{leaky.name}",
        f"package_activity_list?id={leaky.id}",
    ):
        answer = app.get(f"/api/3/action/{question}", headers=stage.headers("administrator"))
        assert word not in answer.get_data(as_text=True)
    assert in_redis(word) == []
    assert in_files(word, *folders) == []
    sealed(app, stage, case, word)
    assert app.get(f"/dataset/{leaky.name}").status_code == 200, "the page stays as a notice"
    listed = result(app, stage, "anonymous", "govdata_withdrawn_list")
    assert leaky.id in {one["id"] for one in listed["results"]}
    assert word not in json.dumps(listed)


def tombstones(app: Any, stage: Stage, visitor: str = "anonymous") -> dict[str, Any]:
    found = result(app, stage, visitor, "govdata_withdrawn_list", limit=1000)
    assert found["format"] == "govdata-tombstones/1"
    assert found["count"] == len(found["results"])
    return {one["id"]: one for one in found["results"]} | {f"opened {one['id']}": one for one in found["opened"]}


def test_a_tombstone_says_that_a_dataset_is_shut_and_when_it_is_open_again(app: Any, stage: Stage) -> None:
    dataset = own_dataset(stage, "unconditional", "stone")
    hidden = own_dataset(stage, "unconditional", "hidden")
    context: Any = {"user": "administrator", "ignore_auth": True}
    call_action("package_patch", context, id=hidden.id, private=True)
    for one in (dataset, hidden):
        ask(app, stage, "operator", "govdata_shut", id=one.id, reason="疑似泄露：某人电话")
    shut = tombstones(app, stage)
    assert shut[dataset.id]["name"] == dataset.name
    assert shut[dataset.id]["address"].endswith(f"/dataset/{dataset.name}")
    assert hidden.id not in shut, "what was never public is not told"
    assert set(shut[dataset.id]) == {"id", "name", "withdrawn_at", "address"}
    assert tombstones(app, stage, "administrator") == shut, "the same for everybody"
    result(app, stage, "own_agency", "govdata_open_again_propose", id=dataset.id, reason="已脱敏")
    result(app, stage, "authority", "govdata_open_again_decide", id=dataset.id, accept=True)
    again = tombstones(app, stage)
    assert dataset.id not in again
    assert again[f"opened {dataset.id}"]["opened_at"] >= shut[dataset.id]["withdrawn_at"]


def test_a_holder_is_told_once_and_escalated_once(app: Any, stage: Stage, leaky: Dataset) -> None:
    for _ in range(3):
        take(app, stage, leaky, "running")
    case = withdraw(app, stage, leaky)["id"]
    cleaning.follow(case)
    cleaning.follow(case)
    person = stage.people["running"]["id"]
    told = sa.select(sa.func.count()).select_from(Notice).where(Notice.user_id == person, Notice.about == case)
    assert model.Session.scalar(told) == 1
    late = now() + datetime.timedelta(days=9)
    assert holders.escalate(late) >= 1
    assert holders.escalate(late) == 0
    assert [one.deliveries for one in model.Session.scalars(sa.select(Holder).where(Holder.case_id == case))] == [3]


@pytest.mark.requirement("LYG-34", "GY-c7")
def test_a_drill_walks_the_path_on_a_copy_and_is_on_record(app: Any, stage: Stage, leaky: Dataset) -> None:
    take(app, stage, leaky, "running")
    people = [model.User.get(name) for name in ("operator", "authority")]
    found = rehearse(app.flask_app, model.Package.get(leaky.id), *people)
    print(found.seconds)
    assert found.faults == []
    assert found.holders == 1
    routes = {"file", "range", "version", "rows", "dump", "sql"}
    assert routes | {"sealed", "metadata", "search", "page"} == set(found.seconds)
    row = model.Session.scalars(sa.select(Drill).where(Drill.package_id == leaky.id)).one()
    assert (row.whole, row.holders) == (True, 1)
    assert not is_shut(leaky.id)
    assert "withdrawal-rehearsed" in {entry["event"]["action"] for entry in entries()}
    assert model.Session.scalar(sa.select(sa.func.count()).where(model.Package.name.like("drill-%"))) == 0


def test_strangers_neither_withdraw_nor_see_what_is_withdrawn(app: Any, stage: Stage, leaky: Dataset) -> None:
    strangers = ("anonymous", "running", "other_agency")
    for visitor in strangers:
        assert ask(app, stage, visitor, "govdata_withdraw", id=leaky.id, reason="x", what="y").status_code == 403
    case = withdraw(app, stage, leaky)["id"]
    order = {"id": case, "command": "rework", "reason": "x"}
    for visitor in strangers:
        assert ask(app, stage, visitor, "govdata_withdrawal_show", id=case).status_code in (403, 404)
        assert ask(app, stage, visitor, "govdata_withdrawal_step", **order).status_code == 403


def test_a_flood_from_one_address_is_limited(app: Any, stage: Stage, leaky: Dataset) -> None:
    answers = [
        ask(app, stage, "anonymous", "govdata_withdrawal_report", id=leaky.id, text=f"{n}").status_code
        for n in range(25)
    ]
    assert answers[:5].count(200) >= 1
    assert answers[-1] == 409
    assert ask(app, stage, "running", "govdata_withdrawal_report", id=leaky.id, text="别人").status_code == 200


def test_a_scan_reports_identity_numbers_once_and_shuts_nothing(app: Any, stage: Stage) -> None:
    number = "110101185003070010"
    number = next(one for digit in "0123456789X" if ric.is_valid(one := number[:17] + digit))
    dataset = own_dataset(stage, "unconditional", "scanned")
    upload(dataset.id, f"姓名,证件\r\n甲,{number}\r\n乙,无\r\n".encode(), name="人员")
    package = model.Session.get_one(model.Package, dataset.id)
    (case,) = scanning.scan(package)
    assert scanning.scan(model.Session.get_one(model.Package, dataset.id)) == [], "each content once"
    shown = result(app, stage, "own_agency", "govdata_withdrawal_show", id=case)
    assert "人员" in shown["report"]
    assert "证件 (1)" in shown["report"]
    assert number not in shown["report"]
    assert (shown["personal"], shown["state"], is_shut(dataset.id)) == (True, "reported", False)
    assert number not in str(entries())
    result(app, stage, "own_agency", "govdata_withdrawal_step", id=case, command="assess")
    result(app, stage, "own_agency", "govdata_withdrawal_step", id=case, command="dismiss", reason="为演示数据")
    scanning.scan_lately()
    reports = sa.select(sa.func.count()).where(Withdrawal.package_id == dataset.id)
    assert model.Session.scalar(reports) == 1, "what was looked into is not reported again"
