"""A document from presented to sealed: who may do which step, what is on record, what never changes."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from sqlalchemy.exc import DBAPIError

from ckanext.govdata.agreements import keeping, listening
from ckanext.govdata.agreements.documents.domain import read
from ckanext.govdata.agreements.sealing import folder
from ckanext.govdata.agreements.verification.packed import packed
from ckanext.govdata.agreements.verifying import verdict_of
from ckanext.govdata.ledger.reading import Reader, run_in

from .conftest import Desk


def _entry(entry_id: uuid.UUID) -> dict[str, Any]:
    data = Reader(run_in(model.Session)).entry_of(entry_id)
    assert data is not None
    return dict(json.loads(data))


@pytest.mark.requirement("LYG-19")
@pytest.mark.requirement("YZ-27")
def test_an_agreement_is_presented_signed_sealed_and_holds(desk: Desk) -> None:
    row = desk.present()
    assert [clause["key"] for clause in read(row.canonical)["clauses"]][4:7] == [
        "no_third_party",
        "cite_source",
        "report_use",
    ]
    told = desk.sign(row)
    assert told["step"] == "signed" and told["signatures"][0]["level"] == "agreed"
    sealed = desk.act("document_seal", "decider", id=row.id)
    assert sealed["step"] == "sealed" and [one["field"] for one in sealed["signatures"]] == ["User", "Agency"]
    found = keeping.get(row.id)
    assert found is not None and found.entry is not None
    entry = _entry(found.entry)
    assert entry["event"]["action"] == "agreement-sealed" and entry["file"]["hash"]["sha256"] == found.sha256
    verdict = verdict_of(found.pdf)
    assert verdict["holds"], verdict
    assert not verdict_of(found.pdf + b"\n")["holds"]


def test_the_agencys_electronic_seal_is_used_where_there_is_one(desk: Desk) -> None:
    folder().issue_seal(desk.people["agency"]["id"], "交通运输局 电子印章")
    row = desk.sealed()
    assert keeping.act_of(row.id, keeping.Field.AGENCY).level == "seal"  # pyright: ignore[reportOptionalMemberAccess]
    verdict = verdict_of(row.pdf)
    assert verdict["holds"] and verdict["signers"]["agency"]["name"] == "交通运输局 电子印章"


@pytest.mark.requirement("LYG-19")
def test_signing_needs_reading_to_the_end_the_right_name_and_the_right_person(desk: Desk) -> None:
    row = desk.present()
    with pytest.raises(tk.ValidationError, match="to its end"):
        desk.act("document_sign", "signer", id=row.id, name="李明")
    desk.act("document_read", "signer", id=row.id)
    with pytest.raises(tk.ValidationError, match="as the portal knows it"):
        desk.act("document_sign", "signer", id=row.id, name="李四")
    member = factories.User(name="helper", fullname="王芳")
    desk.member(desk.party, member["id"], "member")
    tk.get_action("govdata_agreement_document_read")({"user": "helper"}, {"id": row.id})
    with pytest.raises(tk.ValidationError, match="legal representative"):
        tk.get_action("govdata_agreement_document_sign")({"user": "helper"}, {"id": row.id, "name": "王芳"})
    assert keeping.get(row.id).step == "presented"  # pyright: ignore[reportOptionalMemberAccess]


def test_nobody_skips_a_step_or_takes_one_twice(desk: Desk) -> None:
    row = desk.present()
    with pytest.raises(tk.ValidationError, match="the user signs first"):
        desk.act("document_seal", "decider", id=row.id)
    desk.sign(row)
    with pytest.raises(tk.ValidationError):
        desk.act("document_sign", "signer", id=row.id, name="李明")
    desk.act("document_seal", "decider", id=row.id)
    with pytest.raises(tk.ValidationError):
        desk.act("document_seal", "decider", id=row.id)


def test_somebody_elses_agreement_is_not_there_and_who_sees_does_not_seal(desk: Desk) -> None:
    row = desk.present()
    for who in ("data_user", "other_publisher"):
        for action in ("show", "read", "seal"):
            with pytest.raises(tk.ObjectNotFound):
                desk.act(f"document_{action}", who, id=row.id)
        assert desk.act("document_list", who)["count"] == 0
    for who in ("publisher", "operator", "authority"):
        assert desk.act("document_show", who, id=row.id)["number"] == row.number
        with pytest.raises(tk.NotAuthorized):
            desk.act("document_seal", who, id=row.id)


def test_by_the_web_nobody_signs_without_a_second_factor(desk: Desk, app: Any) -> None:
    row = desk.present()
    desk.act("document_read", "signer", id=row.id)
    token = tk.get_action("api_token_create")({"ignore_auth": True}, {"user": "signer", "name": "x"})["token"]
    address = "/api/action/govdata_agreement_document_sign"
    answer = app.post(address, json={"id": row.id, "name": "李明"}, headers={"Authorization": token})
    assert answer.status_code == 403
    assert keeping.get(row.id).step == "presented"  # pyright: ignore[reportOptionalMemberAccess]


def test_a_listener_that_raises_stops_the_step(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row = desk.present()

    def refuse(step: str, document: Any) -> None:
        raise tk.ValidationError({"id": [f"not {step}"]})

    monkeypatch.setattr(listening, "_LISTENERS", [refuse])
    with pytest.raises(tk.ValidationError, match="not signed"):
        desk.sign(row)
    model.Session.rollback()
    assert keeping.get(row.id).step == "presented"  # pyright: ignore[reportOptionalMemberAccess]


_FORBIDDEN = (
    "UPDATE govdata_agreement_document SET canonical = 'x'",
    "UPDATE govdata_agreement_document SET step = 'signed'",
    "UPDATE govdata_agreement_document SET party = 'x'",
    "UPDATE govdata_agreement_document SET sha256 = 'x'",
    "DELETE FROM govdata_agreement_document",
    "TRUNCATE govdata_agreement_document CASCADE",
    "UPDATE govdata_agreement_act SET done_by = 'x'",
    "DELETE FROM govdata_agreement_act",
    "DELETE FROM govdata_agreement_reading",
    "UPDATE govdata_agreement_text SET body = '{}'",
    "DELETE FROM govdata_agreement_text",
)


def test_the_database_itself_keeps_what_was_signed(desk: Desk) -> None:
    desk.sealed()
    for statement in _FORBIDDEN:
        with pytest.raises(DBAPIError):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()


@pytest.mark.requirement("LYG-19")
def test_a_changed_condition_needs_a_new_agreement_and_leaves_the_old_one(desk: Desk) -> None:
    first = desk.sealed()
    before = first.pdf
    tk.get_action("package_patch")(
        {"ignore_auth": True, "user": "administrator"}, {"id": desk.entry["id"], "use_codes": ["research_only"]}
    )
    draft = desk.act("text_draft", "authority", note="新版")
    desk.act("text_enforce", "authority", id=draft["id"])
    second = desk.present(supersedes=first.number)
    assert read(second.canonical)["supersedes"] == first.number and second.text_version == 2
    assert read(second.canonical)["conditions"] == ["research_only"]
    found = keeping.get(first.id)
    assert found is not None and found.pdf == before and verdict_of(before)["holds"]


@pytest.mark.requirement("LYG-19")
def test_what_was_signed_stays_whole_when_all_it_names_is_deleted_and_purged(desk: Desk) -> None:
    row = desk.sealed()
    number, pdf = row.number, row.pdf
    context: Any = {"ignore_auth": True, "user": "administrator"}
    for action, id in (("package_delete", desk.entry["id"]), ("dataset_purge", desk.entry["id"])):
        tk.get_action(action)(dict(context), {"id": id})
    tk.get_action("user_delete")(dict(context), {"id": desk.signer["id"]})
    desk.act("text_retire", "authority", id=desk.text["id"])
    party = model.Session.get(keeping_party(), desk.party)
    party.name, party.state, party.ended_at, party.purged_at = "", "closed", row.sealed_at, row.sealed_at
    model.Session.execute(sa.text("DELETE FROM govdata_party_member"))
    model.Session.commit()
    tk.get_action("organization_delete")(dict(context), {"id": desk.people["agency"]["id"]})
    tk.get_action("organization_purge")(dict(context), {"id": desk.people["agency"]["id"]})
    model.Session.expire_all()
    verdict = verdict_of(pdf)
    assert verdict["holds"] and verdict["number"] == number
    found = desk.act("document_show", "operator", id=row.id)
    assert found["document"]["parties"]["user"]["name"] == "连云港海州数据科技有限公司"
    assert found["signatures"][0]["name"] == "李明"


def keeping_party() -> Any:
    from ckanext.govdata.access.parties.model import Party

    return Party


def test_anybody_verifies_a_file_by_the_api(desk: Desk, app: Any) -> None:
    row = desk.sealed()
    address = "/api/action/govdata_agreement_verify"
    told = app.post(address, json={"file": base64.b64encode(row.pdf).decode()}).json["result"]
    assert told["holds"] and told["number"] == row.number
    assert {one["ok"] for one in told["checks"]} == {True}
    other = app.post(address, json={"file": base64.b64encode(b"%PDF-1.7 nothing").decode()}).json["result"]
    assert not other["holds"] and "不通过" in other["conclusion"]["zh_Hans_CN"]


def test_files_are_for_both_sides_and_the_verifiers_for_all(desk: Desk, app: Any) -> None:
    row = desk.sealed()
    token = tk.get_action("api_token_create")({"ignore_auth": True}, {"user": "signer", "name": "x"})["token"]
    answer = app.get(f"/agreements/{row.id}/agreement.pdf", headers={"Authorization": token})
    assert answer.data == row.pdf
    assert app.get(f"/agreements/{row.id}/agreement.pdf", status=401, follow_redirects=False).status_code in (401, 302)
    assert "BEGIN CERTIFICATE" in app.get("/agreements/roots.pem").body
    assert app.get("/agreements/verify.pyz").data == packed()


def test_an_agreement_given_up_is_nobodys_to_sign(desk: Desk) -> None:
    row = desk.present()
    keeping.void(row.id, desk.people["decider"]["id"], "申请已撤回")
    model.Session.commit()
    with pytest.raises(tk.ValidationError):
        desk.sign(row)
