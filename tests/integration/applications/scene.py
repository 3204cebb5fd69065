"""The applicant's and the agency's people at one conditional dataset, and the steps between them as short calls."""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.govdata.columns import new_id

from ...agreed import make_party

CONTENT = {
    "purpose": "innovation",
    "scenario": "停车诱导小程序，展示空余泊位",
    "security": "数据存放于本地机房，专人管理，等保二级",
    "modes": ["download", "api"],
    "months": 12,
    "answers": {"condition-1": "仅用于本市停车服务", "condition-2": "已通过等保二级测评"},
}
CONDITIONS = "仅用于申请的场景\n系统达到网络安全等级保护二级"


class Scene:
    """Calls actions as somebody; `refused` answers the words of a refusal."""

    def __init__(self, people: dict[str, dict[str, Any]], entry: dict[str, Any], party: str) -> None:
        self.people, self.entry, self.party = people, entry, party

    def call(self, action: str, who: str, **data: Any) -> Any:
        model.Session.rollback()
        return tk.get_action(f"govdata_{action}")({"user": self.people[who]["name"]}, data)

    def refused(self, action: str, who: str, **data: Any) -> dict[str, Any]:
        with pytest.raises((tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)) as caught:
            self.call(action, who, **data)
        error = caught.value
        return error.error_dict if isinstance(error, tk.ValidationError) else {"message": str(error)}

    def draft(self, who: str = "data_user", **data: Any) -> str:
        given = {**CONTENT, "party": self.party, "id": self.entry["id"], **data}
        return self.call("application_draft", who, **given)["id"]

    def submitted(self, **data: Any) -> str:
        application = self.draft(**data)
        self.call("application_submit", "data_user", id=application)
        return application

    def approved(self, **data: Any) -> str:
        application = self.submitted(**data)
        self.call("application_decide", "decider", id=application, accept=True, award_checked=True)
        return application

    def effective(self, **data: Any) -> dict[str, Any]:
        """An agreement that was presented, signed and sealed."""
        agreement = self.call("agreement_present", "decider", id=self.approved(**data))
        self.sign(agreement)
        return self.seal(agreement)

    def sign(self, agreement: dict[str, Any]) -> dict[str, Any]:
        """The user reads to the end and signs."""
        self.call("agreement_document_read", "data_user", id=agreement["document"])
        self.call("agreement_document_sign", "data_user", id=agreement["document"], name="王芳")
        return self.call("agreement_show", "data_user", id=agreement["id"])

    def seal(self, agreement: dict[str, Any]) -> dict[str, Any]:
        """The agency seals."""
        self.call("agreement_document_seal", "decider", id=agreement["document"])
        return self.call("agreement_show", "decider", id=agreement["id"])

    def shared(self, kind: str, **more: str) -> str:
        """卫生健康委员会 drafts an application for a dataset of 交通运输局, shared as named; it is the entry from now on."""
        fields = {
            "name": f"shared-{kind.replace('_', '-')}-{new_id()[:8]}",
            "title": "驾驶员信息",
            "owner_org": self.entry["owner_org"],
            "open_tier": "conditional",
            "open_basis": "第八条",
            "open_conditions": self.entry["open_conditions"],
            "sharing_tier": kind,
            "sharing_basis": "第二十条",
            **more,
        }
        self.entry = tk.get_action("package_create")({"ignore_auth": True, "user": "administrator"}, fields)
        given = {**CONTENT, "purpose": "duty", "agency": "weijianwei", "id": self.entry["id"]}
        return str(self.call("application_draft", "other_publisher", **given)["id"])

    def state(self, application: str) -> str:
        return str(self.call("application_show", "authority", id=application)["state"])


def set_scene(people: dict[str, dict[str, Any]], make_entry: Any) -> Scene:
    """A conditional dataset of 交通运输局 with two conditions and two items, and an enterprise that would use it."""
    entry = make_entry(
        open_tier="conditional",
        open_basis="某市数据管理办法第八条",
        open_conditions=CONDITIONS,
        sharing_tier="conditional",
        sharing_basis="第二十条",
        data_items=[{"name": "lot", "title": "停车场"}, {"name": "spaces", "title": "泊位数"}],
    )
    for name in ("second_decider", "second_authority"):
        people[name] = factories.User(name=name.replace("_", "-"))
    tk.get_action("organization_member_create")(
        {"ignore_auth": True}, {"id": people["agency"]["id"], "username": "second-decider", "role": "admin"}
    )
    tk.get_action("govdata_officer_appoint")(
        {"user": "administrator", "ignore_auth": True}, {"user": "second-authority", "role": "authority"}
    )
    tk.get_action("user_patch")({"ignore_auth": True}, {"id": people["data_user"]["id"], "fullname": "王芳"})
    given: Any = {"user": people["authority"]["name"]}
    text = tk.get_action("govdata_agreement_text_draft")(dict(given), {})
    tk.get_action("govdata_agreement_text_enforce")(dict(given), {"id": text["id"]})
    people["dataset"] = entry["id"]
    return Scene(people, entry, make_party(people["data_user"]["id"]))
