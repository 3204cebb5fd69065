"""What people of the made-up city ask for and say: requests in each state, questions, ratings, by the demo's own people."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan import model

from ..cases.contributions import keeping
from ..cases.contributions.domain import Kind
from ..cases.contributions.model import Contribution
from ..cases.requests import filing
from ..cases.requests.domain import AGENCY, ASKER, MACHINE, OPERATOR
from ..cases.requests.model import DataRequest, DataRequestVoice
from ..workflow import cases
from ..workflow.model import Case
from .catalogue import identity

# Title, text, agency, who else asks, and what became of it with the agency's words.
REQUESTS = (
    (
        "新能源汽车充电桩实时状态",
        "全市公共充电桩的位置、功率和空闲状态。",
        "transport",
        2,
        "agree",
        "已列入下一批开放清单。",
    ),
    ("公交到站时间接口", "各线路车辆到站预测，供无障碍出行应用使用。", "transport", 1, "show", ""),
    ("道路监控点位坐标", "路口监控设备的经纬度。", "transport", 0, "refuse", "涉及公共安全，不予开放。"),
    ("儿童友好公园设施清单", "各公园的游乐设施、母婴室和无障碍坡道。", "", 0, "file", ""),
)

# Kind, stars, title, text, address, and the agency's answer.
SAID = (
    (Kind.QUESTION, "", "", "站点坐标用的是哪个坐标系？", "", "采用 2000 国家大地坐标系。"),
    (Kind.RATING, "5", "", "字段说明清楚，更新及时。", "", ""),
    (Kind.SUGGESTION, "", "", "希望增加无障碍设施字段。", "", ""),
    (Kind.REUSE, "", "江海出行助手（演示）", "查询最近的站点和线路。", "https://travel.example/", ""),
)


def load_voices(as_of: datetime.date) -> int:
    """File the requests and take them where they stand; those that are there stay. Returns how many are new."""
    present = set(model.Session.scalars(sa.select(DataRequest.title).where(DataRequest.case_id.in_(_own()))))
    new = 0
    for title, text, agency, others, then, words in REQUESTS:
        if title not in present and not (then == "file" and _waits()):
            _bring_in(title, text, agency, others, then, words, as_of)
            new += 1
    package = _spoken_of()
    said = sa.select(sa.func.count()).where(Contribution.author == identity("person", "citizen"), Contribution.living)
    if package is not None and not model.Session.scalar(said):
        new += sum(_say(package, *one) for one in SAID)
    model.Session.commit()
    return new


def _spoken_of() -> model.Package | None:
    """The first open dataset of the agency whose desk the demo's decider sits at."""
    found = sa.select(model.Package).where(
        model.Package.owner_org == identity("agency", "transport"),
        model.Package.private.is_(False),
        model.Package.state == "active",
        model.Package.extras["open_tier"].astext == "unconditional",
    )
    return model.Session.scalars(found.order_by(model.Package.name)).first()


def _say(package: model.Package, kind: Kind, stars: str, title: str, text: str, url: str, answer: str) -> int:
    operator, decider = identity("person", "operator"), identity("person", "decider")
    given = {"stars": stars, "title": title, "text": text, "url": url}
    row = keeping.hand_in(package, identity("person", "citizen"), kind, given)
    for command, by, role in (("show", operator, OPERATOR), *([("answer", decider, AGENCY)] if answer else [])):
        cases.take(row.case_id, command, by, role, reason=answer if command == "answer" else "")
        keeping.follow(row, cases.locked(row.case_id), command, answer, by)
    return 1


def remove_voices() -> int:
    """Take the requests off the portal; their cases stay settled, as the history that they are. Returns how many there were."""
    rows = list(model.Session.scalars(sa.select(DataRequest).where(DataRequest.case_id.in_(_own()))))
    for row in rows:
        case = cases.locked(row.case_id)
        by = {"filed": ("take-back", ASKER, "citizen"), "shown": ("refuse", AGENCY, "decider")}
        command, role, person = by.get(case.state, ("refuse", AGENCY, "decider"))
        if case.state in ("filed", "shown", "agreed"):
            cases.take(case.id, command, identity("person", person), role, reason="演示数据已移除")
        filing.forget(row)
    said = list(
        model.Session.scalars(sa.select(Contribution).where(Contribution.author == identity("person", "citizen")))
    )
    for row in said:
        keeping.forget(row)
    model.Session.commit()
    return len(rows) + len(said)


def _own() -> sa.Select[tuple[str]]:
    return sa.select(Case.id).where(Case.machine == MACHINE, Case.opened_by == identity("person", "citizen"))


def _waits() -> bool:
    waiting = (
        sa.select(sa.func.count())
        .select_from(DataRequest)
        .where(DataRequest.title == "", DataRequest.case_id.in_(_own()))
    )
    return bool(model.Session.scalar(waiting))


def _bring_in(title: str, text: str, agency: str, others: int, then: str, words: str, as_of: datetime.date) -> None:
    asker, operator, decider = (identity("person", one) for one in ("citizen", "operator", "decider"))
    row = filing.file(asker, {"title": title, "text": text, "purpose": ""}, None)
    if then == "file":
        return
    cases.take(row.case_id, "show", operator, OPERATOR)
    filing.show(row, cases.locked(row.case_id), title, text, identity("agency", agency), operator)
    for one in ("publisher", "authority")[:others]:
        model.Session.add(DataRequestVoice(case_id=row.case_id, user_id=identity("person", one)))
    row.voices = 1 + others
    if then in ("agree", "refuse"):
        cases.take(row.case_id, then, decider, AGENCY, reason=words)
        row.promised = as_of + datetime.timedelta(days=60) if then == "agree" else None
        filing.answered(row, words, decider)


__all__ = ("load_voices", "remove_voices")
