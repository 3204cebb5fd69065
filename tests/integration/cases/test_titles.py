"""A title that tells what leaked: withheld unless the officer gives another, and gone wherever rooms had kept it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.govdata.cases import sealing
from ckanext.govdata.cases.objections import followers
from ckanext.govdata.cases.withdrawal import cleaning
from ckanext.govdata.cases.withdrawal.model import Sealed
from ckanext.govdata.cli.withdraw import withdraw as command
from ckanext.govdata.columns import now
from ckanext.govdata.notices.domain import render
from ckanext.govdata.notices.model import Notice
from tests.agreed import presented
from tests.integration.access.stage import PLUGINS, Dataset, Stage, add_grant

from .planted import everywhere, in_files, in_redis, planted
from .scene import asking, own_dataset

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-26"),
]
ADMINISTRATOR: Any = {"user": "administrator", "ignore_auth": True}
APPLIED = {"purpose": "innovation", "scenario": "停车诱导", "security": "等保二级", "modes": ["download"], "months": 12}
ask, result = asking()


@pytest.fixture
def word() -> str:
    return planted()


@pytest.fixture
def named(stage: Stage, unlimited: None, word: str) -> Iterator[Dataset]:
    """A dataset with the planted value in its titles, of now and of before, that somebody has taken."""
    found = own_dataset(stage, "conditional", "named")
    call_action("package_patch", dict(ADMINISTRATOR), id=found.id, title=f"{word}旧名录")
    call_action("package_patch", dict(ADMINISTRATOR), id=found.id, title=f"{word}名录", title_en=f"Parking of {word}")
    add_grant(stage, "running", found)
    yield found
    model.Session.rollback()


def person(stage: Stage, visitor: str) -> str:
    found = stage.people[visitor]
    assert found is not None
    return str(found["id"])


def talked_about(app: Any, stage: Stage, data: Dataset) -> None:
    """Whatever people do with a dataset by which its title gets into rows of other rooms."""
    address = f"/dataset/{data.id}/resource/{data.file}/download"
    assert app.get(address, headers=stage.headers("running")).status_code == 200
    call_action("follow_dataset", {"user": "signed-in"}, id=data.id)
    followers.tell_of_changes()
    result(app, stage, "anonymous", "govdata_objection_file", id=data.id, reason="outdated", text="已过时")
    result(app, stage, "running", "govdata_contribution_hand_in", id=data.id, kind="question", text="多久更新")
    result(app, stage, "operator", "govdata_inspection_request", id=data.id, reason="举报核查", days=2)
    party = stage.parties["other_dataset"]
    made = result(app, stage, "other_dataset", "govdata_application_draft", id=data.id, party=party, **APPLIED)
    result(app, stage, "other_dataset", "govdata_application_submit", id=made["id"])
    start = now()
    title = model.Session.get_one(model.Package, data.id).title
    presented(data.id, party, start, start + datetime.timedelta(days=9), title=title)
    model.Session.commit()
    result(app, stage, "anonymous", "govdata_withdrawal_report", id=data.id, text="名称里有人名")


def withdrawn(app: Any, stage: Stage, data: Dataset, **more: Any) -> str:
    order = {"id": data.id, "reason": "疑似泄露", "what": "名称含人名", **more}
    case = str(result(app, stage, "operator", "govdata_withdraw", **order)["id"])
    assert cleaning.follow(case)
    model.Session.rollback()
    return case


def said_in_public(app: Any, stage: Stage, data: Dataset, case: str) -> str:
    """What pages and API say of it, to everybody, to a holder and to those who handle the case."""
    asked = (
        ("anonymous", f"/dataset/{data.name}"), ("anonymous", f"/en/dataset/{data.name}"),
        ("anonymous", f"/api/3/action/package_show?id={data.id}"),
        ("anonymous", f"/api/3/action/package_search?q=name:{data.name}"),
        ("anonymous", "/api/3/action/govdata_withdrawn_list"), ("anonymous", "/api/3/action/govdata_register_list?limit=500"),
        ("operator", f"/api/3/action/govdata_objection_list?id={data.id}"), ("running", f"/withdrawals/{case}"),
        ("running", "/notices"), ("operator", f"/withdrawals/{case}"), ("operator", "/desk/withdrawals"),
        ("operator", "/desk/cases"), ("own_agency", "/notices"), ("administrator", f"/dataset/activity/{data.name}"),
    )  # fmt: skip
    answers = {(visitor, address): app.get(address, headers=stage.headers(visitor)) for visitor, address in asked}
    assert [place for place, one in answers.items() if one.status_code != 200] == []
    return "".join(one.get_data(as_text=True) for one in answers.values())


def notices_of(user: str, about: str) -> list[Notice]:
    return list(model.Session.scalars(sa.select(Notice).where(Notice.user_id == user, Notice.about == about)))


def test_a_title_is_withheld_and_in_no_table_file_or_page_but_the_sealed_store(
    app: Any, stage: Stage, named: Dataset, word: str, ckan_config: dict[str, Any]
) -> None:
    talked_about(app, stage, named)
    kept = {table.rpartition(".")[2] for table in everywhere(word)}
    assert {
        "package", "activity", "govdata_notice", "govdata_clock", "govdata_case", "govdata_application", "govdata_agreement",
    } <= kept, kept  # fmt: skip
    case = withdrawn(app, stage, named)
    assert everywhere(word) == []
    assert in_redis(word) == []
    assert in_files(word, ckan_config["ckan.storage_path"], ckan_config["govdata.search.index_path"]) == []
    said = said_in_public(app, stage, named, case)
    assert word not in said
    assert f"已撤回的数据集（{named.id[:8]}）" in said
    assert f"Withdrawn dataset ({named.id[:8]})" in said, "and in English"
    (told,) = notices_of(person(stage, "running"), case)
    subjects = [render(told.text, told.facts, language).subject for language in ("zh", "en")]
    assert named.id[:8] in subjects[0] and "Withdrawn dataset" in subjects[1]
    sealed = model.Session.scalars(sa.select(Sealed).where(Sealed.case_id == case, Sealed.name == "entry")).one()
    assert word in sealing.unseal(sealed.sealed, case).decode()


def test_the_title_that_the_officer_gives_stays_in_the_place_of_each_one_before(
    app: Any, stage: Stage, named: Dataset, word: str
) -> None:
    talked_about(app, stage, named)
    case = withdrawn(app, stage, named, notice_title=" 停车数据公告 ")
    assert everywhere(word) == []
    package = model.Session.get_one(model.Package, named.id)
    assert (package.title, package.extras.get("title_en")) == ("停车数据公告", None)
    (told,) = notices_of(person(stage, "running"), case)
    assert told.facts["title"] == "停车数据公告"
    assert "停车数据公告" in said_in_public(app, stage, named, case)
    (changed,) = notices_of(person(stage, "signed_in"), named.id)
    assert changed.facts["title"] == "停车数据公告", "what was told before the withdrawal too"


def test_a_title_that_another_dataset_bears_stays_with_that_one(app: Any, stage: Stage, named: Dataset) -> None:
    other = own_dataset(stage, "conditional", "alike")
    title = model.Session.get_one(model.Package, named.id).title
    call_action("package_patch", dict(ADMINISTRATOR), id=other.id, title=title)
    for one in (named, other):
        call_action("follow_dataset", {"user": "signed-in"}, id=one.id)
    followers.tell_of_changes()
    withdrawn(app, stage, named)
    told = {one.id: notices_of(person(stage, "signed_in"), one.id)[0].facts["title"] for one in (named, other)}
    assert told[other.id] == title
    assert told[named.id] == {
        "zh": f"已撤回的数据集（{named.id[:8]}）", "en": f"Withdrawn dataset ({named.id[:8]})",
    }  # fmt: skip


def test_holders_are_told_the_notice_s_title_before_anything_is_sealed(
    app: Any, stage: Stage, named: Dataset, word: str, cli: Any
) -> None:
    assert (
        app.get(f"/dataset/{named.id}/resource/{named.file}/download", headers=stage.headers("running")).status_code
        == 200
    )
    order = ["--user", "operator", "--reason", "疑似泄露", "--what", "名称含人名", "--notice-title", "停车数据公告"]
    answer = cli.invoke(command, [named.id, *order])
    assert answer.exit_code == 0, answer.output
    assert "stays on the notice" in answer.output
    case = result(app, stage, "operator", "govdata_withdrawal_list", open=True)["results"][0]["id"]
    seen = result(app, stage, "running", "govdata_withdrawal_show", id=case)
    assert (seen["title"], word in str(seen)) == ("停车数据公告", False)


def test_the_pages_of_withdrawing_ask_for_the_title_on_the_notice(
    app: Any, stage: Stage, named: Dataset, word: str
) -> None:
    field = f'name="notice_title" value="{word}名录"'
    assert field in app.get(f"/dataset/{named.name}", headers=stage.headers("operator")).get_data(as_text=True)
    case = result(app, stage, "anonymous", "govdata_withdrawal_report", id=named.id, text="名称里有人名")["id"]
    assert field in app.get(f"/withdrawals/{case}", headers=stage.headers("operator")).get_data(as_text=True)
    form = {"reason": "属实", "what": "名称含人名", "notice_title": ""}
    sent = app.post(f"/withdrawals/{case}/withdraw", params=form, headers=stage.headers("operator"))
    assert sent.status_code == 200
    assert cleaning.follow(case)
    page = app.get(f"/withdrawals/{case}", headers=stage.headers("own_agency")).get_data(as_text=True)
    assert word not in page
    assert f"/dataset/edit/{named.name}" in page, "the agency finds where it fills the entry anew"
