"""What somebody who means ill, or is merely unlucky, tries on cases: none of it tells, decides or loses anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.cases import limits
from ckanext.govdata.cases.objections import marks
from ckanext.govdata.cases.objections.model import CorrectionHolder
from ckanext.govdata.columns import now
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant, upload

from . import test_contributions as voices
from . import test_requests as requests
from .scene import own_dataset
from .test_corrections import corrected, people, take, told
from .test_objections import ask, file, public_output, result, step

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-20", "LYG-26", "GY-c5", "YZ-25"),
    pytest.mark.usefixtures("unlimited"),
]
NAMED = "张三欠费13800000000"
# Made up: nobody who was born in 1850 ever had one. The check digit is right.
IDENTITY = "110101185003070014"


@pytest.fixture
def data(stage: Stage) -> Iterator[Dataset]:
    yield own_dataset(stage, "conditional", "hostile")
    model.Session.rollback()


@pytest.fixture
def known(keep: Callable[[str, str], Dataset]) -> Dataset:
    """A dataset for tests that do not mind what others say of it."""
    return keep("conditional", "hostile")


def test_an_objector_puts_nothing_of_their_own_into_the_register(app: Any, stage: Stage, data: Dataset) -> None:
    _, case = file(app, stage, data, items=f"泊位数\n{NAMED}")
    step(app, stage, "own_agency", case, "accept")
    assert NAMED not in public_output(app, stage, data)
    assert result(app, stage, "anonymous", "register", id=data.name)["results"][0]["items"] == ["泊位数"]
    assert result(app, stage, "own_agency", "show", id=case)["items"] == ["泊位数", NAMED]


def test_the_form_of_an_objection_begins_empty_and_says_what_is_wrong(app: Any, stage: Stage, known: Dataset) -> None:
    address = f"/dataset/{known.name}/object"
    page = app.get(address).get_data(as_text=True)
    assert "bound method" not in page
    assert page.count('type="file"') == 3
    form = {"reason": "wrong", "text": "x", "items": "长" * 8001, "resource": "no-such-file"}
    refused = app.post(address, data=form).get_data(as_text=True)
    assert 'id="error-items"' in refused
    del form["items"]
    assert 'id="error-resource"' in app.post(address, data=form).get_data(as_text=True)


def test_an_objection_names_files_of_its_dataset_alone(app: Any, stage: Stage, known: Dataset) -> None:
    for wrong in (stage.datasets["conditional", False].file, "no-such-file"):
        answer = ask(app, stage, "anonymous", "file", id=known.name, reason="wrong", text="x", resource=wrong)
        assert answer.status_code == 409, answer.json
        assert "resource" in answer.json["error"]


def test_handlers_do_not_read_who_objects_unless_a_right_of_their_own_is_concerned(
    app: Any, stage: Stage, known: Dataset
) -> None:
    made, case = file(app, stage, known, "signed_in")
    step(app, stage, "own_agency", case, "decline", reason="无法核实")
    result(app, stage, "signed_in", "look_again", number=made["number"], code=made["code"], reason="再看")
    (person,) = people(stage, "signed_in")
    assert person not in str(result(app, stage, "own_agency", "show", id=case))


def test_who_shows_themselves_to_be_the_objector_by_the_code_decides_nothing(
    app: Any, stage: Stage, known: Dataset
) -> None:
    made, case = file(app, stage, known)
    step(app, stage, "own_agency", case, "decline", reason="无法核实")
    result(app, stage, "own_agency", "look_again", number=made["number"], code=made["code"], reason="再看")
    step(app, stage, "authority", case, "send-back", reason="请核实")
    assert step(app, stage, "own_agency", case, "accept").status_code == 409


def test_a_doubt_is_not_given_to_the_agency_that_has_it(app: Any, stage: Stage, data: Dataset) -> None:
    context: Any = {"user": "administrator", "ignore_auth": True}
    call_action("package_patch", context, id=data.id, sharing_tier="unconditional")
    _, case = file(app, stage, data, "other_agency", sharing=True)
    routed = ask(app, stage, "operator", "route", id=case, agency="weijianwei", reason="x")
    assert routed.status_code == 409, routed.json
    _, own = file(app, stage, data, "operator")
    assert ask(app, stage, "operator", "route", id=own, agency="weijianwei", reason="x").status_code == 409


def test_a_correction_of_one_file_is_not_told_to_whoever_had_another(app: Any, stage: Stage, data: Dataset) -> None:
    for visitor in ("running", "other_dataset"):
        add_grant(stage, visitor, data)
    other = upload(data.id, "停车场,泊位数\r\n甲,1\r\n".encode(), "其他.csv", "另一份")
    take(app, stage, data, "running")
    take(app, stage, data, "other_dataset", other)
    _, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "accept")
    corrected(data)
    assert step(app, stage, "own_agency", case, "correct", reason="已更正", version="2").status_code == 200
    assert told(case, "objection_corrected") == people(stage, "running", "other_member")


def test_a_correction_that_came_before_the_objection_is_told_to_whoever_had_the_older_version(
    app: Any, stage: Stage, data: Dataset
) -> None:
    for visitor in ("running", "other_dataset"):
        add_grant(stage, visitor, data)
    take(app, stage, data, "running")
    corrected(data)
    take(app, stage, data, "other_dataset")
    _, case = file(app, stage, data, resource=data.file, version=1)
    step(app, stage, "own_agency", case, "accept")
    done = step(app, stage, "own_agency", case, "correct", reason="第2版已更正", version="2").json["result"]
    assert [(one["before"], one["after"]) for one in done["changes"]] == [(1, 2)]
    assert told(case, "objection_corrected") == people(stage, "running", "other_member")


def test_a_second_correction_is_told_and_acknowledged_anew(app: Any, stage: Stage, data: Dataset) -> None:
    add_grant(stage, "running", data)
    take(app, stage, data, "running")
    made, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "accept")
    step(app, stage, "own_agency", case, "correct", reason="已更正", version="2")
    acknowledge = "/api/3/action/govdata_correction_acknowledge"
    assert app.post(acknowledge, json={"id": case}, headers=stage.headers("running")).status_code == 200
    result(app, stage, "anonymous", "look_again", number=made["number"], code=made["code"], reason="仍有错")
    step(app, stage, "authority", case, "send-back", reason="请核实")
    step(app, stage, "own_agency", case, "accept")
    done = step(app, stage, "own_agency", case, "correct", reason="再次更正", version="3").json["result"]
    assert (done["told"], done["acknowledged"]) == (1, 0)
    assert told(case, "objection_corrected") == sorted(2 * people(stage, "running", "other_member"))


def test_a_manifest_says_the_same_of_a_moment_whatever_comes_later(app: Any, stage: Stage, data: Dataset) -> None:
    made, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "accept")
    first = now()
    step(app, stage, "own_agency", case, "uphold-data", reason="数据无误")
    between = now()
    result(app, stage, "anonymous", "look_again", number=made["number"], code=made["code"], reason="再看")
    step(app, stage, "authority", case, "send-back", reason="请核实")
    step(app, stage, "own_agency", case, "accept")
    second = now()
    model.Session.expire_all()
    said = [marks.was_marked(data.id, one) for one in (first, between, second)]
    assert said == [True, False, True]
    assert marks.since([data.id])[data.id] > between


def test_no_answer_that_everybody_reads_has_an_identity_number(app: Any, stage: Stage, known: Dataset) -> None:
    _, case = file(app, stage, known)
    refused = step(app, stage, "own_agency", case, "decline", reason=f"张某（{IDENTITY}）不是权利人")
    assert (refused.status_code, "reason" in refused.json["error"]) == (409, True)
    asked = requests.file(app, stage)
    words = {"title": "充电桩", "text": f"请联系{IDENTITY}", "agency": requests.agency(known)}
    assert requests.step(app, stage, "operator", asked, "show", **words).status_code == 409
    said = {"id": known.name, "kind": "question", "text": f"{IDENTITY}是谁"}
    assert voices.ask(app, stage, "running", "hand_in", **said).status_code == 409
    assert step(app, stage, "own_agency", case, "decline", reason="申请人不是权利人").status_code == 200


def test_the_mark_is_not_kept_in_an_entry_that_is_changed_meanwhile(app: Any, stage: Stage, data: Dataset) -> None:
    _, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "accept")
    shown = call_action("package_show", {"user": "own-agency"}, id=data.id)
    assert shown[marks.FIELD]
    call_action("package_update", {"user": "own-agency"}, **{**shown, "notes": "补充说明"})
    call_action("package_patch", {"user": "own-agency"}, id=data.id, notes="再补充")
    step(app, stage, "own_agency", case, "uphold-data", reason="数据无误")
    after = call_action("package_show", {"user": "own-agency"}, id=data.id)
    assert not {marks.FIELD, "version_notes"} & set(after)
    assert "being verified" not in app.get(f"/dataset/{data.name}.ttl").get_data(as_text=True)


def test_the_objector_reads_what_the_authority_answers(app: Any, stage: Stage, known: Dataset) -> None:
    made, case = file(app, stage, known)
    step(app, stage, "own_agency", case, "decline", reason="无法核实")
    follow = {"number": made["number"], "code": made["code"]}
    result(app, stage, "anonymous", "look_again", **follow, reason="再看")
    step(app, stage, "authority", case, "close", reason="市局复核：数据无误")
    stands = result(app, stage, "anonymous", "follow", **follow)
    assert "市局复核" in str(stands)
    assert stands["reply"] == "无法核实"


def test_rows_and_evidence_of_what_is_said_to_be_a_leak_reach_those_who_look_into_it(
    app: Any, stage: Stage, data: Dataset
) -> None:
    order = {"id": data.name, "reason": "personal", "text": "见附件", "rows": "P000777", "items": "电话"}
    address = "/api/3/action/govdata_objection_file"
    made = app.post(address, data={**order, "resource": data.file, "evidence": (BytesIO(b"%PDF-1.7 x"), "a.pdf")})
    assert made.json["result"]["leak"] is True
    listed = app.post("/api/3/action/govdata_withdrawal_list", json={}, headers=stage.headers("operator")).json
    case = next(one["id"] for one in listed["result"]["results"] if one["dataset"] == data.id)
    shown = app.post("/api/3/action/govdata_withdrawal_show", json={"id": case}, headers=stage.headers("operator"))
    read = shown.get_data(as_text=True)
    assert "P000777" in read
    assert data.file in read
    assert [one["kind"] for one in shown.json["result"]["evidence"]] == ["report"]


def test_what_is_too_long_is_refused_and_nothing_is_left_out_quietly(app: Any, stage: Stage, known: Dataset) -> None:
    order = {"id": known.name, "reason": "wrong", "text": "x"}
    many = "\n".join(str(number) for number in range(201))
    for field, value in (("text", "长" * 8001), ("rows", many), ("items", "长" * 8001)):
        answer = ask(app, stage, "anonymous", "file", **{**order, field: value})
        assert (answer.status_code, field in answer.json["error"]) == (409, True), field


def test_no_address_and_no_form_breaks_the_portal(app: Any, stage: Stage) -> None:
    addresses = (
        "/objections?page=99999999999999999999",
        "/objections?page=９９９９９９９９９９９９９９９９９９９９",
        "/api/3/action/govdata_objection_register?offset=99999999999999999999",
        "/requests?q=%00",
        "/requests/%00",
        "/api/3/action/govdata_request_show?number=%00",
    )
    assert [app.get(one).status_code for one in addresses] == [400] * len(addresses)
    for address in ("/objections/follow", "/misuse/follow"):
        assert app.post(address, data={"number": "Y\x00", "code": "x"}).status_code == 400, address


def test_who_follows_by_the_right_code_is_never_too_many_and_who_guesses_soon_is(
    app: Any, stage: Stage, known: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = file(app, stage, known)
    right, wrong = ({"number": made["number"], "code": code} for code in (made["code"], "AAAAAAAAAA"))
    monkeypatch.setattr(limits, "MOST", 3)
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 10**6 + int.from_bytes(os.urandom(3), "big"))
    assert [ask(app, stage, "anonymous", "follow", **right).status_code for _ in range(5)] == [200] * 5
    assert [ask(app, stage, "anonymous", "follow", **wrong).status_code for _ in range(5)] == [404] * 3 + [409] * 2
    assert ask(app, stage, "anonymous", "follow", **right).status_code == 409, (
        "nor is a right one told from a wrong one"
    )
    assert ask(app, stage, "signed_in", "follow", **right).status_code == 200


def test_one_word_of_a_holder_is_for_themselves_and_for_their_party(app: Any, stage: Stage, data: Dataset) -> None:
    add_grant(stage, "running", data)
    take(app, stage, data, "running")
    _, case = file(app, stage, data)
    step(app, stage, "own_agency", case, "accept")
    step(app, stage, "own_agency", case, "correct", reason="已更正", version="2")
    (person,) = people(stage, "running")
    model.Session.add(CorrectionHolder(case_id=case, user_id=person))
    model.Session.commit()
    address = "/api/3/action/govdata_correction_acknowledge"
    app.post(address, json={"id": case}, headers=stage.headers("running"))
    model.Session.expire_all()
    rows = model.Session.scalars(sa.select(CorrectionHolder).where(CorrectionHolder.case_id == case)).all()
    assert [one.acknowledged_at is not None for one in rows] == [True, True]
