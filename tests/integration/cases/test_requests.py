"""Requests for data: asked, shown after a look, joined, supported once an account, agreed, fulfilled; nobody's name in public."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.cases import limits
from ckanext.govdata.cases.requests import reminding
from ckanext.govdata.cases.requests.domain import PUBLIC, grams, likeness
from ckanext.govdata.cases.requests.machine import REQUEST
from ckanext.govdata.cases.requests.model import DataRequest, DataRequestVoice
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.workflow import cases
from tests.integration.access.stage import PLUGINS, Dataset, Stage, entries

from .scene import asking, own_dataset, state_of

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("YZ-28", "GY-c5", "LYG-18"),
]
SECRET = "我叫张三电话13800000000"
PERSONS = {"agency": "own_agency", "authority": "authority", "operator": "operator", "asker": "signed_in"}
DAY = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
ask, result = asking("govdata_request_")


@pytest.fixture
def data(stage: Stage, unlimited: None) -> Iterator[Dataset]:
    yield own_dataset(stage, "unconditional", "asked")
    model.Session.rollback()


def file(app: Any, stage: Stage, visitor: str = "signed_in", title: str = "充电桩实时状态", **more: Any) -> str:
    order = {"title": title, "text": f"全市公共充电桩的位置和空闲状态。{SECRET}", "purpose": SECRET, **more}
    return result(app, stage, visitor, "file", **order)["number"]


def step(app: Any, stage: Stage, visitor: str, number: str, command: str, **more: Any) -> Any:
    return ask(app, stage, visitor, "step", number=number, command=command, **more)


def show(app: Any, stage: Stage, data: Dataset, number: str, **more: Any) -> None:
    words = {"title": "充电桩实时状态", "text": "全市公共充电桩的位置和空闲状态。", "agency": agency(data), **more}
    answer = step(app, stage, "operator", number, "show", **words)
    assert answer.status_code == 200, answer.json


def agency(data: Dataset) -> str:
    package = model.Package.get(data.id)
    assert package is not None and package.owner_org
    return package.owner_org


def row_of(number: str) -> DataRequest:
    model.Session.expire_all()
    return model.Session.scalars(sa.select(DataRequest).where(DataRequest.number == number)).one()


def told(number: str, text: str) -> list[str]:
    found = sa.select(Notice.user_id).where(Notice.about == row_of(number).case_id, Notice.text == text)
    return sorted(model.Session.scalars(found))


def ids(stage: Stage, *visitors: str) -> list[str]:
    return sorted((stage.people[one] or {})["id"] for one in visitors)


def test_a_request_is_joined_agreed_and_fulfilled_and_all_who_asked_are_told(
    app: Any, stage: Stage, data: Dataset
) -> None:
    number = file(app, stage)
    assert ask(app, stage, "anonymous", "show", number=number).status_code == 404
    assert ask(app, stage, "running", "support", number=number).status_code == 404, "nobody supports what is not shown"
    assert result(app, stage, "signed_in", "show", number=number)["asked"]["purpose"] == SECRET
    show(app, stage, data, number)
    assert result(app, stage, "running", "support", number=number)["voices"] == 2
    assert result(app, stage, "running", "support", number=number)["voices"] == 2, "one voice an account"
    again = file(app, stage, "applicant", "公共充电桩状态")
    assert number in [one["number"] for one in result(app, stage, "anonymous", "similar", text="充电桩状态")]
    assert step(app, stage, "operator", again, "join", into=number).status_code == 200
    assert row_of(number).voices == 3
    assert told(again, "request_joined") == ids(stage, "applicant")
    assert result(app, stage, "anonymous", "show", number=again)["number"] == number, "it goes on in the other"
    assert app.get(f"/requests/{again}", follow_redirects=False).headers["Location"].endswith(f"/requests/{number}")
    assert result(app, stage, "applicant", "show", number=again)["joined_to"] == number, "whoever asked sees their own"
    assert step(app, stage, "other_agency", number, "agree", promised=DAY).status_code == 403
    assert step(app, stage, "operator", number, "agree", promised=DAY).status_code == 409, "only the agency agrees"
    assert step(app, stage, "own_agency", number, "agree").status_code == 409, "a day is needed"
    assert step(app, stage, "own_agency", number, "agree", promised=DAY).status_code == 200
    everybody = ids(stage, "signed_in", "running", "applicant")
    assert told(number, "request_agreed") == everybody
    assert step(app, stage, "own_agency", number, "fulfil", dataset="no-such").status_code == 409
    assert step(app, stage, "own_agency", number, "fulfil", dataset=data.name).status_code == 200
    assert told(number, "request_fulfilled") == everybody
    shown = result(app, stage, "anonymous", "show", number=number)
    assert (shown["state"], shown["dataset"]["name"], shown["in_time"]) == ("fulfilled", data.name, True)
    assert ask(app, stage, "own_agency", "support", number=number).status_code == 409, "it is settled"


def test_an_agency_refuses_with_reasons_and_passes_on_what_is_not_its_own(
    app: Any, stage: Stage, data: Dataset
) -> None:
    number = file(app, stage)
    show(app, stage, data, number)
    assert step(app, stage, "own_agency", number, "refuse").status_code == 409, "a reason is needed"
    away = model.Session.scalars(
        sa.select(model.Group.id).where(model.Group.is_organization.is_(True), model.Group.id != agency(data))
    ).first()
    assert step(app, stage, "own_agency", number, "pass-on", agency=away).status_code == 409, "a reason is needed"
    assert step(app, stage, "own_agency", number, "pass-on", agency=away, reason="由电力部门管理").status_code == 200
    assert result(app, stage, "anonymous", "show", number=number)["agency"] == away
    assert step(app, stage, "own_agency", number, "refuse", reason="不").status_code == 403, "it is another's now"
    assert step(app, stage, "operator", number, "pass-on", agency=agency(data), reason="仍归你们").status_code == 200
    assert step(app, stage, "own_agency", number, "refuse", reason="涉及企业商业秘密").status_code == 200
    shown = result(app, stage, "anonymous", "show", number=number)
    assert (shown["state"], shown["reply"]) == ("refused", "涉及企业商业秘密")


def test_nobody_handles_their_own_request_and_a_single_asker_takes_it_back(
    app: Any, stage: Stage, data: Dataset
) -> None:
    number = file(app, stage, "operator")
    refused = step(app, stage, "operator", number, "show", agency=agency(data))
    assert refused.status_code == 409
    assert "another person" in str(refused.json["error"])
    assert step(app, stage, "signed_in", number, "take-back").status_code == 403
    assert step(app, stage, "operator", number, "take-back").status_code == 200
    other = file(app, stage)
    show(app, stage, data, other)
    result(app, stage, "running", "support", number=other)
    assert step(app, stage, "signed_in", other, "take-back").status_code == 409, "others ask for it too"


def test_a_promised_day_that_passes_is_told_once(app: Any, stage: Stage, data: Dataset) -> None:
    number = file(app, stage)
    show(app, stage, data, number)
    assert step(app, stage, "own_agency", number, "agree", promised=DAY).status_code == 200
    row_of(number).promised = datetime.date(2026, 1, 2)
    model.Session.commit()
    reminding.remind()
    first = told(number, "request_overdue")
    assert set(ids(stage, "authority", "own_agency")) <= set(first)
    reminding.remind()
    assert told(number, "request_overdue") == first


def public_output(app: Any, number: str) -> str:
    addresses = (
        "/requests", f"/requests/{number}", "/requests.csv", "/requests.json", "/requests/new?title=充电桩",
        "/api/3/action/govdata_request_list?limit=1000", f"/api/3/action/govdata_request_show?number={number}",
        "/api/3/action/govdata_request_figures", "/api/3/action/govdata_request_similar?text=充电桩",
    )  # fmt: skip
    return "".join(app.get(one).get_data(as_text=True) for one in addresses) + str(entries())


def test_no_public_output_says_who_asked_or_what_the_operator_took_out(app: Any, stage: Stage, data: Dataset) -> None:
    number = file(app, stage)
    before = app.get("/requests").get_data(as_text=True)
    assert number not in before
    show(app, stage, data, number)
    result(app, stage, "running", "support", number=number)
    pages = "".join(public_output(app, number).split(str(entries())))
    assert number in pages
    assert SECRET not in public_output(app, number)
    for visitor in ("signed_in", "running"):
        person = stage.people[visitor] or {}
        assert person["id"] not in pages


def test_the_search_for_what_is_there_comes_before_the_form(app: Any, stage: Stage, data: Dataset) -> None:
    first = app.get("/requests/new").get_data(as_text=True)
    assert 'id="ask-form"' not in first
    number, word = file(app, stage), model.types.make_uuid()[:8]
    show(app, stage, data, number, title=f"{word}充电桩状态")
    second = app.get(f"/requests/new?title={word}充电桩", headers=stage.headers("signed_in")).get_data(as_text=True)
    assert second.index(number) < second.index('id="ask-form"')


def test_the_search_for_what_is_there_finds_what_has_most_of_the_words(app: Any, stage: Stage, data: Dataset) -> None:
    word = f"空闲车位表{model.types.make_uuid()[:8]}"
    call_action("package_patch", {"user": "administrator", "ignore_auth": True}, id=data.id, notes=f"{word}，按停车场")
    page = app.get("/requests/new?title=停车场空闲车位价格变化").get_data(as_text=True)
    assert "The following come nearest" in page
    assert f"/dataset/{data.name}" in page
    nothing = app.get("/requests/new?title=鲸鱼迁徙路线").get_data(as_text=True)
    assert "No dataset has these words." in nothing
    assert app.get('/requests/new?title="(：').status_code == 200, "marks alone are nothing to look for"


def test_filters_orders_and_pages_of_the_list(app: Any, stage: Stage, data: Dataset) -> None:
    word = f"独有词{model.types.make_uuid()[:6]}"
    numbers = [file(app, stage) for _ in range(3)]
    for number in numbers:
        show(app, stage, data, number, title=f"{word}甲")
    result(app, stage, "running", "support", number=numbers[1])
    listed = result(app, stage, "anonymous", "list", q=word)
    assert (listed["count"], listed["results"][0]["number"]) == (3, numbers[1])
    newest = result(app, stage, "anonymous", "list", q=word, order="newest", limit=1, offset=1)
    assert [one["number"] for one in newest["results"]] == [numbers[1]]
    assert result(app, stage, "anonymous", "list", q=word, state="agreed")["count"] == 0
    assert result(app, stage, "anonymous", "list", q=word, agency="no-such")["count"] == 0
    assert result(app, stage, "running", "list", q=word, mine=True)["count"] == 0
    assert result(app, stage, "signed_in", "list", q=word, mine=True)["count"] == 3


def test_a_flood_is_limited_by_account_and_harms_nobody_else(
    app: Any, stage: Stage, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST", 3)
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 600 + random.SystemRandom().randrange(10**6))
    order = {"title": "充电桩", "text": "位置"}
    answers = [ask(app, stage, "applicant", "file", **order).status_code for _ in range(6)]
    assert answers == [200, 200, 200, 409, 409, 409]
    assert ask(app, stage, "running", "file", **order).status_code == 200


def test_a_form_that_a_program_filled_in_does_nothing(app: Any, stage: Stage, data: Dataset) -> None:
    count = sa.select(sa.func.count()).select_from(DataRequest)
    before = model.Session.scalar(count)
    form = {"title": "充电桩", "text": "位置", "website": "https://spam.example"}
    answer = app.post("/requests/new", data=form, headers=stage.headers("signed_in"), follow_redirects=False)
    assert answer.status_code == 302
    assert model.Session.scalar(count) == before


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("公共充电桩实时状态", "全市充电桩的实时数据", True),
        ("公交到站时间", "公交车实时到站", True),
        ("Air quality by hour", "hourly air quality data", True),
        ("学校名录", "充电桩位置", False),
        ("公共数据", "数据信息", False),
    ],
)
def test_requests_are_alike_by_what_they_ask_for(one: str, other: str, alike: bool) -> None:
    assert (likeness(grams(one), grams(other)) >= 0.34) is alike


def histories(app: Any, stage: Stage, data: Dataset, number_of: int) -> None:
    """Random commands by random people: legal states only, each step in the ledger, voices as many as there are."""
    draw = random.Random(8)
    people = ("own_agency", "own_agency", "other_agency", "operator", "authority", "signed_in", "running")
    target = file(app, stage, "columns_only")
    show(app, stage, data, target)
    taken, steps = 0, set()
    for _ in range(number_of):
        number = file(app, stage, draw.choice(("signed_in", "applicant", "own_agency")))
        for _ in range(draw.randrange(1, 6)):
            case = row_of(number).case_id
            before = state_of(case)
            if draw.random() < 0.3:
                supported = ask(app, stage, draw.choice(people), "support", number=number, withdraw=draw.random() < 0.3)
                assert supported.status_code in ((200,) if before in ("shown", "agreed") else (404, 409))
                continue
            fitting = [one.command for one in REQUEST.steps_from(before)]
            command = draw.choice(fitting if fitting and draw.random() < 0.7 else (*REQUEST.commands, "nonsense"))
            known = REQUEST.step(before, command)
            right = [PERSONS[role] for role in sorted(known.roles)] if known else []
            who = draw.choice(right if right and draw.random() < 0.7 else people)
            more = {"reason": "答复", "promised": DAY, "dataset": data.name, "into": target, "agency": agency(data)}
            answer = step(app, stage, who, number, command, title="充电桩", text="状态", **more)
            taken += answer.status_code == 200
            assert state_of(case) == (known.to_state if answer.status_code == 200 and known else before)
        steps |= {one.entry for one in cases.events(row_of(number).case_id)}
        voices = sa.select(sa.func.count()).where(DataRequestVoice.case_id == row_of(number).case_id)
        assert row_of(number).voices == model.Session.scalar(voices)
        answer = ask(app, stage, "anonymous", "show", number=number)
        is_public = answer.status_code == 200 and answer.json["result"]["number"] == number
        assert is_public is (state_of(row_of(number).case_id) in PUBLIC), "of one that was joined the other is public"
    assert taken > number_of / 2
    assert steps <= {entry["event"]["id"] for entry in entries()}
    assert SECRET not in public_output(app, target)


def test_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset) -> None:
    histories(app, stage, data, 6)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_thousands_of_random_histories_keep_to_the_machine(app: Any, stage: Stage, data: Dataset) -> None:
    histories(app, stage, data, 2000)
