"""The rows of rules.md §3 in each of the five cities: a rule where the city's text has one, else the portal's own, called so."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata.cases import limits

from .scene import CONTENT, Scene

InCity = Callable[[str], Scene]
CITIES = ("yangzhou", "lianyungang", "dongchangfu", "guiyang", "zibo")
in_each_city = pytest.mark.parametrize("city", CITIES)
EMPTY = {"purpose": "", "scenario": "", "security": "", "modes": [], "months": None, "answers": {}}
ANSWER = {"lianyungang": (10, "statutory", "LYG-19")}
SHARING_ANSWER = {"yangzhou": (5, "pack", "YZ-22")}
SHARING_SUPPLY = {"yangzhou": (5, "pack", "YZ-22")}
# What is not enough for a refusal, and what is, beside each other: of open data and of sharing.
BOTH = {"reason": "不符合条件", "basis": "第七条"}
REASON, BASIS = {"reason": "不符合条件"}, {"basis": "第七条"}
REFUSAL: dict[str, tuple[list[dict[str, str]], dict[str, str]]] = {"lianyungang": ([{}], BASIS)}
SHARING_REFUSAL: dict[str, tuple[list[dict[str, str]], dict[str, str]]] = {"yangzhou": ([{}, REASON, BASIS], BOTH)}


@pytest.fixture
def sharing(in_city: InCity) -> Iterator[InCity]:
    """The scene in a city, with its own entry again afterwards."""
    kept: list[tuple[Scene, Any]] = []

    def choose(city: str) -> Scene:
        scene = in_city(city)
        kept.append((scene, scene.entry))
        return scene

    yield choose
    for scene, entry in kept:
        scene.entry = entry


def _due(shown: dict[str, Any]) -> tuple[int, str, str]:
    return shown["due"]["number"], shown["due"]["kind"], shown["due"]["article"]


def _refuse(scene: Scene, application: str, rule: tuple[list[dict[str, str]], dict[str, str]]) -> dict[str, Any]:
    for too_little in rule[0]:
        assert scene.refused("application_decide", "decider", id=application, accept=False, **too_little)
    return dict(scene.call("application_decide", "decider", id=application, accept=False, **rule[1]))


@in_each_city
@pytest.mark.requirement("LYG-10", "YZ-22", "LYG-19", "DCF-25")
def test_in_each_city_an_application_is_whole_answered_in_its_days_refused_with_what_it_asks_and_on_record(
    in_city: InCity, city: str
) -> None:
    scene = in_city(city)
    application = scene.draft(**EMPTY)
    assert set(scene.refused("application_submit", "data_user", id=application)) == set(EMPTY)
    scene.call("application_update", "data_user", id=application, **CONTENT)
    submitted = scene.call("application_submit", "data_user", id=application)
    assert _due(submitted) == ANSWER.get(city, (20, "promise", ""))
    refused = _refuse(scene, application, REFUSAL.get(city, ([{}, BASIS], REASON)))
    assert (refused["state"], refused["steps"][-1]["entry"] != "") == ("refused", True)
    (line,) = [one for one in scene.call("register_list", "data_user")["results"] if one["outcome"] == "refused"]
    assert (line["purpose"], line["days"], "party" in line) == ("innovation", 0, False)


@in_each_city
@pytest.mark.requirement("LYG-19", "YZ-27", "LYG-24", "YZ-31", "DCF-25", "DCF-20", "GY-c4")
def test_in_each_city_both_sides_sign_what_binds_the_user_and_access_follows(in_city: InCity, city: str) -> None:
    """A body with a public duty, so that it holds for those too; the agency seals, or its seal provider does."""
    scene = in_city(city)
    agreement = scene.call("agreement_present", "decider", id=scene.approved(purpose="duty"))
    assert [one["code"] for one in agreement["conditions"]] == ["no_third_party", "purpose_only", "cite_source"]
    assert scene.refused("agreement_document_seal", "decider", id=agreement["document"]), "the user signs first"
    scene.sign(agreement)
    sealed = scene.seal(agreement)
    assert (sealed["state"], sealed["modes"], sealed["last_day"] > sealed["opened_at"][:10]) == (
        "effective",
        ["api", "download"],
        True,
    )
    told = scene.call("agreement_document_show", "decider", id=agreement["document"])
    assert [(one["field"], one["state"]) for one in told["signatures"]] == [("User", "done"), ("Agency", "done")]


@in_each_city
@pytest.mark.requirement("YZ-19", "YZ-20", "YZ-22", "YZ-23", "DCF-19", "DCF-20")
def test_in_each_city_agencies_share_in_its_days_and_the_authority_coordinates(sharing: InCity, city: str) -> None:
    scene = sharing(city)
    at_once = scene.shared("unconditional")
    assert scene.call("application_submit", "other_publisher", id=at_once)["state"] == "supplied"
    asked = scene.shared("conditional")
    submitted = scene.call("application_submit", "other_publisher", id=asked)
    assert _due(submitted) == SHARING_ANSWER.get(city, (10, "promise", ""))
    _refuse(scene, asked, SHARING_REFUSAL.get(city, ([{}, BASIS], REASON)))
    scene.call("application_coordinate", "other_publisher", id=asked, reason="履行职责需要")
    scene.call("application_appeal_decide", "authority", id=asked, uphold=False, reason="请按最小范围提供")
    approved = scene.call("application_decide", "decider", id=asked, accept=True)
    assert _due(approved) == SHARING_SUPPLY.get(city, (10, "promise", ""))
    assert scene.call("application_supply", "decider", id=asked)["state"] == "supplied"


@in_each_city
@pytest.mark.requirement("YZ-21")
def test_in_each_city_a_base_register_is_shared_without_conditions_only_where_its_text_says_so(
    sharing: InCity, city: str
) -> None:
    scene = sharing(city)
    application = scene.shared("conditional", base_register="credit")
    state = scene.call("application_submit", "other_publisher", id=application)["state"]
    assert state == ("supplied" if city == "yangzhou" else "submitted")


@in_each_city
@pytest.mark.requirement("YZ-28", "GY-c5", "LYG-18")
def test_in_each_city_data_of_no_list_is_asked_for_and_the_agency_agrees_or_says_why_not(
    in_city: InCity, city: str, ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = in_city(city)
    monkeypatch.setitem(ckan_config, "govdata.tracing.key", str(tmp_path / "tracing.key"))
    monkeypatch.setattr(limits, "MOST", 10_000)
    day = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
    numbers = []
    for title, answer in (("充电桩实时状态", {"command": "agree", "promised": day}), ("公交刷卡明细", None)):
        number = scene.call("request_file", "data_user", title=title, text="全市逐条数据", purpose="研究")["number"]
        words = {"title": title, "text": "全市逐条数据", "agency": scene.people["agency"]["id"]}
        scene.call("request_step", "operator", number=number, command="show", **words)
        running = [one for one in scene.call("request_show", "decider", number=number)["clocks"] if one["open"]]
        assert [one["kind"] for one in running] == ["promise"], "no text of the five has a number of days"
        if answer is None:
            assert scene.refused("request_step", "decider", number=number, command="refuse"), "with reasons alone"
            answer = {"command": "refuse", "reason": "涉及个人隐私"}
        scene.call("request_step", "decider", number=number, **answer)
        numbers.append(number)
    shown = [scene.call("request_show", "data_user", number=number) for number in numbers]
    assert [(one["state"], one["reply"]) for one in shown] == [("agreed", ""), ("refused", "涉及个人隐私")]
