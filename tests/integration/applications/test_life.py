"""Agreements from presenting to their end: the grant follows them, and nothing else gives one."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.access.granting import grant_under_agreement
from ckanext.govdata.access.model import Grant
from ckanext.govdata.agreements.life import steps, sweeping
from ckanext.govdata.agreements.life.machine import AGENCY, PORTAL, SUPERVISOR, USER
from ckanext.govdata.agreements.life.model import Agreement
from ckanext.govdata.agreements.texts.domain import starting_body
from ckanext.govdata.columns import now
from ckanext.govdata.notices.model import Notice
from ckanext.govdata.workflow import cases

from ...agreed import agreed, make_party, presented
from .scene import Scene

DAY = datetime.timedelta(days=1)


def _grants(agreement: str) -> list[Grant]:
    rows = sa.select(Grant).where(Grant.agreement == agreement).execution_options(populate_existing=True)
    return list(model.Session.scalars(rows))


def _told(text: str) -> int:
    rows = sa.select(sa.func.count()).select_from(Notice).where(Notice.text == text)
    return model.Session.scalar(rows) or 0


@pytest.mark.requirement("LYG-19", "YZ-27", "LYG-10")
def test_on_approval_both_sign_and_the_grant_follows_from_the_agreement(scene: Scene) -> None:
    application = scene.approved(items=["lot"])
    agreement = scene.call("agreement_present", "decider", id=application)
    assert (agreement["state"], agreement["items"], agreement["modes"]) == ("presented", ["lot"], ["api", "download"])
    assert _grants(agreement["id"]) == []
    signed = scene.sign(agreement)
    assert (signed["state"], _grants(agreement["id"])) == ("signed", [])
    assert signed["due"]["topic"] == "agreement_seal"
    sealed = scene.seal(agreement)
    (grant,) = _grants(agreement["id"])
    assert (sealed["state"], grant.state, grant.items, grant.party_id) == ("effective", "running", ["lot"], scene.party)
    assert scene.state(application) == "supplied"
    verdict = scene.call("agreement_show", "data_user", id=agreement["id"])
    assert verdict["last_day"] > now().date().isoformat()


@pytest.mark.requirement("LYG-24", "YZ-31", "DCF-25")
def test_no_third_party_no_other_purpose_and_source_and_date_are_in_every_agreement(scene: Scene) -> None:
    agreement = scene.call("agreement_present", "decider", id=scene.approved())
    codes = [one["code"] for one in agreement["conditions"]]
    assert codes == ["no_third_party", "purpose_only", "cite_source"]
    assert {"breach", "no_third_party"} <= set(agreement["clauses"])


@pytest.mark.requirement("ZB-9", "LYG-10")
def test_an_agreement_gives_nothing_that_was_not_applied_for(scene: Scene) -> None:
    application = scene.approved(items=["lot"], modes=["download"])
    for wider in ({"items": ["spaces"]}, {"modes": ["api"]}, {"months": 13}):
        assert scene.refused("agreement_present", "decider", id=application, **wider)


def test_there_is_one_agreement_at_a_time_on_an_application(scene: Scene) -> None:
    application = scene.approved()
    first = scene.call("agreement_present", "decider", id=application)
    assert scene.refused("agreement_present", "decider", id=application)
    scene.call("agreement_replace", "decider", id=first["id"], reason="期限写错")
    second = scene.call("agreement_present", "decider", id=application)
    assert scene.refused("agreement_document_sign", "data_user", id=first["document"], name="王芳")
    assert scene.sign(second)["state"] == "signed"


@pytest.mark.requirement("LYG-19")
def test_who_does_not_sign_for_the_party_does_not_sign(scene: Scene) -> None:
    from ckanext.govdata.access.parties.model import Member

    agreement = scene.call("agreement_present", "decider", id=scene.approved())
    paper = {"id": agreement["document"]}
    assert scene.refused("agreement_document_sign", "decider", name="王芳", **paper)
    assert scene.refused("agreement_document_sign", "administrator", name="王芳", **paper)
    clerk = Member(party_id=scene.party, user_id=scene.people["other_publisher"]["id"], role="member")
    model.Session.add(clerk)
    model.Session.commit()
    assert scene.refused("agreement_document_sign", "other_publisher", name="王芳", **paper)
    clerk.ended_at, clerk.ended_by = now(), "test"
    model.Session.commit()
    assert scene.refused("agreement_document_seal", "decider", **paper)
    assert scene.call("agreement_show", "decider", id=agreement["id"])["state"] == "presented"


@pytest.mark.requirement("LYG-40")
def test_a_breach_suspends_under_the_agreement_s_own_clause_after_notice_and_reply(scene: Scene) -> None:
    agreement = scene.effective()["id"]
    given = {"id": agreement, "clause": "no_third_party", "reason": "转交他人使用"}
    assert scene.refused("agreement_notice", "decider", breach="agreement_duties", **{**given, "clause": "made_up"})
    assert scene.refused("agreement_suspend", "decider", **given)
    noticed = scene.call("agreement_notice", "decider", breach="agreement_duties", **given)
    assert (noticed["state"], _grants(agreement)[0].state) == ("noticed", "running")
    assert "time to reply" in scene.refused("agreement_suspend", "decider", **given)["id"][0]
    scene.call("agreement_reply", "data_user", id=agreement, reason="没有转交")
    assert scene.call("agreement_suspend", "decider", **given)["state"] == "suspended"
    assert _grants(agreement)[0].state == "suspended"
    assert scene.refused("agreement_terminate", "decider", **given)
    assert scene.call("agreement_terminate", "second_decider", **given)["state"] == "terminated"
    assert _grants(agreement)[0].state == "revoked"


@pytest.mark.requirement("LYG-40")
def test_a_notice_that_was_dropped_is_followed_by_another_with_a_term_of_its_own(scene: Scene) -> None:
    agreement = scene.effective()["id"]
    breach = {"breach": "agreement_duties", "clause": "no_third_party", "reason": "向第三方提供"}
    scene.call("agreement_notice", "decider", id=agreement, **breach)
    assert scene.call("agreement_drop", "decider", id=agreement, reason="查无此事")["due"] is None
    again = scene.call("agreement_notice", "decider", id=agreement, **breach)
    assert (again["state"], again["due"]["topic"], again["due"]["open"]) == ("noticed", "breach_reply", True)


@pytest.mark.requirement("LYG-40", "LYG-19")
def test_a_breach_rests_on_a_clause_of_the_authority_s_own_text(scene: Scene) -> None:
    body = copy.deepcopy(starting_body())
    next(clause for clause in body["clauses"] if clause["key"] == "breach")["key"] = "breaking_faith"
    own = scene.call("agreement_text_draft", "authority", body=body)
    scene.call("agreement_text_enforce", "authority", id=own["id"])
    try:
        agreement = scene.effective()
        assert "breaking_faith" in agreement["clauses"] and "breach" not in agreement["clauses"]
        assert "conditions" not in agreement["clauses"]
        given = {"id": agreement["id"], "breach": "agreement_duties", "reason": "转交他人使用"}
        assert scene.refused("agreement_notice", "decider", clause="breach", **given)
        assert scene.call("agreement_notice", "decider", clause="breaking_faith", **given)["state"] == "noticed"
    finally:
        again = scene.call("agreement_text_draft", "authority")
        scene.call("agreement_text_enforce", "authority", id=again["id"])


@pytest.mark.requirement("LYG-40", "LYG-26")
def test_in_danger_operator_or_authority_suspend_at_once_and_the_agency_lets_it_go_on(scene: Scene) -> None:
    agreement = scene.effective()["id"]
    danger = {"id": agreement, "breach": "attack", "clause": "security", "reason": "正在批量抓取"}
    assert scene.call("agreement_suspend_in_danger", "operator", **danger)["state"] == "suspended"
    assert _grants(agreement)[0].state == "suspended"
    assert scene.refused("agreement_resume", "operator", id=agreement, reason="已排除")
    assert scene.call("agreement_resume", "decider", id=agreement, reason="已排除")["state"] == "effective"
    assert [one.state for one in _grants(agreement)] == ["running"]


@pytest.mark.requirement("LYG-24")
def test_duties_have_dates_and_are_reminded_and_met(scene: Scene) -> None:
    row = presented(scene.entry["id"], scene.party, now() - DAY, now() + 100 * DAY, conditions=["report_use:1"])
    for command, by, role in (("sign", "s", USER), ("seal", "d", AGENCY), ("take-effect", PORTAL, PORTAL)):
        steps.move(row, command, by, role)
    model.Session.commit()
    seen = scene.call("agreement_show", "data_user", id=row.id)
    assert [one["duty"] for one in seen["obligations"]] == ["report_use"] * 4
    first = seen["obligations"][0]
    sweeping.sweep(now() + 25 * DAY)
    assert _told("agreement_duty") == 1
    scene.call("agreement_obligation_meet", "data_user", id=first["id"], reason="本月服务 3 万人次")
    assert scene.refused("agreement_obligation_meet", "data_user", id=first["id"], reason="再报")
    assert scene.refused("agreement_obligation_meet", "decider", id=first["id"], reason="代报")


@pytest.mark.requirement("LYG-19")
def test_the_end_is_told_30_7_and_1_days_ahead_once_each_and_then_it_is_over(scene: Scene) -> None:
    agreement = scene.effective(months=2)["id"]
    row = model.Session.get_one(Agreement, agreement)
    ends = row.ends_at
    for ahead in (40, 30, 29, 8, 7, 6, 1, 1):
        sweeping.sweep(ends - ahead * DAY)
    assert _told("agreement_ending") == 3
    with pytest.raises(sa.exc.DatabaseError, match="is not over"):
        steps.move(model.Session.get_one(Agreement, agreement), "expire", PORTAL, PORTAL)
    model.Session.rollback()


def test_a_presented_agreement_that_nobody_signs_lapses_with_its_application(scene: Scene) -> None:
    application = scene.approved()
    agreement = scene.call("agreement_present", "decider", id=application)["id"]
    assert sweeping.sweep(now() + 5 * DAY).lapsed == 0
    assert sweeping.sweep(now() + 60 * DAY).lapsed == 1
    assert sweeping.sweep(now() + 60 * DAY).lapsed == 0
    assert model.Session.get_one(Agreement, agreement, populate_existing=True).state == "lapsed"
    assert scene.state(application) == "lapsed"


def test_a_second_agreement_supersedes_the_first_at_its_effect(scene: Scene) -> None:
    first = scene.effective(modes=["download", "api"])
    second = scene.call(
        "agreement_present", "decider", id=first["application"], modes=["download"], supersedes=first["id"]
    )
    scene.sign(second)
    assert [one.state for one in _grants(first["id"])] == ["running"]
    scene.seal(second)
    assert [one.state for one in _grants(first["id"])] == ["revoked"]
    assert [(one.state, one.modes) for one in _grants(second["id"])] == [("running", ["download"])]


@pytest.mark.requirement("LYG-19")
def test_a_renewal_follows_the_party_s_own_agreement_on_the_same_data_or_begins_after_it(scene: Scene) -> None:
    first = scene.effective(months=2)
    renewal = scene.approved(months=2)
    assert "until" in scene.refused("agreement_present", "decider", id=renewal)["first_day"][0]
    others = presented(scene.entry["id"], make_party("somebody-else"), now() - DAY, now() + 100 * DAY)
    model.Session.commit()
    refused = scene.refused("agreement_present", "decider", id=renewal, supersedes=others.id)
    assert "same party" in refused["supersedes"][0]
    assert scene.refused("agreement_present", "decider", id=renewal, supersedes="no-such")["supersedes"]
    day_after = (datetime.date.fromisoformat(first["last_day"]) + DAY).isoformat()
    after = scene.call("agreement_present", "decider", id=renewal, first_day=day_after)
    assert after["state"] == "presented"
    scene.call("agreement_replace", "decider", id=after["id"], reason="改为立即接续")
    follows = scene.call("agreement_present", "decider", id=renewal, supersedes=first["id"])
    scene.sign(follows)
    assert scene.seal(follows)["state"] == "effective"
    assert scene.call("agreement_show", "data_user", id=first["id"])["state"] == "superseded"


def test_the_pages_lead_from_an_agreement_to_the_same_application_again_and_to_other_terms(
    scene: Scene, app: Any
) -> None:
    from ...conftest import _token

    agreement = scene.effective()
    user, decider = ({"Authorization": _token(scene.people[who]["name"])} for who in ("data_user", "decider"))
    again = f"/dataset/{agreement['dataset']}/apply?again={agreement['application']}"
    assert again in app.get(f"/agreements/{agreement['document']}", headers=user).get_data(as_text=True)
    form = app.get(again, headers=user).get_data(as_text=True)
    assert "停车诱导小程序，展示空余泊位" in form and "已通过等保二级测评" in form
    page = app.get(f"/application/{agreement['application']}", headers=decider).get_data(as_text=True)
    assert f'<option value="{agreement["id"]}">' in page.partition('name="supersedes"')[2]
    assert 'name="supersedes"' not in app.get(f"/application/{agreement['application']}", headers=user).get_data(
        as_text=True
    )


@pytest.mark.requirement("LYG-19")
def test_of_two_agreements_presented_beside_each_other_the_second_is_not_sealed_and_it_is_said(scene: Scene) -> None:
    both = [scene.call("agreement_present", "decider", id=scene.approved()) for _ in range(2)]
    for one in both:
        scene.sign(one)
    scene.seal(both[0])
    assert "agreement" in str(scene.refused("agreement_document_seal", "decider", id=both[1]["document"]))
    states = [scene.call("agreement_show", "decider", id=one["id"])["state"] for one in both]
    assert (states[0], _grants(both[1]["id"])) == ("effective", [])


def _refused_by_the_database(words: str, do: Any) -> None:
    with pytest.raises(sa.exc.DatabaseError, match=words):
        do()
        model.Session.commit()
    model.Session.rollback()


@pytest.mark.requirement("LYG-19", "YZ-27")
def test_the_database_takes_no_grant_without_an_effective_agreement_of_that_party_inside_its_term(scene: Scene) -> None:
    package, party, moment = scene.entry["id"], scene.party, now()
    other = make_party(scene.people["publisher"]["id"], name="另一公司")
    waiting = presented(package, party, moment, moment + 9 * DAY).id
    model.Session.commit()
    effective = agreed(package, party, moment - DAY, moment + 9 * DAY)
    model.Session.commit()

    def grant(agreement: str, whose: str = party, last: int = 9) -> Any:
        return lambda: grant_under_agreement(package, whose, agreement, moment, moment + last * DAY, "portal")

    _refused_by_the_database("not inside the term", grant("no-such-agreement"))
    _refused_by_the_database("govdata_grant_agreement", grant(waiting))
    _refused_by_the_database("govdata_grant_agreement", grant(effective, other))
    _refused_by_the_database("not inside the term", grant(effective, last=10))
    grant(effective)()
    model.Session.commit()
    again = agreed(package, party, moment - DAY, moment + 9 * DAY)
    _refused_by_the_database("govdata_grant_alone", grant(again))
    run = model.Session.execute
    _refused_by_the_database(
        "stands where its case does",
        lambda: run(sa.text("UPDATE govdata_agreement SET state = 'effective' WHERE id = :id"), {"id": waiting}),
    )
    _refused_by_the_database(
        "terms of agreement",
        lambda: run(sa.text("UPDATE govdata_agreement SET ends_at = ends_at + interval '1 day'")),
    )
    _refused_by_the_database(
        "not inside the term", lambda: run(sa.text("UPDATE govdata_grant SET ends_at = ends_at + interval '1 day'"))
    )


def test_an_agreement_does_not_end_over_a_grant_that_runs(scene: Scene) -> None:
    agreement = scene.effective()["id"]

    def suspend() -> None:
        cases.take(agreement, "suspend-in-danger", "li", SUPERVISOR, reason="危险", basis="security")

    _refused_by_the_database("govdata_grant_agreement", suspend)


def test_an_agreement_does_not_end_over_a_grant_that_is_suspended(scene: Scene) -> None:
    agreement = scene.effective()["id"]
    steps.move(
        model.Session.get_one(Agreement, agreement),
        "suspend-in-danger",
        "li",
        SUPERVISOR,
        reason="危险",
        basis="security",
    )
    model.Session.commit()
    _refused_by_the_database("govdata_grant_suspended", lambda: cases.take(agreement, "give-up", "sun", USER))
    steps.move(model.Session.get_one(Agreement, agreement), "give-up", "sun", USER)
    model.Session.commit()
    assert model.Session.scalars(sa.select(Grant.state).where(Grant.agreement == agreement)).all() == ["revoked"]
