"""Agreements in a portal: an authority's text in force, a verified party with its signer, keys in a folder of their own."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.govdata.access.parties.model import Member, Party
from ckanext.govdata.agreements import keeping
from ckanext.govdata.agreements.documents.domain import Use
from ckanext.govdata.agreements.gathering import facts_of
from ckanext.govdata.agreements.model import Document
from ckanext.govdata.agreements.sealing import folder
from ckanext.govdata.columns import now

NAME = "连云港海州数据科技有限公司"


class Desk:
    """What the tests do at the desks of both sides."""

    def __init__(self, people: dict[str, Any], make_entry: Callable[..., dict[str, Any]]) -> None:
        self.people = people
        self.entry = make_entry(
            open_tier="conditional",
            open_conditions="仅限注册地在江苏省的企业申请。",
            use_codes=["no_third_party", "cite_source", "report_use:6"],
            data_items=[{"name": "name", "title": "停车场名称"}, {"name": "free", "title": "空余泊位"}],
        )
        self.signer = factories.User(name="signer", fullname="李明")
        self.party = self.verified(NAME)
        self.member(self.party, self.signer["id"])
        self.text = self.act("text_draft", "authority")
        self.text = self.act("text_enforce", "authority", id=self.text["id"])

    def verified(self, name: str) -> str:
        """A verified enterprise."""
        party = Party(kind="enterprise", name=name, state="verified", created_by="test", verified_at=now())
        model.Session.add(party)
        model.Session.commit()
        return str(party.id)

    def member(self, party: str, user: str, role: str = "legal_representative") -> None:
        """A user with a confirmed role."""
        model.Session.add(Member(party_id=party, user_id=user, role=role, confirmed_at=now(), manages=True))
        model.Session.commit()

    def present(self, **changes: Any) -> Document:
        """An agreement that waits for the user's signature."""
        start = datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc)
        use = Use("product", {"zh_Hans_CN": "产品开发", "en": "Products"}, "停车诱导", "加密存储", ["download", "api"])
        package = tk.get_action("package_show")({"ignore_auth": True}, {"id": self.entry["id"]})
        given = {"starts_at": start, "ends_at": start + datetime.timedelta(days=365), **changes}
        facts = facts_of(package, self.party, use, given.pop("starts_at"), given.pop("ends_at"), **given)
        row = keeping.present(facts, self.people["decider"]["id"])
        model.Session.commit()
        return row

    def act(self, action: str, who: str, **data: Any) -> dict[str, Any]:
        """An action of agreements as one of the people, or the signer, on the command line, where no second factor is asked."""
        name = self.signer["name"] if who == "signer" else self.people[who]["name"]
        return tk.get_action(f"govdata_agreement_{action}")({"user": name}, data)

    def sign(self, document: Document) -> dict[str, Any]:
        """The user reads to the end and signs."""
        self.act("document_read", "signer", id=document.id)
        return self.act("document_sign", "signer", id=document.id, name="李明")

    def sealed(self) -> Document:
        """An agreement that both have signed."""
        row = self.present()
        self.sign(row)
        self.act("document_seal", "decider", id=row.id)
        found = keeping.get(row.id)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def kept_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealing") / "keys"


@pytest.fixture
def desk(
    people: dict[str, Any],
    make_entry: Callable[..., dict[str, Any]],
    ckan_config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    kept_keys: Path,
) -> Desk:
    monkeypatch.setitem(ckan_config, "govdata.agreements.path", str(kept_keys))
    if not kept_keys.exists():
        folder().make("连云港市公共数据开放平台")
    return Desk(people, make_entry)
