"""From registering to signing, over the API: a person, an enterprise, its people, their proofs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.access.parties.model import Evidence
from ckanext.govdata.access.parties.standing import may_sign, parties_of

from .conftest import PDF, Portal, enterprise_code, resident

LATER = (datetime.date.today() + datetime.timedelta(days=400)).isoformat()


def ledger_of(party_id: str) -> list[str]:
    """The actions that the ledger's intake holds of a party."""
    text = "SELECT convert_from(entry, 'UTF8')::jsonb FROM govdata_ledger.intake"
    entries = [row[0] for row in model.Session.execute(sa.text(text))]
    found = [one for one in entries if one.get("govdata", {}).get("party", {}).get("id") == party_id]
    return [one["event"]["action"] for one in sorted(found, key=lambda one: one["@timestamp"])]


@pytest.mark.requirement("ZB-12", "LYG-19")
def test_a_person_registers_without_a_number_and_is_verified_with_one(parties: Portal) -> None:
    user, number = parties.people["data_user"], resident(1)
    party = parties.result("register", user, kind="person", name="王小明")
    assert (party["state"], party["numbers"], party["may_sign"]) == ("unverified", [], False)
    missing = parties.hand_in(user, PDF, id=party["id"], kind="identity")[1]["error"]
    assert "number" in missing
    party = parties.result("update", user, id=party["id"], document="resident_id", number=number)
    assert party["numbers"][0]["masked"] == number[:3] + "*" * 13 + number[-2:]
    case = parties.case(user, id=party["id"], kind="identity")
    assert case["evidence"][0]["media_type"] == "application/pdf"
    parties.decide(case)
    after = parties.result("show", user, id=party["id"])
    assert (after["state"], after["may_sign"]) == ("verified", True)
    assert [one["event"] for one in reversed(after["history"])] == [
        "registered",
        "number-claimed",
        "verification-asked",
        "verification-accepted",
    ]
    assert ledger_of(party["id"]) == [f"party-{one['event']}" for one in reversed(after["history"])]


@pytest.mark.requirement("LYG-19")
def test_of_an_enterprise_the_representative_signs_then_a_signer_within_the_term_and_a_plain_member_never(
    parties: Portal,
) -> None:
    chief, clerk = parties.people["data_user"], parties.person("clerk")
    party = parties.enterprise(chief, enterprise_code(1))
    member = parties.invite(chief, party, clerk)
    assert may_sign(party["id"], chief["id"]).reason == "legal_representative"
    assert may_sign(party["id"], clerk["id"]).reason == "not_signer"
    case = parties.case(clerk, id=party["id"], kind="authorisation", authorised_until=LATER)
    assert may_sign(party["id"], clerk["id"]).reason == "not_signer", "handing in proves nothing yet"
    parties.decide(case)
    assert parties.result("may_sign", clerk, id=party["id"])["reason"] == "signer"
    parties.result("member_update", chief, id=member, end_authorisation=True)
    denied = parties.result("may_sign", clerk, id=party["id"])
    assert (denied["allowed"], denied["reason"]) == (False, "not_signer")
    assert "letter of authorisation" in denied["message"]


@pytest.mark.requirement("LYG-19")
def test_a_new_representative_takes_the_place_of_the_former(parties: Portal) -> None:
    chief, heir = parties.people["data_user"], parties.person("heir")
    party = parties.enterprise(chief, enterprise_code(1))
    parties.invite(chief, party, heir)
    parties.decide(parties.case(heir, id=party["id"], kind="representative"))
    assert may_sign(party["id"], heir["id"]).allowed
    assert may_sign(party["id"], chief["id"]).reason == "not_signer"


def test_the_gate_s_list_names_each_party_with_role_and_follows_leaving_at_once(parties: Portal) -> None:
    chief, clerk = parties.people["data_user"], parties.person("clerk")
    party = parties.enterprise(chief, enterprise_code(1))
    member = parties.invite(chief, party, clerk)
    found = parties_of(clerk["id"])
    assert [(one.id, one.kind.value, one.role.value, one.blocked, one.verified) for one in found] == [
        (party["id"], "enterprise", "member", False, True)
    ]
    parties.result("member_remove", chief, id=member)
    assert parties_of(clerk["id"]) == []
    assert may_sign(party["id"], clerk["id"]).reason == "not_member"


def test_an_invitation_works_once_and_is_refused_in_the_same_words_when_unknown_used_or_taken_back(
    parties: Portal,
) -> None:
    chief, one, two = parties.people["data_user"], parties.person("one"), parties.person("two")
    party = parties.enterprise(chief, enterprise_code(1))
    used = parties.result("invite", chief, id=party["id"], note="给一号")
    parties.result("join", one, code=used["code"])
    taken_back = parties.result("invite", chief, id=party["id"])
    parties.result("invitation_revoke", chief, id=taken_back["id"])
    answers = [parties.refusal("join", two, code=code) for code in ("no such code", used["code"], taken_back["code"])]
    assert answers[0]["code"] == answers[1]["code"] == answers[2]["code"]


