"""One desk: all kinds of cases by due day, each role's own; notes for handlers alone; a case goes to whoever may handle it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.cases.desk.domain import KINDS
from ckanext.govdata.cases.misuse.model import MisuseReport
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.workflow import registry
from ckanext.govdata.workflow.model import Case
from tests.integration.access.stage import PLUGINS, Dataset, Stage, entries

from .scene import asking, own_dataset

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
    pytest.mark.requirement("LYG-18", "LYG-37"),
]
NOTE = "请先问财政局再答复"
ask, result = asking("govdata_")


@pytest.fixture
def data(stage: Stage, unlimited: None) -> Iterator[Dataset]:
    yield own_dataset(stage, "unconditional", "desk")
    model.Session.rollback()


def one_of_each(app: Any, stage: Stage, data: Dataset) -> dict[str, str]:
    """A case of each kind that people open here: kind -> id."""
    request = result(
        app,
        stage,
        "signed_in",
        "request_file",
        title="充电桩",
        text="位置",
        agency=stage.agencies["jiaotongju"]["name"],
    )
    said = result(app, stage, "running", "contribution_hand_in", id=data.name, kind="question", text="多久更新")
    misuse = result(app, stage, "anonymous", "misuse_report", kind="other", text="转卖")
    objection = result(app, stage, "anonymous", "objection_file", id=data.name, reason="wrong", text="不对")
    numbers = {"data-request": request["number"], "objection": objection["number"], "misuse-report": misuse["number"]}
    found = {
        kind: model.Session.scalars(sa.select(Case.id).where(Case.machine == kind, Case.subject == number)).one()
        for kind, number in numbers.items()
    }
    return {**found, "contribution": said["id"]}


def on_desk(app: Any, stage: Stage, visitor: str, **order: Any) -> set[str]:
    return {one["id"] for one in result(app, stage, visitor, "case_list", limit=1000, **order)["results"]}


def test_each_role_has_its_own_cases_of_all_kinds_by_due_day(app: Any, stage: Stage, data: Dataset) -> None:
    made = one_of_each(app, stage, data)
    assert set(made.values()) <= on_desk(app, stage, "operator")
    own = on_desk(app, stage, "own_agency")
    assert {made["data-request"], made["contribution"], made["objection"]} <= own
    assert made["misuse-report"] not in own
    assert not set(made.values()) & on_desk(app, stage, "other_agency")
    assert ask(app, stage, "signed_in", "case_list").status_code == 403
    lines = result(app, stage, "operator", "case_list", limit=1000)["results"]
    due = [one["due"] or "9999" for one in lines]
    assert due == sorted(due)
    assert all(one["due"] for one in lines if one["id"] in made.values())
    assert on_desk(app, stage, "operator", kind="misuse-report") & set(made.values()) == {made["misuse-report"]}
    assert not on_desk(app, stage, "operator", due="overdue") & set(made.values())
    first = result(app, stage, "operator", "case_list", limit=1, offset=1)
    assert [one["id"] for one in first["results"]] == [lines[1]["id"]]


def test_what_waits_for_nobody_leaves_the_desk(app: Any, stage: Stage, data: Dataset) -> None:
    said = result(app, stage, "running", "contribution_hand_in", id=data.name, kind="suggestion", text="加上坐标")["id"]
    assert said in on_desk(app, stage, "operator")
    result(app, stage, "operator", "contribution_step", id=said, command="show")
    assert said not in on_desk(app, stage, "operator")
    assert said in on_desk(app, stage, "operator", all=True)
    asked = result(app, stage, "running", "contribution_hand_in", id=data.name, kind="question", text="多久更新")["id"]
    result(app, stage, "operator", "contribution_step", id=asked, command="show")
    assert asked in on_desk(app, stage, "own_agency"), "the agency has still to answer"
    result(app, stage, "own_agency", "contribution_step", id=asked, command="answer", reason="每月")
    assert asked not in on_desk(app, stage, "own_agency")


def test_notes_are_sealed_and_a_case_is_handed_to_whoever_may_handle_it(app: Any, stage: Stage, data: Dataset) -> None:
    case = one_of_each(app, stage, data)["objection"]
    assert result(app, stage, "own_agency", "case_note", id=case, text=NOTE)["notes"][0]["text"] == NOTE
    assert ask(app, stage, "other_agency", "case_show", id=case).status_code == 403
    assert NOTE not in str(entries())
    assert ask(app, stage, "own_agency", "case_hand_over", id=case, officer="other-agency").status_code == 409
    result(app, stage, "own_agency", "case_hand_over", id=case, officer="authority", reason="请督办")
    assert case in on_desk(app, stage, "authority", mine=True)
    told = sa.select(Notice.user_id).where(Notice.about == case, Notice.text == "case_handed_over")
    assert model.Session.scalars(told).all() == [(stage.people["authority"] or {})["id"]]


def test_a_report_of_misuse_is_handed_over_by_its_handler_alone(app: Any, stage: Stage, data: Dataset) -> None:
    case = one_of_each(app, stage, data)["misuse-report"]
    assert ask(app, stage, "authority", "case_hand_over", id=case, officer="authority").status_code == 403
    result(app, stage, "operator", "misuse_step", id=case, command="examine")
    result(app, stage, "operator", "case_note", id=case, text=NOTE)
    assert "notes" in result(app, stage, "authority", "case_show", id=case)
    assert result(app, stage, "authority", "case_show", id=case)["notes"] == []
    result(app, stage, "operator", "case_hand_over", id=case, officer="authority")
    assert result(app, stage, "authority", "misuse_show", id=case)["text"] == "转卖"
    assert "text" not in result(app, stage, "operator", "misuse_show", id=case)
    row = model.Session.get(MisuseReport, case)
    assert row is not None


def test_the_figures_of_a_year_count_what_was_opened_settled_and_late(app: Any, stage: Stage, data: Dataset) -> None:
    before = {one["kind"]: one for one in result(app, stage, "operator", "case_figures")["kinds"]}
    made = one_of_each(app, stage, data)
    result(app, stage, "operator", "misuse_step", id=made["misuse-report"], command="examine")
    result(app, stage, "operator", "misuse_step", id=made["misuse-report"], command="dismiss", text="无据")
    found = result(app, stage, "operator", "case_figures")
    after = {one["kind"]: one for one in found["kinds"]}
    for kind in made:
        assert after[kind]["opened"] == before.get(kind, {"opened": 0})["opened"] + 1
    assert after["misuse-report"]["settled"] == before.get("misuse-report", {"settled": 0})["settled"] + 1
    assert {"misuse_report", "voice_review"} <= {one["topic"] for one in found["terms"]}
    assert result(app, stage, "operator", "case_figures", year=2001)["kinds"] == []
    own = {one["kind"] for one in result(app, stage, "own_agency", "case_figures")["kinds"]}
    assert "misuse-report" not in own


def test_the_list_is_exported_with_its_filters(app: Any, stage: Stage, data: Dataset) -> None:
    made = one_of_each(app, stage, data)
    subjects = {kind: (model.Session.get(Case, case) or Case()).subject for kind, case in made.items()}
    table = app.get("/desk/cases.csv?kind=objection", headers=stage.headers("operator")).get_data(as_text=True)
    assert subjects["objection"] in table
    assert subjects["data-request"] not in table
    assert app.get("/desk/cases", headers=stage.headers("operator")).status_code == 200
    assert app.get("/desk/cases", headers=stage.headers("signed_in")).status_code == 403


def test_each_kind_of_the_desk_is_a_machine_and_waits_in_its_states() -> None:
    for name, kind in KINDS.items():
        machine = registry.machine(name)
        assert set(kind.waits_in or ()) <= machine.open
