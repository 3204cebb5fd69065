"""An identity service's word, the change of keys, and the purge, on a real database."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from click.testing import CliRunner

from ckanext.govdata.access.parties import numbers
from ckanext.govdata.access.parties.claims import facts_changed
from ckanext.govdata.access.parties.model import Evidence, Number, Party
from ckanext.govdata.access.parties.purging import purge
from ckanext.govdata.access.parties.sealing import Keyring
from ckanext.govdata.access.parties.standing import may_sign, parties_of
from ckanext.govdata.cli.parties import parties as command
from ckanext.govdata_login.mapping import facts_of

from .conftest import Portal, enterprise_code, resident

MAPPING = {
    "party": {"from": "user_type", "words": {"1": "natural", "2": "legal"}},
    "party_name": {"from": "corp.name"},
    "uscc": {"from": "corp.uscc", "check": "uscc"},
    "party_number": {"from": "id_card"},
    "party_role": {"from": "corp.role", "words": {"FR": "legal_representative"}},
}


def person(number: str) -> dict[str, Any]:
    return dict(facts_of({"user_type": "1", "name": "王小明", "id_card": number}, MAPPING).values)


def firm(number: str, role: str = "FR") -> dict[str, Any]:
    claims = {"user_type": "2", "name": "王小明", "corp": {"name": "江海数据有限公司", "uscc": number, "role": role}}
    return dict(facts_of(claims, MAPPING).values)


@pytest.mark.requirement("ZB-12")
def test_a_service_verifies_a_person_and_takes_the_role_back_when_it_no_longer_vouches(parties: Portal) -> None:
    user, twin = parties.people["data_user"], parties.person("twin")
    party = facts_changed(user["id"], "province", person(resident(1)), {})
    assert party is not None and (party.state, party.name) == ("verified", "王小明")
    assert may_sign(party.id, user["id"]).allowed
    again = facts_changed(user["id"], "province", person(resident(1)), person(resident(1)))
    assert again is not None and again.id == party.id, "each sign-in says it anew"
    assert facts_changed(twin["id"], "province", person(resident(1)), {}) is None, "one number, one account"
    assert parties_of(twin["id"]) == []
    facts_changed(user["id"], "other", {}, person(resident(1)))
    assert may_sign(party.id, user["id"]).allowed, "another service takes nothing back"
    facts_changed(user["id"], "province", {}, {"party": "natural"})
    assert may_sign(party.id, user["id"]).reason == "role_unverified"


@pytest.mark.requirement("ZB-12", "LYG-19")
def test_a_service_leads_people_into_their_enterprise_and_one_of_them_represents_it(parties: Portal) -> None:
    chief, clerk, rival = parties.people["data_user"], parties.person("clerk"), parties.person("rival")
    party = facts_changed(chief["id"], "province", firm(enterprise_code(1)), {})
    assert party is not None
    assert may_sign(party.id, chief["id"]).reason == "legal_representative"
    facts_changed(clerk["id"], "province", firm(enterprise_code(1), "staff"), {})
    assert may_sign(party.id, clerk["id"]).reason == "not_signer"
    facts_changed(rival["id"], "province", firm(enterprise_code(1)), {})
    assert may_sign(party.id, rival["id"]).reason == "not_signer", (
        "a second representative is for the operator to decide"
    )
    assert may_sign(party.id, chief["id"]).allowed
    facts_changed(chief["id"], "province", firm(enterprise_code(2)), firm(enterprise_code(1)))
    assert may_sign(party.id, chief["id"]).reason == "role_unverified"


@pytest.mark.requirement("LYG-40")
def test_a_service_does_not_bring_a_blocked_party_back(parties: Portal) -> None:
    user, again = parties.people["data_user"], parties.person("again")
    claimed = parties.result("register", user, kind="enterprise", name="x", document="uscc", number=enterprise_code(1))
    given = {"breach": "attack", "reason": "攻击", "until": "2099-01-01", "danger": True}
    parties.result("block_propose", parties.people["operator"], id=claimed["id"], **given)
    assert facts_changed(again["id"], "province", firm(enterprise_code(1)), {}) is None
    assert not any(ref.verified for ref in parties_of(again["id"]))


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_change_of_keys_and_algorithm_keeps_every_number_and_its_uniqueness(parties: Portal, keys: Path) -> None:
    user, other = parties.people["data_user"], parties.person("other")
    party = parties.enterprise(user, enterprise_code(1))
    before = Keyring.read(keys.read_text())
    assert "3 records sealed anew" not in run("rekey")
    assert "sealed anew" in run("rekey", "--suite", "chinese", "--digests")
    after = Keyring.read(keys.read_text())
    assert not set(before.keys) & set(after.keys), "old keys are gone once nothing needs them"
    row = model.Session.scalars(sa.select(Number)).one()
    assert (row.algorithm, row.digest_algorithm, numbers.revealed(row)) == ("sm4-gcm", "hmac-sm3", enterprise_code(1))
    assert {one.algorithm for one in model.Session.scalars(sa.select(Evidence))} == {"sm4-gcm"}
    double = parties.result("register", other, kind="enterprise", name="x", document="uscc", number=enterprise_code(1))
    case = parties.case(other, id=double["id"], kind="identity")
    data = {"id": case["id"], "accept": True, "reason": "x"}
    assert "is verified" in parties.refusal("verification_decide", parties.people["operator"], **data)["id"][0]
    assert "seals now" in run("status")
    assert parties.result("show", user, id=party["id"])["numbers"][0]["masked"].endswith(enterprise_code(1)[-4:])


@pytest.mark.requirement("LYG-17")
def test_what_is_over_its_term_is_purged_and_what_is_not_stays(parties: Portal) -> None:
    user, other = parties.people["data_user"], parties.person("other")
    gone = parties.enterprise(user, enterprise_code(1), "要注销的公司")
    stays = parties.enterprise(other, enterprise_code(2), "要保留的公司")
    parties.result("close", user, id=gone["id"])
    assert purge() == {"parties": 0, "numbers": 0, "files": 0}
    for table, column in (("party", "ended_at"), ("party_verification", "decided_at")):
        model.Session.execute(sa.text(f"UPDATE govdata_{table} SET {column} = {column} - interval '4 years'"))
    model.Session.commit()
    assert purge() == {"parties": 1, "numbers": 0, "files": 1}
    assert run("purge").startswith("Purged 0 parties")
    party = model.Session.get(Party, gone["id"])
    assert party is not None and party.name == "" and party.purged_at > datetime.datetime(2026, 1, 1)
    assert list(model.Session.scalars(sa.select(Number.party_id))) == [stays["id"]]
    assert parties.result("show", other, id=stays["id"])["numbers"]
    assert parties.result("show", parties.people["authority"], id=gone["id"])["history"][0]["event"] == "purged"