def test_a_party_keeps_somebody_who_manages_it(parties: Portal) -> None:
    chief, clerk = parties.people["data_user"], parties.person("clerk")
    party = parties.enterprise(chief, enterprise_code(1))
    member = parties.invite(chief, party, clerk)
    assert "Nobody would manage" in parties.refusal("leave", chief, id=party["id"])["id"][0]
    parties.result("member_update", chief, id=member, manages=True)
    parties.result("leave", chief, id=party["id"])
    assert [one["user_id"] for one in parties.result("show", clerk, id=party["id"])["members"]] == [clerk["id"]]


def test_a_closed_party_lets_go_of_its_people_and_its_number_which_can_register_anew(parties: Portal) -> None:
    chief, other = parties.people["data_user"], parties.person("other")
    party = parties.enterprise(chief, enterprise_code(1))
    parties.result("close", chief, id=party["id"])
    assert parties_of(chief["id"]) == []
    assert parties.enterprise(other, enterprise_code(1))["state"] == "verified"


def test_two_officers_join_a_second_registration_to_the_first_and_what_hangs_on_it_goes_on(parties: Portal) -> None:
    chief, clerk = parties.people["data_user"], parties.person("clerk")
    second = parties.person("operator-two", "operator")
    party = parties.enterprise(chief, enterprise_code(1))
    double = parties.result(
        "register", clerk, kind="enterprise", name="江海数据", document="uscc", number=enterprise_code(1)
    )
    given = {"id": double["id"], "into": party["id"], "reason": "同一企业重复注册"}
    assert parties.result("merge", parties.people["operator"], **given)["done"] is False
    assert parties.result("merge", parties.people["operator"], **given)["done"] is False, "the same officer again"
    assert [one.id for one in parties_of(clerk["id"])] == [double["id"]]
    assert parties.result("merge", second, **given)["done"] is True
    refs = parties_of(clerk["id"])
    assert [one.id for one in refs] == [party["id"], double["id"]]
    assert {one.role.value for one in refs} == {"member"}
    assert may_sign(party["id"], clerk["id"]).reason == "not_signer", "merging gives nobody the right to sign"


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ((), "Attach the proof"),
        ((b"MZ\x90\x00 a program",), "no PDF, JPEG or PNG"),
        ((b"<html><script>alert(1)</script>",), "no PDF, JPEG or PNG"),
        ((PDF + b"x" * 5_000_001,), "larger than 5 MB"),
        ((PDF, b""), "empty"),
    ],
)
def test_a_proof_is_taken_by_its_content_and_size_alone(parties: Portal, files: tuple[bytes, ...], word: str) -> None:
    user = parties.people["data_user"]
    given = {"kind": "person", "name": "王小明", "document": "resident_id", "number": resident(1)}
    party = parties.result("register", user, **given)
    status, answer = parties.hand_in(user, *files, id=party["id"], kind="identity")
    assert status == 409
    assert word in str(answer["error"])
    assert model.Session.scalar(sa.select(sa.func.count(Evidence.id))) == 0


def test_a_proof_taken_back_is_deleted_and_can_be_handed_in_again(parties: Portal) -> None:
    user = parties.people["data_user"]
    given = {"kind": "person", "name": "王小明", "document": "resident_id", "number": resident(1)}
    party = parties.result("register", user, **given)
    case = parties.case(user, id=party["id"], kind="identity")
    assert "handed in already" in str(parties.hand_in(user, PDF, id=party["id"], kind="identity")[1])
    parties.result("verification_take_back", user, id=case["id"])
    assert model.Session.scalar(sa.select(sa.func.count(Evidence.id))) == 0
    parties.case(user, id=party["id"], kind="identity")


def test_the_queue_is_paged_oldest_first_and_searched_by_name(parties: Portal) -> None:
    cases = []
    for serial, name in enumerate(("甲公司", "乙公司", "丙公司")):
        user = parties.person(f"user-{serial}")
        given = {"kind": "enterprise", "name": name, "document": "uscc", "number": enterprise_code(serial)}
        party = parties.result("register", user, **given)
        cases.append(parties.case(user, id=party["id"], kind="identity")["id"])
    operator = parties.people["operator"]
    first = parties.result("verification_list", operator, limit=2)
    assert (first["count"], [one["id"] for one in first["results"]]) == (3, cases[:2])
    assert [one["id"] for one in parties.result("verification_list", operator, limit=2, offset=2)["results"]] == cases[
        2:
    ]
    assert [one["party"]["name"] for one in parties.result("verification_list", operator, q="乙")["results"]] == [
        "乙公司"
    ]


def test_a_refused_case_says_why_and_its_party_can_hand_in_again(parties: Portal) -> None:
    user: dict[str, Any] = parties.people["data_user"]
    given = {"kind": "person", "name": "王小明", "document": "resident_id", "number": resident(1)}
    party = parties.result("register", user, **given)
    parties.decide(parties.case(user, id=party["id"], kind="identity"), accept=False)
    after = parties.result("show", user, id=party["id"])
    assert (after["state"], after["verifications"][0]["reason"]) == ("unverified", "与原件核对一致")
    parties.decide(parties.case(user, id=party["id"], kind="identity"))
    assert parties.result("show", user, id=party["id"])["state"] == "verified"
