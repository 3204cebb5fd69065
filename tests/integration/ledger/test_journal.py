"""What the other rooms record: deliveries, denials, and every decision within its own transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.govdata.ledger import gaps, journal, portal
from ckanext.govdata.ledger.errors import IntakeUnavailable
from ckanext.govdata.ledger.journal import Data, Mode, Visitor

pytestmark = [pytest.mark.requirement("LYG-21"), pytest.mark.usefixtures("portal")]


def entries(action: str = "") -> list[dict[str, Any]]:
    """What waits in the intake, newest last; other tests' entries are there too."""
    model.Session.commit()
    rows = model.Session.execute(sa.text("SELECT entry FROM govdata_ledger.intake ORDER BY received_at")).scalars()
    found = [json.loads(bytes(row)) for row in rows]
    return [entry for entry in found if not action or entry["event"]["action"] == action]


def last(action: str) -> dict[str, Any]:
    return entries(action)[-1]


@pytest.fixture
def no_intake(portal: None, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setitem(ckan_config, "sqlalchemy.url", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setitem(ckan_config, "govdata.ledger.path", str(tmp_path))


WHO = Visitor(user_id="u-1", party_id="p-1", name="wangfang", address="192.0.2.7", agent="curl/8", client="c-1")
TAKEN = Data("d-1", "conditional", Mode.ROWS, "a-1", "r-1", "v1", "ab" * 32, ("name", "address"), 12, "g-1", "HT-1")


def test_a_delivery_says_what_went_to_whom_without_naming_anybody() -> None:
    number = journal.delivery(TAKEN, WHO)
    entry = last("dataset-rows")
    assert entry["event"]["id"] == str(number)
    assert entry["govdata"]["columns"] == ["name", "address"]
    assert (entry["govdata"]["grant"], entry["govdata"]["party"], entry["user"]) == (
        {"id": "g-1"}, {"id": "p-1"}, {"id": "u-1"},
    )  # fmt: skip
    assert set(entry["govdata"]["commitments"]) == {"user.name", "source.ip", "user_agent.original"}
    assert not any(value in json.dumps(entry) for value in ("wangfang", "192.0.2.7", "curl/8"))


def test_a_persons_values_are_kept_for_three_years_after_the_grant() -> None:
    number = journal.delivery(TAKEN, WHO)
    words = sa.text("SELECT kept_until - now() FROM govdata_ledger.personal WHERE entry_id = :id")
    assert model.Session.execute(words, {"id": str(number)}).scalar_one().days >= 3 * 365


def test_a_denial_carries_the_gates_reason() -> None:
    journal.denial(TAKEN, WHO, "agreement_required")
    event = last("dataset-rows")["event"]
    assert (event["outcome"], event["reason"]) == ("failure", "agreement_required")


def test_the_end_of_a_delivery_names_the_delivery() -> None:
    number = journal.delivery(TAKEN, WHO)
    assert number
    journal.delivery_end(number, TAKEN, WHO, 4711, whole=False)
    entry = last("dataset-delivered")
    assert entry["govdata"]["delivery"] == {"id": str(number)}
    assert (entry["http"]["response"]["bytes"], entry["event"]["outcome"]) == (4711, "failure")


@pytest.mark.usefixtures("no_intake")
@pytest.mark.parametrize("tier", ["conditional", "not_open"])
def test_without_intake_conditional_data_is_not_delivered(tier: str) -> None:
    with pytest.raises(IntakeUnavailable):
        journal.delivery(Data("d-1", tier, Mode.DOWNLOAD), WHO)


@pytest.mark.usefixtures("no_intake")
def test_without_intake_unconditional_data_goes_on_and_the_gap_is_counted() -> None:
    assert journal.delivery(Data("d-1", "unconditional", Mode.DOWNLOAD), WHO) is None
    assert gaps.counted(portal.folder().path) == 1


def test_appointing_and_dismissing_an_officer_are_entries(people: dict[str, dict[str, Any]]) -> None:
    authority, user = people["authority"], people["data_user"]
    context = {"user": authority["name"], "ignore_auth": False}
    call_action("govdata_officer_appoint", dict(context), user=user["name"], role="operator")
    appointed = last("officer-appointed")
    assert (appointed["user"]["id"], appointed["user"]["target"]["id"]) == (authority["id"], user["id"])
    call_action("govdata_officer_dismiss", dict(context), user=user["name"], role="operator")
    assert last("officer-dismissed")["user"]["id"] == authority["id"]


def test_roles_in_agencies_accounts_and_settings_are_entries(people: dict[str, dict[str, Any]]) -> None:
    member = last("member-set")
    assert {"id", "target"} >= set(member["user"])
    assert len(entries("account-made")) >= len(people) - 2
    agency, publisher = people["agency"]["id"], people["publisher"]["name"]
    call_action("organization_member_delete", {"user": "administrator"}, id=agency, username=publisher)
    assert last("member-removed")["user"]["target"]["id"] == people["publisher"]["id"]
    call_action("config_option_update", {"user": "administrator"}, **{"ckan.site_title": "江海市公共数据开放平台"})
    assert last("setting-changed")["govdata"]["setting"]["key"] == "ckan.site_title"
    call_action("user_patch", {"user": "administrator"}, id=people["data_user"]["id"], sysadmin=True)
    assert last("administrator-appointed")["user"]["target"]["id"] == people["data_user"]["id"]


def test_each_step_of_a_tier_and_each_review_is_an_entry(
    make_entry: Callable[..., dict[str, Any]], people: dict[str, dict[str, Any]]
) -> None:
    entry = make_entry(open_tier="conditional", open_conditions="限研究使用", open_basis="某办法第三条")
    assert last("tier-change-applied")["govdata"]["dataset"]["id"] == entry["id"]
    context = {"user": people["publisher"]["name"], "ignore_auth": False}
    proposal = call_action(
        "govdata_tier_change_propose", dict(context), id=entry["id"], open_tier="unconditional", reason="王芳已同意"
    )
    proposed = last("tier-change-pending")
    assert proposed["govdata"]["record"]["id"] == proposal["id"]
    assert "王芳" not in json.dumps(proposed, ensure_ascii=False)
    decider = {"user": people["decider"]["name"], "ignore_auth": False}
    call_action("govdata_tier_change_decide", decider, id=proposal["id"], accept=True, reason="同意")
    decided = last("tier-change-applied")
    assert (decided["user"]["id"], decided["govdata"]["tier_change"]["to"]) == (
        people["decider"]["id"],
        "unconditional",
    )


def test_a_dataset_that_goes_over_to_another_agency_is_an_entry(
    make_entry: Callable[..., dict[str, Any]], people: dict[str, dict[str, Any]]
) -> None:
    before = len(entries("dataset-agency-changed"))
    entry = make_entry()
    assert len(entries("dataset-agency-changed")) == before, "a new one goes over from nobody"
    call_action("package_patch", {"user": "administrator"}, id=entry["id"], owner_org=people["other_agency"]["id"])
    ours = last("dataset-agency-changed")["govdata"]
    assert (ours["dataset"]["id"], ours["agency"]) == (
        entry["id"], {"id": people["other_agency"]["id"], "before": people["agency"]["id"]},
    )  # fmt: skip
    call_action("package_patch", {"user": "administrator"}, id=entry["id"], title="公共停车场")
    assert len(entries("dataset-agency-changed")) == before + 1


def test_a_change_that_is_taken_back_leaves_no_entry(people: dict[str, dict[str, Any]]) -> None:
    before = len(entries())
    journal.change("grant-suspended", people["decider"]["id"], {"govdata.grant.id": "g-2"})
    model.Session.rollback()
    assert len(entries()) == before
    journal.change("grant-suspended", people["decider"]["id"], {"govdata.grant.id": "g-2"})
    assert last("grant-suspended")["govdata"]["grant"] == {"id": "g-2"}


@pytest.mark.usefixtures("people")
def test_a_change_that_the_ledger_does_not_take_is_not_made(people: dict[str, dict[str, Any]]) -> None:
    model.Session.execute(sa.text("ALTER TABLE govdata_ledger.intake RENAME TO elsewhere"))
    model.Session.commit()
    try:
        with pytest.raises(IntakeUnavailable):
            call_action("govdata_officer_appoint", user=people["data_user"]["name"], role="operator")
        model.Session.rollback()
    finally:
        model.Session.execute(sa.text("ALTER TABLE govdata_ledger.elsewhere RENAME TO intake"))
        model.Session.commit()
    listed = tk.get_action("govdata_officer_list")({"ignore_auth": True}, {})
    assert people["data_user"]["id"] not in {term["user_id"] for term in listed}


def test_over_http_the_entry_names_who_acts(app: Any, people: dict[str, dict[str, Any]]) -> None:
    member = {"id": people["agency"]["id"], "username": people["data_user"]["name"], "role": "member"}
    headers = {"Authorization": people["decider"]["token"]}
    app.post("/api/action/organization_member_create", json=member, headers=headers, status=200)
    user = last("member-set")["user"]
    assert (user["id"], user["target"]["id"]) == (people["decider"]["id"], people["data_user"]["id"])


def test_over_http_a_change_that_is_not_recorded_is_answered_with_503(
    app: Any, people: dict[str, dict[str, Any]]
) -> None:
    model.Session.execute(sa.text("ALTER TABLE govdata_ledger.intake RENAME TO elsewhere"))
    model.Session.commit()
    try:
        asked = {"user": people["data_user"]["name"], "role": "operator"}
        headers = {"Authorization": people["authority"]["token"]}
        answer = app.post("/api/action/govdata_officer_appoint", json=asked, headers=headers, status=503)
    finally:
        model.Session.rollback()
        model.Session.execute(sa.text("ALTER TABLE govdata_ledger.elsewhere RENAME TO intake"))
        model.Session.commit()
    assert answer.json["error"]["__type"] == "Ledger Unavailable"
    assert answer.headers["Retry-After"] == "60"


def test_showing_an_entry_in_the_negative_list_and_taking_in_a_list_are_entries(
    make_entry: Callable[..., dict[str, Any]], people: dict[str, dict[str, Any]]
) -> None:
    from ckanext.govdata.catalogue.writer import CatalogueWriter

    entry = make_entry(open_tier="not_open", open_exception="internal_affairs", open_basis="某办法第七条")
    context = {"user": people["decider"]["name"], "ignore_auth": False}
    call_action("govdata_release", context, id=entry["id"], released=True)
    released = last("entry-released")
    assert (released["user"]["id"], released["govdata"]["dataset"]["id"]) == (people["decider"]["id"], entry["id"])
    record = {"name": "listed", "title": "停车场", "owner_org": people["agency"]["id"], "open_tier": "unconditional"}
    user = model.User.get(people["operator"]["name"])
    [outcome] = CatalogueWriter(user).create([{**record, "list_id": "list-1", "list_key": "1"}])
    assert outcome.entry, outcome.errors
    taken_in = last("catalogue-import")
    assert taken_in["govdata"]["import"] == {"count": 1, "lists": ["list-1"]}
    assert taken_in["user"]["id"] == people["operator"]["id"]
