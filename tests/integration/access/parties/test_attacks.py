"""What must not work: others' parties, own decisions, blocked parties coming back, numbers leaking, two at once."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from sqlalchemy.engine import make_url

from ckanext.govdata.access.parties import numbers
from ckanext.govdata.access.parties.errors import SealBroken
from ckanext.govdata.access.parties.model import Number
from ckanext.govdata.access.parties.standing import is_blocked, may_sign, parties_of

from .conftest import PDF, Portal, enterprise_code, resident


def test_somebody_else_s_party_answers_exactly_as_one_that_is_not_there(parties: Portal) -> None:
    chief, stranger = parties.people["data_user"], parties.person("stranger")
    party = parties.enterprise(chief, enterprise_code(1))
    invitation = parties.result("invite", chief, id=party["id"])
    case = parties.case(chief, id=party["id"], kind="identity")
    file = case["evidence"][0]["id"]
    row = parties.result(
        "block_propose", parties.people["operator"], id=party["id"], breach="attack", reason="x", until="2099-01-01"
    )
    asked: list[tuple[str, str, dict[str, Any]]] = [
        *((name, party["id"], {}) for name in ("show", "may_sign", "invite", "leave", "close")),
        ("update", party["id"], {"name": "别的名字"}),
        ("verification_ask", party["id"], {"kind": "identity"}),
        ("invitation_revoke", invitation["id"], {}),
        ("member_update", party["member_id"], {"manages": False}),
        ("member_remove", party["member_id"], {}),
        ("verification_show", case["id"], {}),
        ("verification_take_back", case["id"], {}),
        ("block_reply", row["id"], {"text": "x"}),
        ("block_appeal", row["id"], {"text": "x"}),
    ]
    for action, reference, more in asked:
        for who in (stranger, parties.people["publisher"]):
            there = parties.call(action, who, id=reference, **more)
            nowhere = parties.call(action, who, id="00000000-0000-0000-0000-000000000000", **more)
            assert there == nowhere, action
            assert there[0] == 404, action
    for action, reference in (("number_reveal", case["id"]), ("evidence_show", file), ("list", "")):
        for who in (stranger, chief, parties.people["authority"] if action != "list" else None):
            assert parties.call(action, who, id=reference)[0] == 403, action
    for action, _, more in asked:
        assert parties.call(action, None, id=party["id"], **more)[0] in (403, 404), action


@pytest.mark.requirement("LYG-19")
def test_a_plain_member_reads_the_party_and_changes_nothing(parties: Portal) -> None:
    chief, clerk = parties.people["data_user"], parties.person("clerk")
    party = parties.enterprise(chief, enterprise_code(1))
    member = parties.invite(chief, party, clerk)
    assert parties.result("show", clerk, id=party["id"])["rights"] == {"see": True, "manage": False, "answer": False}
    denied = [
        parties.refusal("invite", clerk, id=party["id"]),
        parties.refusal("member_update", clerk, id=member, manages=True),
        parties.refusal("member_remove", clerk, id=party["member_id"]),
        parties.refusal("close", clerk, id=party["id"]),
        parties.hand_in(clerk, PDF, id=party["id"], kind="identity")[1]["error"],
    ]
    for answer in denied:
        assert "legal representative" in answer["message"]


@pytest.mark.requirement("LYG-19", "LYG-40")
def test_no_officer_decides_on_their_own_party_not_even_the_administrator(parties: Portal) -> None:
    operator, administrator = parties.people["operator"], parties.people["administrator"]
    for officer, serial in ((operator, 1), (administrator, 2)):
        given = {"kind": "person", "name": "官员", "document": "resident_id", "number": resident(serial)}
        party = parties.result("register", officer, **given)
        case = parties.case(officer, id=party["id"], kind="identity")
        for action, more in (("verification_decide", {"accept": True, "reason": "我自己"}), ("number_reveal", {})):
            assert "yourself" in str(parties.refusal(action, officer, id=case["id"], **more))
    assert not any(ref.verified for officer in (operator, administrator) for ref in parties_of(officer["id"]))


def test_the_administrator_is_nobody_s_member(parties: Portal) -> None:
    party = parties.enterprise(parties.people["data_user"], enterprise_code(1))
    administrator = parties.people["administrator"]
    for action, more in (("invite", {}), ("close", {}), ("update", {"name": "别的"})):
        assert parties.call(action, administrator, id=party["id"], **more)[0] == 403, action
    assert may_sign(party["id"], administrator["id"]).reason == "not_member"


@pytest.mark.requirement("LYG-40")
def test_a_blocked_party_does_not_come_back_by_any_member_nor_by_another_registration(
    parties: Portal, block: Callable[..., dict[str, Any]]
) -> None:
    chief, clerk, front = parties.people["data_user"], parties.person("clerk"), parties.person("front")
    party = parties.enterprise(chief, enterprise_code(1))
    parties.invite(chief, party, clerk)
    block(party["id"], chief)
    assert [one.blocked for who in (chief, clerk) for one in parties_of(who["id"])] == [True, True]
    assert may_sign(party["id"], chief["id"]).reason == "blocked"
    for action, more in (("invite", {}), ("close", {}), ("update", {"name": "新名字"})):
        assert parties.call(action, chief, id=party["id"], **more)[0] in (403, 409), action
    anew = parties.result(
        "register", front, kind="enterprise", name="新公司", document="uscc", number=enterprise_code(1)
    )
    case = parties.case(front, id=anew["id"], kind="identity")
    refused = parties.refusal(
        "verification_decide", parties.people["operator"], id=case["id"], accept=True, reason="ok"
    )
    assert "is blocked" in refused["id"][0]
    assert parties.result("show", front, id=anew["id"])["state"] == "unverified"


@pytest.mark.requirement("LYG-40")
def test_a_blocked_person_does_not_come_back_through_an_enterprise_or_a_second_account(
    parties: Portal, block: Callable[..., dict[str, Any]]
) -> None:
    person, chief, again = parties.people["data_user"], parties.person("chief"), parties.person("again")
    given = {"kind": "person", "name": "王小明", "document": "resident_id", "number": resident(1)}
    own = parties.result("register", person, **given)
    parties.decide(parties.case(person, id=own["id"], kind="identity"))
    firm = parties.enterprise(chief, enterprise_code(1))
    parties.invite(chief, firm, person)
    block(own["id"], person)
    assert {one.id: one.blocked for one in parties_of(person["id"])} == {own["id"]: True, firm["id"]: True}
    assert [one.blocked for one in parties_of(chief["id"])] == [False]
    assert parties.call("close", person, id=own["id"])[0] == 409
    second = parties.result("register", again, **given)
    case = parties.case(again, id=second["id"], kind="identity")
    assert (
        parties.call("verification_decide", parties.people["operator"], id=case["id"], accept=True, reason="x")[0]
        == 409
    )


@pytest.mark.requirement("LYG-40")
def test_a_block_takes_notice_reply_two_persons_and_is_appealed_to_a_third(parties: Portal) -> None:
    chief, operator, authority = (parties.people[who] for who in ("data_user", "operator", "authority"))
    third = parties.person("third", "authority")
    party = parties.enterprise(chief, enterprise_code(1))
    given = {"breach": "security_duties", "reason": "未落实安全措施", "until": "2099-12-31"}
    row = parties.result("block_propose", authority, id=party["id"], **given)
    decision = {"id": row["id"], "accept": True, "reason": "属实"}
    assert "second person" in parties.refusal("block_decide", authority, **decision)["id"][0]
    assert "still runs" in parties.refusal("block_decide", third, **decision)["id"][0]
    assert parties.call("block_decide", operator, **decision)[0] == 403
    assert not is_blocked(party["id"]), "notice alone blocks nobody"
    parties.result("block_reply", chief, id=row["id"], text="已整改")
    parties.result("block_decide", third, **decision)
    assert is_blocked(party["id"])
    parties.result("block_appeal", chief, id=row["id"], text="处罚过重")
    for officer in (authority, third):
        assert parties.call("block_appeal_decide", officer, **decision)[0] == 409
    parties.result("block_appeal_decide", parties.person("fourth", "authority"), **decision)
    assert not is_blocked(party["id"])
    assert may_sign(party["id"], chief["id"]).allowed


@pytest.mark.requirement("LYG-40")
def test_in_danger_one_officer_blocks_at_once_and_two_lift(parties: Portal) -> None:
    chief, operator = parties.people["data_user"], parties.people["operator"]
    party = parties.enterprise(chief, enterprise_code(1))
    given = {"breach": "attack", "reason": "正在攻击平台", "until": "2099-12-31", "danger": True}
    row = parties.result("block_propose", operator, id=party["id"], **given)
    assert is_blocked(party["id"])
    assert parties.result("block_lift", operator, id=row["id"], text="误报")["state"] == "in_force"
    assert parties.call("block_lift", operator, id=row["id"], text="误报")[0] == 409
    assert (
        parties.result("block_lift", parties.people["authority"], id=row["id"], text="核实为误报")["state"] == "lifted"
    )
    assert not is_blocked(party["id"])
    for until in ("2020-01-01", "not a day"):
        assert parties.call("block_propose", operator, id=party["id"], **{**given, "until": until})[0] == 409


@pytest.mark.requirement("ZB-12")
def test_of_two_who_claim_a_number_at_once_one_is_verified_and_the_other_told(parties: Portal) -> None:
    """Two operators decide at the same moment, each in a connection of their own."""
    second = parties.person("operator-two", "operator")
    cases = []
    for name in ("one", "two"):
        user = parties.person(name)
        party = parties.result(
            "register", user, kind="enterprise", name=name, document="uscc", number=enterprise_code(1)
        )
        cases.append(parties.case(user, id=party["id"], kind="identity"))
    seen = parties.result("verification_show", second, id=cases[0]["id"])
    assert [one["id"] for one in seen["same_number"]] == [cases[1]["party_id"]]
    answers: list[str] = []
    start = threading.Barrier(2)

    def decide(case: dict[str, Any], officer: str) -> None:
        start.wait()
        with parties.app.flask_app.test_request_context():
            try:
                context: Any = {"user": officer}
                data = {"id": case["id"], "accept": True, "reason": "一致"}
                tk.get_action("govdata_party_verification_decide")(context, data)
                answers.append("verified")
            except tk.ValidationError as error:
                answers.append(str(error.error_dict["id"][0]))
            finally:
                model.Session.remove()

    threads = [
        threading.Thread(target=decide, args=(case, officer))
        for case, officer in zip(cases, ("operator", "operator-two"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 2
    assert answers.count("verified") == 1
    assert any("Another party with this number is verified" in one for one in answers)
    assert model.Session.scalar(sa.select(sa.func.count(Number.id)).where(Number.state == "verified")) == 1


@pytest.mark.requirement("LYG-17", "ZB-12")
@pytest.mark.parametrize("suite", ["international", "chinese"])
def test_no_number_stands_in_log_answer_or_dump_and_each_record_names_its_algorithm(
    parties: Portal, suite: str, caplog: pytest.LogCaptureFixture, ckan_config: dict[str, Any]
) -> None:
    ckan_config["govdata.parties.suite"] = suite
    listen(caplog)
    user, number, passport = parties.people["data_user"], resident(7), "E87654321"
    given = {"kind": "person", "name": "王小明"}
    answers = [parties.call("register", user, **given, document="resident_id", number=number[:-1] + "?")]
    answers.append(parties.call("register", user, **given, document="resident_id", number=number))
    party = answers[1][1]["result"]
    address = "/api/3/action/govdata_party_update"
    headers = {"Authorization": user["token"], "Content-Type": "application/json"}
    broken = parties.app.post(address, data='{"number": "%s", ' % number, headers=headers)  # noqa: UP031
    assert broken.status_code == 400
    secret = b"%PDF-1.4 " + number.encode()
    parties.decide(parties.hand_in(user, secret, id=party["id"], kind="identity")[1]["result"])
    answers.append(parties.call("update", user, id=party["id"], document="passport", number=passport, issuer="CHN"))
    case = parties.case(user, id=party["id"], kind="identity")
    shown = parties.result("number_reveal", parties.people["operator"], id=case["id"])
    assert shown["number"] == f"CHN/{passport}", "the operator alone sees it, and that is recorded"
    answers += [parties.call("show", who, id=party["id"]) for who in (user, parties.people["operator"])]
    answers.append(parties.call("verification_show", parties.people["operator"], id=case["id"]))
    for needle in (number, passport, number[:-1]):
        assert needle not in str(answers)
        assert needle not in caplog.text
    assert "Request data extracted" in caplog.text, "the log was heard"
    dump = _dump()
    assert user["id"] in dump, "the dump is one of this portal"
    for needle in (number, passport, number[:-1], secret.hex(), number.encode().hex()):
        assert needle not in dump
    rows = list(model.Session.scalars(sa.select(Number)))
    expected = {"international": ("aes-256-gcm", "hmac-sha-256"), "chinese": ("sm4-gcm", "hmac-sm3")}
    assert {(row.algorithm, row.digest_algorithm) for row in rows} == {expected[suite]}


def listen(caplog: pytest.LogCaptureFixture) -> None:
    """Hear everything: the tests' settings of logging make CKAN's loggers mute."""
    caplog.set_level(logging.DEBUG)
    for name in ("ckan", "ckan.views.api", "ckan.logic", "ckanext", "sqlalchemy", "werkzeug"):
        logger = logging.getLogger(name)
        logger.disabled = False
        caplog.set_level(logging.DEBUG, logger=name)
        if caplog.handler not in logger.handlers:
            logger.addHandler(caplog.handler)


def _dump() -> str:
    url = make_url(str(tk.config["sqlalchemy.url"])).set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(["pg_dump", url], check=True, capture_output=True, text=True).stdout


def test_a_seal_copied_onto_another_party_s_record_does_not_open(parties: Portal) -> None:
    one, two = parties.people["data_user"], parties.person("two")
    for serial, user in enumerate((one, two)):
        parties.result("register", user, kind="person", name="x", document="resident_id", number=resident(serial))
    first, second = model.Session.scalars(sa.select(Number).order_by(Number.created_at))
    second.sealed = first.sealed
    model.Session.commit()
    with pytest.raises(SealBroken):
        numbers.masked(second)


def test_keys_are_made_once_readable_to_their_owner_alone_and_never_replaced_when_lost(
    parties: Portal, keys: Path
) -> None:
    user = parties.people["data_user"]
    given = {"kind": "enterprise", "name": "x", "document": "uscc"}
    parties.result("register", user, **given, number=enterprise_code(1))
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.unlink()
    refused = parties.refusal("register", user, **given, number=enterprise_code(2))
    assert "tell the operator" in refused["number"][0]
    assert not keys.exists()
    keys.write_text("{}", encoding="utf-8")
    assert "tell the operator" in parties.refusal("register", user, **given, number=enterprise_code(3))["number"][0]
