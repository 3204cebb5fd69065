"""Who reports a leak follows it by number and code; the register waits until data is shut or cleared, and never says where."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.cases import limits
from ckanext.govdata.cases.withdrawal import cleaning
from ckanext.govdata.cases.withdrawal.model import Withdrawal
from ckanext.govdata.notices.model import Notice
from tests.integration.access.stage import PLUGINS, Dataset, Stage

from .scene import asking, given, own_dataset, state_of
from .test_many import statements
from .test_objections import public_output

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-20", "LYG-26", "GY-c5"),
    pytest.mark.usefixtures("unlimited"),
]
# What an objector writes, the key of a row, why the handlers dismiss it, and why the objector asks again: nobody else reads it.
WORDS, KEY, WHY_NONE, AGAIN = "经营者一列有人名", "P000777", "系公开登记的联系人", "那不是公开的电话"
ITEM = "泊位数"
ask, result = asking("govdata_")


@pytest.fixture
def data(stage: Stage) -> Iterator[Dataset]:
    yield own_dataset(stage, "conditional", "alleged")
    model.Session.rollback()


@pytest.fixture
def known(keep: Callable[[str, str], Dataset]) -> Dataset:
    """A dataset for tests that do not mind what others report of it."""
    return keep("unconditional", "alleged")


def alleged(app: Any, stage: Stage, data: Dataset, reason: str = "personal", by: str = "anonymous") -> dict[str, str]:
    """Object that there is a leak; answers number and code."""
    order = {"id": data.name, "reason": reason, "text": WORDS, "rows": KEY, "items": ITEM, "resource": data.file}
    made = result(app, stage, by, "objection_file", **order)
    assert made.pop("leak") is True
    assert set(made) == {"number", "code"}
    return made


def case_of(made: dict[str, str]) -> str:
    return model.Session.scalars(sa.select(Withdrawal.case_id).where(Withdrawal.number == made["number"])).one()


def step(app: Any, stage: Stage, visitor: str, case: str, command: str, **more: Any) -> Any:
    return ask(app, stage, visitor, "withdrawal_step", id=case, command=command, **more)


def follow(app: Any, stage: Stage, made: dict[str, str]) -> dict[str, Any]:
    return result(app, stage, "anonymous", "objection_follow", **made)


def again(app: Any, stage: Stage, made: dict[str, str], by: str = "anonymous") -> Any:
    return ask(app, stage, by, "objection_look_again", **made, reason=AGAIN)


def registered(app: Any, stage: Stage, data: Dataset, **more: Any) -> list[dict[str, Any]]:
    found = result(app, stage, "anonymous", "objection_register", id=data.id, **more)
    assert found["count"] == len(found["results"])
    return found["results"]


def withdraw(app: Any, stage: Stage, data: Dataset, case: str | None = None) -> str:
    order = {"id": data.id, "reason": "经核查属实", "what": "误含经营者姓名", "notice_title": "停车场数据"}
    order |= {"case": case} if case else {}
    return result(app, stage, "operator", "withdraw", **order)["id"]


def dismissed(app: Any, stage: Stage, made: dict[str, str]) -> str:
    case = case_of(made)
    given(step(app, stage, "own_agency", case, "assess"))
    given(step(app, stage, "own_agency", case, "dismiss", reason=WHY_NONE))
    return case


def says_where(line: dict[str, Any]) -> list[str]:
    """Fields of a line that would say what it is about, or in whose words."""
    told = (
        "reason",
        "reason_title",
        "items",
        "reply",
        "authority_reply",
        "changes",
        "old_version",
        "new_version",
        "marked",
    )
    return [name for name in told if line[name]] + [
        word for word in (WORDS, KEY, ITEM, WHY_NONE, AGAIN) if word in str(line)
    ]


def unsaid(app: Any, stage: Stage, data: Dataset) -> str:
    """Everything public, in which none of the words of the case may be."""
    read = public_output(app, stage, data)
    assert [word for word in (WORDS, KEY, WHY_NONE, AGAIN) if word in read] == []
    return read


def test_what_alleges_personal_data_is_in_the_register_from_when_the_data_is_shut(
    app: Any, stage: Stage, data: Dataset
) -> None:
    made = alleged(app, stage, data)
    case = case_of(made)
    assert registered(app, stage, data) == []
    given(step(app, stage, "own_agency", case, "assess"))
    assert registered(app, stage, data) == []
    assert made["number"] not in unsaid(app, stage, data), "nothing public says that somebody looks for a leak"
    assert follow(app, stage, made)["state"] == "looked_into"

    withdraw(app, stage, data, case)
    (line,) = registered(app, stage, data)
    assert (line["number"], line["state"], line["days"]) == (made["number"], "withdrawn", 0)
    assert line["settled_at"] is not None
    assert line["title"] == "停车场数据", "its title may tell what leaked"
    assert says_where(line) == []
    read = unsaid(app, stage, data)
    assert made["number"] in read
    assert made["code"] not in read
    assert "not said in public" in app.get("/objections").get_data(as_text=True)
    assert follow(app, stage, made) == {**line, "may_ask_again": False}


def test_when_the_data_is_open_again_register_and_reporter_read_so(app: Any, stage: Stage, data: Dataset) -> None:
    made, case = alleged(app, stage, data), withdraw(app, stage, data)
    assert follow(app, stage, made)["state"] == "withdrawn", "shut after another report: that answers this one too"
    assert state_of(case_of(made)) == "reported"
    assert cleaning.follow(case)
    more = {"reason": "已脱敏", "tier": "conditional"}
    for visitor, command in (("own_agency", "rework"), ("own_agency", "propose"), ("authority", "open-again")):
        given(step(app, stage, visitor, case, command, **more))
    (line,) = registered(app, stage, data)
    assert line["state"] == follow(app, stage, made)["state"] == "opened"
    assert line["opened_at"] >= line["settled_at"] >= line["filed_at"]
    assert registered(app, stage, data, state="withdrawn") == []
    assert len(registered(app, stage, data, state="opened")) == 1


def test_what_was_found_to_be_no_leak_is_registered_and_the_authority_can_be_asked_to_look_again(
    app: Any, stage: Stage, data: Dataset
) -> None:
    made = alleged(app, stage, data, "secret")
    assert again(app, stage, made).status_code == 409, "nobody has answered yet"
    case = dismissed(app, stage, made)
    (line,) = registered(app, stage, data)
    assert (line["state"], says_where(line)) == ("cleared", [])
    assert follow(app, stage, made) == {**line, "may_ask_again": True}
    waiting = result(app, stage, "operator", "withdrawal_list", open=True, limit=200)["results"]
    assert case not in {one["id"] for one in waiting}, "it waits for nobody"

    asked = given(again(app, stage, made))
    assert (asked["state"], asked["may_ask_again"]) == ("looked_at", False)
    assert registered(app, stage, data) == [line], "the register does not say that there is still a doubt"
    assert result(app, stage, "authority", "withdrawal_show", id=case)["again"] == [AGAIN]
    told = sa.select(Notice.user_id).where(Notice.about == case, Notice.text == "withdrawal_again")
    assert (stage.people["authority"] or {})["id"] in model.Session.scalars(told).all()
    assert step(app, stage, "own_agency", case, "close", reason="x").status_code == 409, "the authority alone"
    assert step(app, stage, "operator", case, "assess").status_code == 409

    given(step(app, stage, "authority", case, "assess"))
    assert follow(app, stage, made)["state"] == "looked_into"
    given(step(app, stage, "own_agency", case, "dismiss", reason=WHY_NONE))
    given(again(app, stage, made))
    given(step(app, stage, "administrator", case, "close", reason=WHY_NONE))
    assert follow(app, stage, made) == {**line, "may_ask_again": False}
    assert registered(app, stage, data) == [line]
    unsaid(app, stage, data)


def test_whoever_asks_the_authority_to_look_again_does_not_answer_it(app: Any, stage: Stage, known: Dataset) -> None:
    made = alleged(app, stage, known)
    case = dismissed(app, stage, made)
    shown = result(app, stage, "authority", "withdrawal_show", id=case)
    assert shown["next"] == [], "to ask is for whoever has the code"
    assert step(app, stage, "authority", case, "look-again", reason="x").status_code == 409
    given(again(app, stage, made, "authority"))
    refused = step(app, stage, "authority", case, "close", reason="好")
    assert "another person" in str(refused.json["error"])
    given(step(app, stage, "authority", case, "assess"))
    refused = step(app, stage, "authority", case, "dismiss", reason="好")
    assert "another person" in str(refused.json["error"])
    assert state_of(case) == "assessing"


def test_a_report_is_followed_too_and_is_in_no_register(app: Any, stage: Stage, data: Dataset) -> None:
    made = result(app, stage, "anonymous", "withdrawal_report", id=data.name, text=WORDS, personal=True)
    case = made.pop("id")
    assert follow(app, stage, made)["state"] == "looked_into"
    assert result(app, stage, "operator", "withdrawal_show", id=case)["number"] == made["number"]
    stored = model.Session.get_one(Withdrawal, case)
    assert made["code"] not in str([getattr(stored, column.name) for column in Withdrawal.__table__.columns])
    withdraw(app, stage, data, case)
    assert follow(app, stage, made)["state"] == "withdrawn"
    assert registered(app, stage, data) == []
    assert made["number"] not in unsaid(app, stage, data)


def test_a_wrong_code_answers_like_a_wrong_number_and_guessing_is_limited(
    app: Any, stage: Stage, known: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = alleged(app, stage, known)
    monkeypatch.setattr(limits, "MOST", 4)
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 10**6 + int.from_bytes(os.urandom(3), "big"))
    wrong = ({**made, "code": "AAAAAAAAAA"}, {**made, "number": "X19990101-00000000"})
    answers = [ask(app, stage, "anonymous", "objection_follow", **one) for one in wrong]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json["error"] == answers[1].json["error"]
    assert [again(app, stage, one).status_code for one in wrong] == [404, 404]
    assert [ask(app, stage, "anonymous", "objection_follow", **one).status_code for one in wrong] == [409, 409]


def test_the_register_pages_and_counts_both_kinds_together(app: Any, stage: Stage, data: Dataset) -> None:
    first = result(app, stage, "anonymous", "objection_file", id=data.name, reason="wrong", text=WORDS)["number"]
    made = alleged(app, stage, data)
    hidden = alleged(app, stage, data, "secret")
    dismissed(app, stage, made)
    pages = [
        result(app, stage, "anonymous", "objection_register", id=data.id, limit=1, offset=offset)
        for offset in (0, 1, 2)
    ]
    assert [one["count"] for one in pages] == [2, 2, 2]
    assert [[line["number"] for line in one["results"]] for one in pages] == [[made["number"]], [first], []]
    assert [one["number"] for one in registered(app, stage, data, state="filed")] == [first]
    assert hidden["number"] not in unsaid(app, stage, data)
    counts = []
    for limit in (1, 2):
        with statements() as asked:
            result(app, stage, "anonymous", "objection_register", id=data.id, limit=limit)
        counts.append(len(asked))
    assert counts[0] == counts[1], "a line more asks the database no more"


def test_the_pages_give_number_and_code_and_show_how_it_stands(app: Any, stage: Stage, known: Dataset) -> None:
    order = {"reason": "personal", "text": WORDS}
    pages = [
        app.post(f"/dataset/{known.name}/object", data=order).get_data(as_text=True),
        app.post(f"/dataset/{known.name}/report-leak", data={"text": WORDS}).get_data(as_text=True),
    ]
    for page in pages:
        number, code = (page.split(f'id="objection-{name}">')[1].split("<")[0] for name in ("number", "code"))
        typed = {"number": number, "code": code}
        assert "being looked into" in app.post("/objections/follow", data=typed).get_data(as_text=True)
        assert "核查中" in app.post("/zh_Hans_CN/objections/follow", data=typed).get_data(as_text=True)
        case = dismissed(app, stage, typed)
        assert 'name="reason"' in app.post("/objections/follow", data=typed).get_data(as_text=True)
        asked = app.post("/objections/follow", data={**typed, "reason": AGAIN}).get_data(as_text=True)
        assert "looked at again by the authority" in asked
        handled = app.get(f"/withdrawals/{case}", headers=stage.headers("authority")).get_data(as_text=True)
        assert AGAIN in handled
        assert number in handled
