"""The switches of each city's rule pack, seen from outside through HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import get_plugin

from ckanext.govdata.rules.errors import RulePackError

from .api import call, result

CITIES = ("yangzhou", "lianyungang", "dongchangfu", "guiyang", "zibo")
ASKS_SIGN_IN = {"yangzhou"}
REVIEWERS = {
    "yangzhou": {"operator", "authority"},
    "lianyungang": {"agency", "operator", "authority"},
    "dongchangfu": {"agency", "authority"},
    "guiyang": set(),
    "zibo": {"authority"},
}
NEEDS_BASIS = {"lianyungang": {"not_open"}, "dongchangfu": {"conditional", "not_open"}}

Make = Callable[..., dict[str, Any]]
People = dict[str, dict[str, Any]]


def uploaded(entry: dict[str, Any], create_with_upload: Any) -> dict[str, Any]:
    context = {"ignore_auth": True, "user": "administrator"}
    return dict(create_with_upload("a,b\n1,2\n", "list.csv", context=context, package_id=entry["id"], format="CSV"))


@pytest.mark.requirement("YZ-27", "LYG-9", "DCF-24")
@pytest.mark.parametrize("city", CITIES)
def test_only_a_city_that_asks_for_it_sends_visitors_to_sign_in_before_unconditional_data(
    app: Any, city: str, with_city: Callable[[str], None], make_entry: Make, people: People, create_with_upload: Any
) -> None:
    with_city(city)
    file = uploaded(make_entry(), create_with_upload)
    address = f"/dataset/{file['package_id']}/resource/{file['id']}/download/list.csv"
    expected = 401 if city in ASKS_SIGN_IN else 200
    assert app.get(address).status_code == expected
    signed_in = {"Authorization": people["data_user"]["token"]}
    assert app.get(address, headers=signed_in).status_code == 200
    browser = app.get(address, headers={"Accept": "text/html"}, follow_redirects=False)
    assert ("/user/login" in browser.headers.get("Location", "")) is (city in ASKS_SIGN_IN)


@pytest.mark.requirement("DCF-22", "LYG-7")
@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("tier", ["unconditional", "conditional", "not_open"])
def test_an_entry_without_a_basis_is_held_where_the_city_asks_for_one(
    app: Any, city: str, tier: str, with_city: Callable[[str], None], make_entry: Make
) -> None:
    with_city(city)
    entry = make_entry(open_tier=tier, open_exception="internal_affairs" if tier == "not_open" else "")
    held = tier in NEEDS_BASIS.get(city, set())
    assert ("basis_outstanding" in entry["hold_causes"]) is held
    assert (entry["publication"] == "held") is held
    visible = call(app, "package_show", id=entry["id"])[0] == 200
    assert visible is (tier != "not_open" and not held)


@pytest.mark.requirement("LYG-12", "ZB-10", "YZ-14", "DCF-15", "DCF-23")
@pytest.mark.parametrize("city", CITIES)
def test_an_agencys_entry_is_published_after_those_whom_the_city_names_have_agreed(
    app: Any, city: str, with_city: Callable[[str], None], people: People
) -> None:
    with_city(city)
    entry = result(
        app,
        "package_create",
        people["publisher"],
        name="parking",
        title="公共停车场名录",
        owner_org=people["agency"]["id"],
        open_tier="unconditional",
    )
    assert entry["publication"] == ("in_review" if REVIEWERS[city] else "published")
    officers = {"agency": "decider", "operator": "operator", "authority": "authority"}
    for reviewer in sorted(REVIEWERS[city]):
        assert call(app, "package_show", id="parking")[0] == 404
        result(app, "govdata_review_decide", people[officers[reviewer]], id="parking", reviewer=reviewer, accept=True)
    assert call(app, "package_show", id="parking")[0] == 200
    assert result(app, "package_search", q="停车场")["count"] == 1


@pytest.mark.parametrize("city", CITIES)
def test_the_city_shown_is_the_city_that_runs_and_only_a_text_in_force_is_called_statutory(
    app: Any, city: str, with_city: Callable[[str], None], portal: None
) -> None:
    with_city(city)
    shown = result(app, "govdata_city_show")
    assert shown["city"] == city
    assert shown["statutory"] is (city in {"lianyungang", "zibo"})
    assert set(shown["reviewers"]) == REVIEWERS[city]


MISTAKES = {
    "a wrong unit": (
        "topic: open_application_answer, article: LYG-19, scope: open, number: 2, unit: weeks, quote: 十",
        "LYG-19",
    ),
    "a missing article": (
        "topic: open_application_answer, scope: open, number: 2, unit: working_days, quote: 十",
        "article",
    ),
    "an unknown key": (
        "topic: open_application_answer, article: LYG-19, scope: open, number: 2, unit: working_days, quote: 十, colour: red",
        "colour",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_rule_pack_with_a_mistake_stops_the_start_with_line_and_article(
    ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portal: None, mistake: str
) -> None:
    entry, named = MISTAKES[mistake]
    broken = tmp_path / "pack.yaml"
    broken.write_text(f"extends: lianyungang\nchange:\n- {{{entry}}}\n", encoding="utf-8")
    monkeypatch.setitem(ckan_config, "govdata.rules.extra", str(broken))
    plugin = get_plugin("govdata")
    assert plugin is not None
    with pytest.raises(RulePackError) as stopped:
        plugin.configure(ckan_config)
    assert "pack.yaml" in str(stopped.value)
    assert "3" in str(stopped.value)
    assert named in str(stopped.value)
