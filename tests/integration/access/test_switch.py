"""The switch and inspections: who may, who must be a second person, and what follows at once."""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action
from sqlalchemy.exc import IntegrityError

from ckanext.govdata.access.model import Grant, Shutting
from ckanext.govdata.notices.domain import render
from ckanext.govdata.notices.model import Notice

from .stage import PLUGINS, Dataset, Stage, entries

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckan.datastore.sqlsearch.enabled", True),
    pytest.mark.ckan_config("ckan.locale_default", "en"),
]


def act(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
    return app.post(f"/api/3/action/{action}", json=order, headers=stage.headers(visitor))


def result(app: Any, stage: Stage, visitor: str, action: str, **order: Any) -> Any:
    answer = act(app, stage, visitor, action, **order)
    assert answer.status_code == 200, answer.json
    return answer.json["result"]


def status(app: Any, stage: Stage, visitor: str, dataset: Dataset) -> int:
    address = f"/dataset/{dataset.id}/resource/{dataset.file}/download"
    return app.get(address, headers=stage.headers(visitor)).status_code


@pytest.fixture
def opened(stage: Stage) -> Dataset:
    return stage.datasets["unconditional", False]


def open_again(app: Any, stage: Stage, dataset: Dataset) -> None:
    result(app, stage, "own_agency", "govdata_open_again_propose", id=dataset.id, reason="已脱敏")
    result(app, stage, "authority", "govdata_open_again_decide", id=dataset.id, accept=True)


@pytest.mark.requirement("LYG-26")
@pytest.mark.parametrize("visitor", ["own_agency", "operator", "authority"])
def test_agency_operator_and_authority_shut_and_two_persons_open_again(
    app: Any, stage: Stage, opened: Dataset, visitor: str
) -> None:
    link = f"link{opened.key}.example"
    shut = result(app, stage, visitor, "govdata_shut", id=opened.name, reason="疑似泄露")
    assert shut["shut_by"] == (stage.people[visitor] or {})["id"]
    assert status(app, stage, "anonymous", opened) == 403
    # The page stays with a notice, and says nothing of the reason; links are gone from metadata, index and activities.
    page = app.get(f"/dataset/{opened.name}").get_data(as_text=True)
    assert "Shut" in page
    assert "疑似泄露" not in page
    for address in (
        f"/api/3/action/package_show?id={opened.id}",
        f"/api/3/action/package_search?q=name:{opened.name}",
        f"/dataset/{opened.id}.ttl",
        f"/api/3/action/package_activity_list?id={opened.id}",
        f"/dataset/{opened.id}/resource/{opened.link}",
    ):
        answer = app.get(address, headers=stage.headers("administrator"))
        assert link not in answer.get_data(as_text=True), address
    again = act(app, stage, visitor, "govdata_open_again_decide", id=opened.id, accept=True)
    assert again.status_code == 409, "nobody has proposed it"
    result(app, stage, visitor, "govdata_open_again_propose", id=opened.id, reason="已脱敏")
    assert act(app, stage, visitor, "govdata_open_again_decide", id=opened.id, accept=True).status_code == 409
    other = "authority" if visitor == "own_agency" else "own_agency"
    refused = result(app, stage, other, "govdata_open_again_decide", id=opened.id, accept=False, reason="不完整")
    assert refused["proposed_by"] is None
    assert status(app, stage, "anonymous", opened) == 403
    result(app, stage, visitor, "govdata_open_again_propose", id=opened.id, reason="已脱敏")
    result(app, stage, other, "govdata_open_again_decide", id=opened.id, accept=True)
    assert status(app, stage, "anonymous", opened) == 200
    assert link in app.get(f"/api/3/action/package_show?id={opened.id}").get_data(as_text=True)
    actions = [entry["event"]["action"] for entry in entries()]
    assert {"dataset-shut", "dataset-open-again-proposed", "dataset-open-again-refused", "dataset-opened-again"} <= set(
        actions
    )


@pytest.mark.requirement("LYG-26")
@pytest.mark.parametrize("visitor", ["anonymous", "signed_in", "running", "other_agency"])
def test_nobody_else_shuts_or_opens(app: Any, stage: Stage, opened: Dataset, visitor: str) -> None:
    for action, more in (
        ("govdata_shut", {"reason": "x"}),
        ("govdata_open_again_propose", {"reason": "x"}),
        ("govdata_open_again_decide", {"accept": True}),
    ):
        assert act(app, stage, visitor, action, id=opened.id, **more).status_code == 403
        hidden = stage.datasets["not_open", False]
        there = act(app, stage, visitor, action, id=hidden.id, **more)
        nowhere = act(app, stage, visitor, action, id="nothing", **more)
        assert (there.status_code, there.json["error"]) == (nowhere.status_code, nowhere.json["error"])
    assert status(app, stage, "anonymous", opened) == 200


@pytest.mark.requirement("LYG-26")
def test_the_database_refuses_that_one_person_opens_again(stage: Stage, opened: Dataset) -> None:
    from ckanext.govdata.columns import now

    row = Shutting(package_id=opened.id, reason="x", shut_by="a", proposed_by="a", proposed_at=now(), proposal="x")
    row.opened_by, row.opened_at = "a", now()
    model.Session.add(row)
    with pytest.raises(IntegrityError):
        model.Session.flush()
    model.Session.rollback()


@pytest.mark.requirement("LYG-26")
def test_the_switch_works_on_the_page_and_on_the_command_line(
    app: Any, stage: Stage, opened: Dataset, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = stage.headers("operator")
    page = app.get(f"/dataset/{opened.name}", headers=headers).get_data(as_text=True)
    assert f"/dataset/{opened.name}/shut" in page
    assert f"/dataset/{opened.name}/shut" not in app.get(f"/dataset/{opened.name}").get_data(as_text=True)
    sent = app.post(f"/dataset/{opened.name}/shut", data={"reason": "x"}, headers=headers, follow_redirects=False)
    assert sent.status_code == 302
    assert status(app, stage, "anonymous", opened) == 403
    open_again(app, stage, opened)
    from ckanext.govdata.cli.access import shut

    done = cli.invoke(shut, [opened.name, "--reason", "演练"], catch_exceptions=False)
    assert "is shut since" in done.output
    assert status(app, stage, "anonymous", opened) == 403
    open_again(app, stage, opened)
    assert cli.invoke(shut, ["nothing", "--reason", "x"]).exit_code == 1


@pytest.mark.requirement("LYG-26", "LYG-21")
def test_the_switch_works_while_the_ledger_and_the_index_do_not(
    app: Any, stage: Stage, opened: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckan.lib import search

    from ckanext.govdata.ledger import intake

    def no_index(*_: Any, **__: Any) -> None:
        raise search.SearchIndexError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(intake, "running", lambda: intake.Intake("postgresql://nobody@127.0.0.1:9/nothing"))
        broken.setattr(search, "rebuild", no_index)
        call_action("govdata_shut", {"user": "operator"}, id=opened.id, reason="x")
    assert status(app, stage, "anonymous", opened) == 403
    get_queue().empty()
    open_again(app, stage, opened)


@pytest.mark.requirement("LYG-25", "LYG-33")
@pytest.mark.parametrize("visitor", ["operator", "authority", "administrator", "own_agency"])
def test_an_inspection_needs_a_reason_and_a_second_person_and_ends(app: Any, stage: Stage, visitor: str) -> None:
    closed = stage.datasets["conditional" if visitor != "own_agency" else "not_open", False]
    assert act(app, stage, visitor, "govdata_inspection_request", id=closed.id, reason="").status_code == 409
    long = act(app, stage, visitor, "govdata_inspection_request", id=closed.id, reason="x", days=3000)
    assert long.status_code == 409
    asked = result(app, stage, visitor, "govdata_inspection_request", id=closed.id, reason="举报核查", days=2)
    assert asked["state"] == "requested"
    if visitor != "own_agency":
        assert status(app, stage, visitor, closed) == 403
    assert act(app, stage, visitor, "govdata_inspection_decide", id=asked["id"], accept=True).status_code in (403, 409)
    second = "authority" if visitor == "own_agency" else "own_agency"
    allowed = result(app, stage, second, "govdata_inspection_decide", id=asked["id"], accept=True)
    assert (allowed["state"], allowed["decided_by"]) == ("running", (stage.people[second] or {})["id"])
    assert status(app, stage, visitor, closed) == 200
    shown = result(app, stage, visitor, "govdata_grant_show", id=asked["id"])
    assert [step["state"] for step in shown["steps"]] == ["requested", "running"]
    assert asked["id"] in [row["id"] for row in result(app, stage, "own_agency", "govdata_grant_list")["results"]]
    # The agency's decider hears of what others did, in the language of the reader.
    notices = model.Session.query(Notice).filter_by(about=asked["id"]).order_by(Notice.created_at)
    own = (stage.people["own_agency"] or {})["id"]
    assert {row.user_id for row in notices} == {own}
    told = "inspection_allowed" if visitor == "own_agency" else "inspection_requested"
    assert [row.text for row in notices] == [told]
    assert (
        "核查" in render(told, notices[0].facts, "zh_Hans_CN").subject and notices[0].link == f"/grants/{asked['id']}"
    )
    assert "举报核查" not in str(notices[0].facts), "reasons stand where they are purged in time"
    assert "inspect" in render(told, notices[0].facts, "en").subject
    result(app, stage, "authority", "govdata_grant_revoke", id=asked["id"], reason="已查完")
    if visitor != "own_agency":
        assert status(app, stage, visitor, closed) == 403


@pytest.mark.requirement("LYG-33")
def test_the_database_refuses_an_inspection_of_one_person_alone(stage: Stage) -> None:
    row = model.Session.query(Grant).filter(Grant.kind == "agreement").first()
    assert row is not None
    fields = {column.name: getattr(row, column.name) for column in Grant.__table__.columns}
    alone = {**fields, "id": "alone", "kind": "inspection", "party_id": None, "user_id": "a", "asked_by": "a"}
    for decided_by in (None, "a"):
        model.Session.add(Grant(**{**alone, "decided_by": decided_by, "state": "running"}))
        with pytest.raises(IntegrityError):
            model.Session.flush()
        model.Session.rollback()


@pytest.mark.requirement("LYG-40", "YZ-30")
def test_grants_are_seen_and_ended_by_those_who_may_and_a_strangers_is_absent(app: Any, stage: Stage) -> None:
    closed = stage.datasets["conditional", False]
    grant = stage.grants["running", closed.id]
    for visitor in ("running", "other_member", "own_agency", "operator", "authority"):
        assert result(app, stage, visitor, "govdata_grant_show", id=grant)["id"] == grant
    for visitor in ("signed_in", "other_agency", "ended"):
        there = act(app, stage, visitor, "govdata_grant_show", id=grant)
        nowhere = act(app, stage, visitor, "govdata_grant_show", id="nothing")
        assert (there.status_code, there.json["error"]) == (404, nowhere.json["error"])
        assert grant not in [row["id"] for row in result(app, stage, visitor, "govdata_grant_list")["results"]]
    listed = result(app, stage, "own_agency", "govdata_grant_list", id=closed.id, kind="agreement", state="suspended")
    assert [(row["party_name"], row["standing"]) for row in listed["results"]] == [("suspended公司", "suspended")]
    assert result(app, stage, "own_agency", "govdata_grant_list", mine=True)["count"] == 0
    mine = result(app, stage, "ended", "govdata_grant_list", mine=True)["results"]
    assert {(row["standing"], row["party_id"]) for row in mine} == {("ended", stage.parties["ended"])}
    assert result(app, stage, "future", "govdata_grant_list", mine=True)["results"][0]["standing"] == "not_begun"
    for visitor in ("running", "signed_in", "other_agency"):
        for action in ("govdata_grant_suspend", "govdata_grant_resume", "govdata_grant_revoke"):
            assert act(app, stage, visitor, action, id=grant, reason="x").status_code == 403
    assert act(app, stage, "operator", "govdata_grant_revoke", id=grant, reason="x").status_code == 403
    result(app, stage, "operator", "govdata_grant_suspend", id=grant, reason="违约")
    assert act(app, stage, "operator", "govdata_grant_suspend", id=grant, reason="x").status_code == 409
    result(app, stage, "own_agency", "govdata_grant_resume", id=grant, reason="已改正")
    assert status(app, stage, "running", closed) == 200


@pytest.mark.requirement("YZ-22", "LYG-7")
def test_no_action_makes_a_grant_without_an_agreement(stage: Stage) -> None:
    from ckan import logic

    tk.get_action("package_show")
    assert {name for name in logic._actions if name.startswith("govdata_grant")} == {
        f"govdata_grant_{verb}" for verb in ("list", "show", "suspend", "resume", "revoke")
    }
