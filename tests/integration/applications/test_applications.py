"""Applications from draft to answer, by each city's rule (rules.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.govdata.clocks import keeping

from .scene import CONTENT, Scene

InCity = Callable[[str], Scene]


@pytest.mark.requirement("LYG-10", "YZ-22")
def test_an_application_states_purpose_scenario_security_mode_and_time_all_named_at_once(scene: Scene) -> None:
    empty = {"purpose": "", "scenario": "", "security": "", "modes": [], "months": None, "answers": {}}
    application = scene.draft(**empty)
    found = scene.refused("application_submit", "data_user", id=application)
    assert set(found) == {"purpose", "scenario", "security", "modes", "months", "answers"}
    scene.call("application_update", "data_user", id=application, **CONTENT)
    assert scene.call("application_submit", "data_user", id=application)["state"] == "submitted"


@pytest.mark.requirement("LYG-10", "ZB-9")
def test_the_form_asks_what_the_published_conditions_need_and_says_the_date(scene: Scene) -> None:
    options = scene.call("application_options", "data_user", id=scene.entry["id"])
    assert options["conditions"] == {
        "condition-1": "仅用于申请的场景",
        "condition-2": "系统达到网络安全等级保护二级",
    }
    assert options["kinds"] == ["open"]
    assert options["clocks"]["open"]["number"] == 10
    assert options["clocks"]["open"]["kind"] == "statutory"


CITIES = [
    pytest.param("lianyungang", 10, "statutory", "LYG-19", marks=pytest.mark.requirement("LYG-19")),
    pytest.param("yangzhou", 20, "promise", "", marks=pytest.mark.requirement("YZ-27")),
    pytest.param("dongchangfu", 20, "promise", "", marks=pytest.mark.requirement("DCF-25")),
    pytest.param("guiyang", 20, "promise", "", marks=pytest.mark.requirement("GY-c6")),
    pytest.param("zibo", 20, "promise", "", marks=pytest.mark.requirement("ZB-9")),
]


@pytest.mark.parametrize(("city", "days", "kind", "article"), CITIES)
def test_the_answer_s_clock_is_the_city_s_own_or_called_a_promise(
    in_city: InCity, city: str, days: int, kind: str, article: str
) -> None:
    scene = in_city(city)
    application = scene.submitted()
    clock = scene.call("application_show", "data_user", id=application)["due"]
    assert (clock["number"], clock["kind"], clock["article"]) == (days, kind, article)


REFUSALS = [
    pytest.param("lianyungang", {"basis": "第七条"}, {}, marks=pytest.mark.requirement("LYG-19")),
    pytest.param("lianyungang", {"reason": "不符合条件"}, {}, marks=pytest.mark.requirement("LYG-19")),
    pytest.param("dongchangfu", {"reason": "不符合条件"}, {"basis": "第七条"}, marks=pytest.mark.requirement("DCF-25")),
    pytest.param("yangzhou", {"reason": "不符合条件"}, {"basis": "第七条"}, marks=pytest.mark.requirement("YZ-27")),
    pytest.param("guiyang", {"reason": "不符合条件"}, {"basis": "第七条"}, marks=pytest.mark.requirement("GY-c6")),
    pytest.param("zibo", {"reason": "不符合条件"}, {"basis": "第七条"}, marks=pytest.mark.requirement("ZB-9")),
]


@pytest.mark.parametrize(("city", "enough", "too_little"), REFUSALS)
def test_a_refusal_states_what_the_city_asks_for(
    in_city: InCity, city: str, enough: dict[str, str], too_little: dict[str, str]
) -> None:
    scene = in_city(city)
    application = scene.submitted()
    assert scene.refused("application_decide", "decider", id=application, accept=False, **too_little)
    answer = scene.call("application_decide", "decider", id=application, accept=False, **enough)
    assert answer["state"] == "refused"
    assert "行政复议" in answer["remedies"]["law"]
    assert "行政诉讼" in answer["remedies"]["law"]


@pytest.mark.requirement("DCF-25")
def test_commercial_development_goes_to_the_winner_of_a_competition(in_city: InCity) -> None:
    scene = in_city("dongchangfu")
    application = scene.draft(purpose="product_development")
    assert set(scene.refused("application_submit", "data_user", id=application)) == {"award"}
    scene.call("application_update", "data_user", id=application, award="中标通知书 2026-17 号，2026年3月2日")
    scene.call("application_submit", "data_user", id=application)
    assert "award_checked" in scene.refused("application_decide", "decider", id=application, accept=True)
    answer = scene.call("application_decide", "decider", id=application, accept=True, award_checked=True)
    assert answer["state"] == "approved"


@pytest.mark.requirement("DCF-25")
@pytest.mark.parametrize("city", ["lianyungang", "yangzhou", "guiyang", "zibo"])
def test_where_the_rule_says_nothing_of_awards_none_is_asked_for(in_city: InCity, city: str) -> None:
    scene = in_city(city)
    application = scene.submitted(purpose="product_development")
    assert scene.call("application_decide", "decider", id=application, accept=True)["state"] == "approved"


@pytest.mark.requirement("DCF-25")
def test_research_keeps_to_research_teaching_and_the_public_good(in_city: InCity) -> None:
    scene = in_city("dongchangfu")
    application = scene.draft(purpose="research")
    assert set(scene.refused("application_submit", "data_user", id=application)) == {"public_good"}


@pytest.mark.requirement("GY-c6")
def test_authorised_operation_is_granted_for_three_years_at_most(in_city: InCity) -> None:
    scene = in_city("guiyang")
    application = scene.draft(operation=True, months=37)
    assert set(scene.refused("application_submit", "data_user", id=application)) == {"months"}
    scene.call("application_update", "data_user", id=application, months=36)
    assert scene.call("application_submit", "data_user", id=application)["state"] == "submitted"


@pytest.mark.requirement("GY-c6")
@pytest.mark.parametrize("city", ["lianyungang", "yangzhou", "dongchangfu", "zibo"])
def test_where_the_rule_says_nothing_of_operation_it_has_the_longest_term_of_all(in_city: InCity, city: str) -> None:
    scene = in_city(city)
    application = scene.draft(operation=True, months=61)
    assert set(scene.refused("application_submit", "data_user", id=application)) == {"months"}
    scene.call("application_update", "data_user", id=application, months=60)
    assert scene.call("application_submit", "data_user", id=application)["state"] == "submitted"


@pytest.mark.requirement("ZB-9")
def test_a_reviewer_can_demand_nothing_that_was_not_published(in_city: InCity) -> None:
    scene = in_city("zibo")
    application = scene.submitted()
    given = {"id": application, "reason": "请补正"}
    wrong = scene.refused("application_return", "publisher", missing={"balance_sheet": "近三年财务报表"}, **given)
    assert "balance_sheet" in wrong["missing"][0]
    right = {"condition-2": "请附测评报告", "scenario": "请写明服务范围"}
    assert scene.call("application_return", "publisher", missing=right, **given)["state"] == "returned"


@pytest.mark.requirement("LYG-19")
def test_one_return_that_neither_stops_nor_restarts_the_clock(scene: Scene) -> None:
    application = scene.submitted()
    before = scene.call("application_show", "data_user", id=application)["due"]
    missing = {"id": application, "missing": {"scenario": "请写明服务范围"}, "reason": "请补正"}
    returned = scene.call("application_return", "publisher", **missing)
    assert returned["due"]["due_day"] == before["due_day"]
    assert returned["due"]["state"] == "running"
    scene.call("application_update", "data_user", id=application, scenario="面向市民的停车诱导小程序")
    completed = scene.call("application_complete", "data_user", id=application)
    assert (completed["state"], completed["due"]["due_at"]) == ("resubmitted", before["due_at"])
    assert scene.refused("application_return", "publisher", **missing)
    assert scene.refused("application_update", "data_user", id=application, scenario="又改")


@pytest.mark.requirement("LYG-19")
def test_what_was_submitted_does_not_change_even_by_raw_sql(scene: Scene) -> None:
    application = scene.submitted()
    with pytest.raises(sa.exc.DatabaseError, match="was submitted and does not change"):
        model.Session.execute(
            sa.text("UPDATE govdata_application SET content = '{}' WHERE id = :id"), {"id": application}
        )


@pytest.mark.requirement("LYG-19")
def test_nobody_decides_on_an_application_of_their_own_side(scene: Scene) -> None:
    from ckanext.govdata.access.parties.model import Member
    from ckanext.govdata.columns import now

    application = scene.submitted()
    decider = scene.people["decider"]["id"]
    member = Member(party_id=scene.party, user_id=decider, role="member", confirmed_at=now())
    model.Session.add(member)
    model.Session.commit()
    found = scene.refused("application_decide", "decider", id=application, accept=True)
    assert "side that applies" in found["message"]
    member = model.Session.get_one(Member, member.id)
    member.ended_at, member.ended_by = now(), decider
    model.Session.commit()
    assert scene.call("application_decide", "decider", id=application, accept=True)["state"] == "approved"


OUTSIDERS = ("other_publisher", "operator", "administrator")


@pytest.mark.requirement("LYG-19")
@pytest.mark.parametrize("who", OUTSIDERS)
def test_nobody_but_the_agency_s_decider_decides(scene: Scene, who: str) -> None:
    application = scene.submitted()
    assert scene.refused("application_decide", who, id=application, accept=True)
    assert scene.refused("application_decide", "publisher", id=application, accept=True)
    assert scene.refused("application_decide", "authority", id=application, accept=True)
    assert scene.state(application) == "submitted"


@pytest.mark.requirement("LYG-19", "YZ-23")
def test_the_authority_sends_back_or_upholds_and_never_decides_for_the_agency(scene: Scene) -> None:
    application = scene.submitted()
    scene.call("application_decide", "decider", id=application, accept=False, reason="不符合条件")
    appealed = scene.call("application_appeal", "data_user", id=application, reason="条件均已满足")
    assert appealed["due"]["kind"] == "promise"
    assert scene.refused("application_appeal_decide", "decider", id=application, uphold=True, reason="不可")
    ruling = {"id": application, "uphold": False, "reason": "理由不充分，请重新答复"}
    sent_back = scene.call("application_appeal_decide", "authority", **ruling)
    assert sent_back["state"] == "sent_back"
    assert scene.refused("application_decide", "authority", id=application, accept=True)
    assert scene.call("application_decide", "decider", id=application, accept=True)["state"] == "approved"


@pytest.mark.requirement("LYG-19")
def test_an_upheld_refusal_names_reconsideration_and_the_courts(scene: Scene) -> None:
    application = scene.submitted()
    scene.call("application_decide", "decider", id=application, accept=False, basis="第七条")
    scene.call("application_appeal", "data_user", id=application, reason="不服")
    scene.call("application_appeal_decide", "authority", id=application, uphold=True, reason="依据充分")
    seen = scene.call("application_show", "data_user", id=application)
    assert seen["state"] == "upheld"
    assert "行政诉讼" in seen["remedies"]["law"]
    assert "portal's own" in seen["remedies"]["appeal"]


def test_more_time_is_asked_for_by_one_and_given_by_another_where_the_promise_allows(in_city: InCity) -> None:
    scene = in_city("zibo")
    application = scene.submitted()
    more = {"id": application, "reason": "需征求其他部门意见"}
    scene.call("application_extension_ask", "decider", **more)
    assert scene.refused("application_extend", "decider", **more)
    before = scene.call("application_show", "data_user", id=application)["due"]
    after = scene.call("application_extend", "second_decider", **more, days=5)["due"]
    assert after["due_day"] > before["due_day"]
    assert scene.refused("application_extend", "second_decider", **more)


@pytest.mark.requirement("LYG-19")
def test_lianyungang_s_ten_days_are_not_extended(in_city: InCity) -> None:
    scene = in_city("lianyungang")
    application = scene.submitted()
    more = {"id": application, "reason": "人手不足"}
    scene.call("application_extension_ask", "decider", **more)
    assert scene.refused("application_extend", "second_decider", **more)
    assert [one.extended_by for one in keeping.of(application)] == [0]


def test_advice_is_the_agency_s_own(scene: Scene) -> None:
    application = scene.submitted()
    scene.call("application_advise", "publisher", id=application, reason="建议同意")
    seen = scene.call("application_show", "decider", id=application)
    assert [step["command"] for step in seen["steps"]] == ["draft", "submit", "advise"]
    own = scene.call("application_show", "data_user", id=application)
    assert [step["command"] for step in own["steps"]] == ["draft", "submit"]


def test_a_stranger_s_application_answers_like_one_that_is_not_there(scene: Scene) -> None:
    application = scene.draft()
    absent = scene.refused("application_show", "other_publisher", id="no-such")
    assert scene.refused("application_show", "other_publisher", id=application) == absent
    assert scene.refused("application_show", "decider", id=application) == absent
    assert scene.refused("application_show", "administrator", id=application) == absent


@pytest.mark.requirement("LYG-10")
def test_an_unverified_party_drafts_and_does_not_submit(scene: Scene) -> None:
    from ...agreed import make_party

    party = make_party(scene.people["other_publisher"]["id"], kind="person", name="王芳", state="unverified")
    application = scene.draft("other_publisher", party=party)
    assert set(scene.refused("application_submit", "other_publisher", id=application)) == {"party"}


def _listed(scene: Scene, who: str, **filters: Any) -> list[str]:
    return [one["id"] for one in scene.call("application_list", who, **filters)["results"]]


def test_each_role_has_its_list(scene: Scene) -> None:
    draft, application = scene.draft(), scene.submitted()
    assert set(_listed(scene, "data_user")) == {draft, application}
    assert _listed(scene, "publisher", desk="agency") == [application]
    assert _listed(scene, "authority", desk="authority") == [application]
    assert _listed(scene, "other_publisher", desk="agency") == []
    assert scene.refused("application_list", "data_user", desk="agency")
    assert _listed(scene, "publisher", desk="agency", overdue=True) == []
    assert _listed(scene, "publisher", desk="agency", open=False) == []
    assert _listed(scene, "publisher", desk="agency", purpose="innovation", q="停车场") == [application]


@pytest.mark.requirement("LYG-19")
def test_the_public_register_names_an_enterprise_only_with_its_consent_and_a_person_never(scene: Scene) -> None:
    quiet, open_one = scene.approved(), scene.approved(consent=True)
    found = scene.call("register_list", "data_user")
    assert found["figures"] == {"approved": 2}
    assert [line["days"] for line in found["results"]] == [0, 0]
    by_name = {line["applicant"]: line["scenario"] for line in found["results"]}
    assert by_name == {"": "", "江海数据有限公司": CONTENT["scenario"]}
    assert quiet != open_one


def test_an_agency_s_cases_pass_to_its_successor_by_one_act_on_record(scene: Scene) -> None:
    application = scene.submitted()
    to = {"agency": "jiaotongju", "successor": "weijianwei", "reason": "机构改革方案第三条"}
    assert scene.refused("succession", "decider", **to)
    found = scene.call("succession", "authority", **to)
    assert found == {"cases": 1, "clocks": 1}
    assert _listed(scene, "other_publisher", desk="agency") == [application]
    assert _listed(scene, "publisher", desk="agency") == []
    back = {"agency": "weijianwei", "successor": "jiaotongju", "reason": "更正"}
    scene.call("succession", "authority", **back)


def test_an_officer_s_cases_pass_to_the_successor(scene: Scene) -> None:
    application = scene.submitted()
    scene.call("application_assign", "decider", id=application, officer="publisher")
    to = {"officer": "publisher", "successor_officer": "decider", "reason": "调离"}
    assert scene.call("succession", "authority", **to)["cases"] == 1
    seen = scene.call("application_show", "decider", id=application)
    assert seen["officer"] == scene.people["decider"]["id"]


@pytest.mark.requirement("LYG-19", "LYG-37")
def test_lists_and_register_are_files_too(scene: Scene, app: Any) -> None:
    import io

    from openpyxl import load_workbook

    from ...conftest import _token

    scene.submitted()
    desk = {"Authorization": _token(scene.people["publisher"]["name"])}
    lines = app.get("/desk/applications.csv?desk=agency", headers=desk).data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,kind,title")
    assert "停车诱导" not in lines[1] and "江海数据有限公司" in lines[1]
    assert app.get("/desk/applications.csv?desk=agency", status=403).status_code == 403
    book = load_workbook(io.BytesIO(app.get("/register/applications.xlsx").data))
    rows = list(book.worksheets[0].values)
    assert (len(rows), "江海数据有限公司" in rows[1]) == (2, False)


PDF = b"%PDF-1.7 a plan for security"


def _upload(name: str, content: bytes) -> Any:
    import io

    from werkzeug.datastructures import FileStorage

    return FileStorage(io.BytesIO(content), filename=name)


@pytest.mark.requirement("LYG-10")
def test_attachments_are_told_by_content_kept_once_by_digest_and_never_public(scene: Scene, app: Any) -> None:
    from ...conftest import _token

    application = scene.draft()
    for name, content in (("page.pdf", b"<script>alert(1)</script>"), ("a.pdf", b""), ("b.xlsx", b"PK\x03\x04nothing")):
        assert scene.refused("application_attach", "data_user", id=application, upload=_upload(name, content))
    kept = scene.call("application_attach", "data_user", id=application, upload=_upload("../../安全 方案.exe", PDF))
    scene.call("application_attach", "data_user", id=application, upload=_upload("副本.pdf", PDF))
    assert (kept["media_type"], kept["name"]) == ("application/pdf", "安全 方案.exe")
    assert model.Session.scalar(sa.text("SELECT count(*) FROM govdata_application_bytes")) == 1
    path = f"/application/file/{kept['id']}"
    own = {"Authorization": _token(scene.people["data_user"]["name"])}
    answer = app.get(path, headers=own)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for stranger in ({}, {"Authorization": _token(scene.people["other_publisher"]["name"])}):
        assert app.get(path, headers=stranger, status=404).status_code == 404
    scene.call("application_submit", "data_user", id=application)
    assert scene.refused("application_detach", "data_user", id=kept["id"])
