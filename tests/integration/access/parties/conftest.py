"""Parties over HTTP: people with tokens, keys in a folder of their own, numbers with right check digits."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from stdnum.cn import ric, uscc

from ...catalogue.api import call, refusal, result

PDF = b"%PDF-1.4 the operator alone reads this"


def resident(serial: int) -> str:
    """A resident's number that nobody has: the serial makes it another one."""
    bare = f"3207061990{serial // 1000 % 12 + 1:02d}07{serial % 1000:03d}"
    return bare + ric.calc_check_digit(bare + "0")


def enterprise_code(serial: int) -> str:
    bare = f"91320706MA{serial:07d}"
    return bare + uscc.calc_check_digit(bare + "0")


class Portal:
    """The portal's API as the tests call it."""

    def __init__(self, app: Any, people: dict[str, dict[str, Any]]) -> None:
        self.app, self.people = app, people

    def person(self, name: str, office: str = "") -> dict[str, Any]:
        """A user with a token, appointed to an office if one is named."""
        user = factories.User(name=name)
        if office:
            tk.get_action("govdata_officer_appoint")(
                {"user": "administrator", "ignore_auth": True}, {"user": name, "role": office}
            )
        token = tk.get_action("api_token_create")({"ignore_auth": True}, {"user": name, "name": "test"})["token"]
        return {**user, "token": token}

    def call(self, action: str, who: Any = None, **data: Any) -> tuple[int, dict[str, Any]]:
        return call(self.app, f"govdata_party_{action}", who, **data)

    def result(self, action: str, who: Any = None, **data: Any) -> Any:
        return result(self.app, f"govdata_party_{action}", who, **data)

    def refusal(self, action: str, who: Any = None, **data: Any) -> dict[str, Any]:
        return refusal(self.app, f"govdata_party_{action}", who, **data)

    def hand_in(self, who: dict[str, Any], *files: bytes, **data: Any) -> tuple[int, dict[str, Any]]:
        """Send proofs as a form does."""
        names = ("evidence", "evidence_2", "evidence_3")
        uploads = {name: (io.BytesIO(file), "证照.pdf") for name, file in zip(names, files, strict=False)}
        answer = self.app.post(
            "/api/3/action/govdata_party_verification_ask",
            data={**data, **uploads},
            headers={"Authorization": who["token"]},
            content_type="multipart/form-data",
        )
        return answer.status_code, answer.json

    def case(self, who: dict[str, Any], **data: Any) -> dict[str, Any]:
        status, answer = self.hand_in(who, PDF, **data)
        assert status == 200, answer
        return answer["result"]

    def decide(self, case: dict[str, Any], accept: bool = True, officer: str = "operator") -> Any:
        data = {"id": case["id"], "accept": accept, "reason": "与原件核对一致"}
        return self.result("verification_decide", self.people[officer], **data)

    def enterprise(self, chief: dict[str, Any], number: str, name: str = "江海数据有限公司") -> dict[str, Any]:
        """A verified enterprise with this person as its verified legal representative."""
        given = {"kind": "enterprise", "name": name, "role": "legal_representative"}
        party = self.result("register", chief, **given, document="uscc", number=number)
        self.decide(self.case(chief, id=party["id"], kind="identity"))
        return self.result("show", chief, id=party["id"])

    def invite(self, chief: dict[str, Any], party: dict[str, Any], guest: dict[str, Any]) -> str:
        """Take somebody in; answers the id of the membership."""
        code = self.result("invite", chief, id=party["id"])["code"]
        self.result("join", guest, code=code)
        members = self.result("show", chief, id=party["id"])["members"]
        return next(one["id"] for one in members if one["user_id"] == guest["id"])


@pytest.fixture
def keys(tmp_path: Path, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key file that only this test has."""
    file = tmp_path / "keys" / "parties.keys"
    monkeypatch.setitem(ckan_config, "govdata.parties.keys", str(file))
    return file


@pytest.fixture
def parties(app: Any, people: dict[str, dict[str, Any]], keys: Path) -> Portal:
    return Portal(app, people)


@pytest.fixture
def block(parties: Portal) -> Callable[..., dict[str, Any]]:
    """Block a party by the whole procedure."""

    def make(party_id: str, reply_by: dict[str, Any]) -> dict[str, Any]:
        given = {"breach": "agreement_duties", "reason": "转给第三方", "until": "2099-12-31"}
        row = parties.result("block_propose", parties.people["operator"], id=party_id, **given)
        parties.result("block_reply", reply_by, id=row["id"], text="没有转给他人")
        decision = {"id": row["id"], "accept": True, "reason": "证据确凿"}
        return parties.result("block_decide", parties.people["authority"], **decision)

    return make
