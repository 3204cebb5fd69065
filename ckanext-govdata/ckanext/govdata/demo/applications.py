"""Applications and agreements of the demo: a dozen in different states, one agreement in force, for each list of each desk.

They are made by the same actions that people use, as the demo's people. Nothing of them can be deleted: cases and the ledger keep
what happened, so `demo remove` leaves them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from ..access.parties.model import Member, Party
from ..agreements import keeping
from ..columns import now
from ..confirming import Confirmation
from ..tables.store import portal_context
from .catalogue import MAIL_DOMAIN, agency_name, identity
from .people import REVIEWING_AGENCY

Say = Callable[[str], None]
_DONE = "govdata.demo.applications"
_OFFICER, _APPLICANT, _AUTHORITY = "jianghai-decider", "jianghai-applicant", "jianghai-authority"
# By whose sign-in the first firm applies and signs: that of a portal's first start, or the demo's own.
_VISITORS = ("data-user", "citizen")
_FIRMS = {
    "zhixing": "江海智行科技有限公司（演示）",
    "linchao": "临潮数据服务有限公司（演示）",
    "yunpu-lab": "云浦城市研究院（演示）",
    "haitong": "海通物流股份有限公司（演示）",
}


@dataclass(frozen=True)
class Wish:
    """An application to be: whose, for which entry of the city, with what purpose, and how far it goes."""

    firm: str
    entry: str
    agency: str
    purpose: str
    scenario: str
    until: str


WISHES = (
    Wish("zhixing", "parking-live", "transport", "social_services", "停车诱导小程序，向市民展示空余泊位", "effective"),
    Wish("zhixing", "bus-arrivals", "bus", "innovation", "换乘规划中显示下一班到站时间", "submitted"),
    Wish("zhixing", "hospital-waiting", "health", "social_services", "就医出行时间建议", "returned"),
    Wish("zhixing", "power-charging-load", "power", "innovation", "推荐空闲的充电站", "draft"),
    Wish("zhixing", "traffic-flow-wangchao", "police", "governance", "商圈停车与路口流量联合分析", "presented"),
    Wish("linchao", "parking-live", "transport", "innovation", "夜间共享停车撮合", "submitted"),
    Wish("linchao", "traffic-flow-linwan", "police", "social_services", "港区货车错峰提示", "appealed"),
    Wish("yunpu-lab", "parking-live", "transport", "research", "停车供需与出行方式研究", "resubmitted"),
    Wish("yunpu-lab", "hotline-tickets", "data", "research", "热线诉求的文本分类研究", "refused"),
    Wish("yunpu-lab", "emission-online", "ecology", "research", "排放时段特征研究", "withdrawn"),
    Wish("haitong", "parking-live", "transport", "governance", "货车临时停靠点评估", "approved"),
    Wish("haitong", "bus-arrivals", "bus", "innovation", "员工通勤班车衔接", "sent_back"),
    Wish("haitong", "radar", "weather", "social_services", "运输途中的强对流提醒", "signed"),
)


def load_applications(say: Say) -> int:
    """Make the applications that are missing; returns how many. The city has to be loaded, keys and a model text to be there."""
    stored = model.get_system_info(_DONE)
    done = int(stored or 0)
    if done >= len(WISHES):
        return 0
    people = _people()
    for number, wish in enumerate(WISHES[done:], start=done + 1):
        _make(wish, people)
        model.set_system_info(_DONE, str(number))
        say(f"applications: {number} of {len(WISHES)}")
    return len(WISHES) - done


def _people() -> dict[str, str]:
    """Firm to the login that applies for it; officers are seated where the wishes need them."""
    for login, post in (
        (_OFFICER, "数据审批岗（演示）"),
        (_APPLICANT, "申请经办人（演示）"),
        (_AUTHORITY, "监督管理岗（演示）"),
    ):
        if model.User.by_name(login) is None:
            _account(login, post)
    for agency in sorted({wish.agency for wish in WISHES}):
        _seat(_OFFICER, agency, "admin")
    for login, capacity in (("decider", "admin"), ("publisher", "editor")):
        if model.User.by_name(login) is not None:
            _seat(login, REVIEWING_AGENCY, capacity)
    tk.get_action("govdata_officer_appoint")(portal_context(), {"user": _AUTHORITY, "role": "authority"})
    visitor = next((name for name in _VISITORS if model.User.by_name(name) is not None), _APPLICANT)
    people = {firm: visitor if firm == "zhixing" else _APPLICANT for firm in _FIRMS}
    for firm, login in people.items():
        _firm(firm, login)
    return people


def _account(login: str, post: str) -> None:
    given = {"id": identity("person", login), "name": login, "fullname": post, "email": f"{login}@{MAIL_DOMAIN}"}
    tk.get_action("user_create")(portal_context(), {**given, "password": secrets.token_urlsafe(24)})


def _seat(login: str, agency: str, capacity: str) -> None:
    seat = {"id": agency_name(agency), "username": login, "role": capacity}
    tk.get_action("organization_member_create")(portal_context(), seat)


def _firm(firm: str, login: str) -> None:
    """A firm that counts as verified; it has no number, since no register has it."""
    if model.Session.get(Party, identity("party", firm)) is not None:
        return
    user = model.User.by_name(login)
    row = Party(id=identity("party", firm), kind="enterprise", name=_FIRMS[firm], state="verified")
    row.verified_at, row.created_by = now(), user.id if user else ""
    model.Session.add(row)
    model.Session.flush()
    member = Member(party_id=row.id, user_id=row.created_by, role="legal_representative", manages=True)
    member.confirmed_at = now()
    model.Session.add(member)
    model.Session.commit()


class _Case:
    """One application on its way, step by step, each by whoever takes it."""

    def __init__(self, wish: Wish, applicant: str) -> None:
        self.wish, self.applicant, self.id, self.document = wish, applicant, "", ""

    def act(self, login: str, action: str, **data: Any) -> Any:
        context: Any = {"user": login, "auth_user_obj": model.User.by_name(login)}
        return tk.get_action(f"govdata_{action}")(context, data)

    def draft(self) -> None:
        dataset = identity("dataset", self.wish.entry)
        asked = self.act(self.applicant, "application_options", id=dataset)
        content = {
            "purpose": self.wish.purpose,
            "scenario": self.wish.scenario,
            "security": "数据存放于境内机房，专人管理账号，到期删除",
            "modes": ["download", "api"],
            "months": 12,
            "public_good": self.wish.purpose == "research",
            "consent": True,
            "answers": dict.fromkeys(asked["conditions"], "符合，材料备查"),
        }
        given = {"id": dataset, "party": identity("party", self.wish.firm), **content}
        self.id = self.act(self.applicant, "application_draft", **given)["id"]

    def submit(self) -> None:
        self.act(self.applicant, "application_submit", id=self.id)

    def give_back(self) -> None:
        missing = {"scenario": "请写明服务的区域和用户", "condition-2": "请写明安全保护措施的负责人"}
        self.act(_OFFICER, "application_return", id=self.id, missing=missing, reason="请补正两项内容")

    def complete(self) -> None:
        words = f"{self.wish.scenario}，服务范围为市区"
        self.act(self.applicant, "application_update", id=self.id, scenario=words)
        self.act(self.applicant, "application_complete", id=self.id)

    def withdraw(self) -> None:
        self.act(self.applicant, "application_withdraw", id=self.id, reason="项目调整")

    def refuse(self) -> None:
        words = {"reason": "现有用途说明与所申请的数据项不相称", "basis": "《江海市公共数据开放办法（示例）》第十二条"}
        self.act(_OFFICER, "application_decide", id=self.id, accept=False, **words)

    def appeal(self) -> None:
        self.act(self.applicant, "application_appeal", id=self.id, reason="用途已逐项说明，请复核")

    def send_back(self) -> None:
        self.act(_AUTHORITY, "application_appeal_decide", id=self.id, uphold=False, reason="请按逐项说明重新审核")

    def approve(self) -> None:
        self.act(_OFFICER, "application_decide", id=self.id, accept=True)

    def present(self) -> None:
        self.document = str(self.act(_OFFICER, "agreement_present", id=self.id, quota=1000)["document"])

    def sign(self) -> None:
        user = model.User.by_name(self.applicant)
        name, by = (str(user.fullname or user.name), user.id) if user else ("", "")
        keeping.mark_read(self.document, by)
        keeping.sign_agreed(self.document, by, name, name, Confirmation())
        model.Session.commit()

    def seal(self) -> None:
        user = model.User.by_name(_OFFICER)
        if user is not None:
            keeping.seal(self.document, user.id, str(user.fullname), Confirmation())
        model.Session.commit()


_RECEIVED = ("draft", "submit")
_AGREED = (*_RECEIVED, "approve", "present")
# The steps that lead to each state.
_WAYS: dict[str, tuple[str, ...]] = {
    "draft": ("draft",),
    "submitted": _RECEIVED,
    "returned": (*_RECEIVED, "give_back"),
    "resubmitted": (*_RECEIVED, "give_back", "complete"),
    "withdrawn": (*_RECEIVED, "withdraw"),
    "refused": (*_RECEIVED, "refuse"),
    "appealed": (*_RECEIVED, "refuse", "appeal"),
    "sent_back": (*_RECEIVED, "refuse", "appeal", "send_back"),
    "approved": (*_RECEIVED, "approve"),
    "presented": _AGREED,
    "signed": (*_AGREED, "sign"),
    "effective": (*_AGREED, "sign", "seal"),
}


def _make(wish: Wish, people: dict[str, str]) -> None:
    case = _Case(wish, people[wish.firm])
    for step in _WAYS[wish.until]:
        getattr(case, step)()
