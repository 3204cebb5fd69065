"""Confirming who one is before what cannot be undone, and signing in at services that speak OAuth 2 only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ckan.plugins as p
import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from flask import Blueprint

from ckanext.govdata_login.stepup import demand_step_up, require_step_up

from .browser import Person
from .conftest import sessions_of
from .crooked import CrookedProvider
from .honest import HonestProvider

desk = Blueprint("login_desk", __name__, url_prefix="/desk")


@desk.route("/sign", methods=["GET", "POST"])
@require_step_up("sign_agreement")
def sign() -> str:
    return "signed"


@desk.get("/decide")
def decide() -> str:
    demand_step_up("decide")
    return "decided"


class Desk(p.SingletonPlugin):
    p.implements(p.IBlueprint)

    def get_blueprint(self) -> Blueprint:
        return desk


@pytest.fixture
def with_desk(provide_plugin: Callable[..., Any], make_portal: Callable[..., str], honest: HonestProvider) -> Person:
    provide_plugin("login_desk", Desk)
    entry = honest.entry(step_up_acr_values=["gold"])
    return Person(make_portal({"province": entry}, ckan__plugins="govdata_login login_desk"))


def test_a_view_that_needs_it_sends_the_person_to_confirm_and_back(with_desk: Person, honest: HonestProvider) -> None:
    with_desk.sign_in_at("province", "zhang")
    stopped = with_desk.get("/desk/sign", stop_at=honest.issuer)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(stopped.headers["Location"]).query).items()}
    assert (asked["max_age"], asked["prompt"], asked["acr_values"]) == ("0", "login", "gold")
    page = with_desk.send(with_desk.get("/desk/sign"), who="zhang")
    assert page.text == "signed", (with_desk.visited, page.url)
    assert with_desk.get("/desk/sign").text == "signed", "a confirmation counts for some minutes"
    row = sessions_of("zhang-san")[0]
    assert row.acr == "gold" and row.factors[-1]["kind"] == "provider"


def test_a_confirmation_by_another_identity_is_refused(
    provide_plugin: Callable[..., Any], make_portal: Callable[..., str], crooked: CrookedProvider
) -> None:
    provide_plugin("login_desk", Desk)
    person = Person(make_portal({"crooked": crooked.entry()}, ckan__plugins="govdata_login login_desk"))
    person.get("/login/with/crooked?next=/login/account/")
    crooked.change = lambda header, claims: claims.update(sub="0002")
    page = person.get("/desk/sign")
    assert page.status_code == 403 and "other_identity" in page.text
    crooked.change = lambda header, claims: claims.update(auth_time=claims["auth_time"] - 120)
    assert "signed_in_too_long_ago" in person.get("/desk/sign").text
    crooked.change = lambda header, claims: None
    assert person.get("/desk/sign").text == "signed"


def test_a_confirmation_grows_old(with_desk: Person) -> None:
    with_desk.sign_in_at("province", "zhang")
    with_desk.send(with_desk.get("/desk/sign"), who="zhang")
    row = sessions_of("zhang-san")[0]
    row.factors = [{**one, "at": one["at"] - 601} for one in row.factors]
    model.Session.commit()
    assert with_desk.get("/desk/sign").text != "signed"


def test_an_action_refuses_with_its_reason(with_desk: Person) -> None:
    with_desk.sign_in_at("province", "zhang")
    with pytest.raises(tk.NotAuthorized, match="decide"), _request():
        demand_step_up("decide")


def _request() -> Any:
    from ckan.tests.helpers import _get_test_app

    return _get_test_app().flask_app.test_request_context()


PROFILE = {
    "protocol": "oauth2",
    "client_auth": "client_secret_post",
    "profile": {
        "client_id": "appid",
        "client_secret": "appsecret",
        "userinfo_auth": "query",
        "userinfo_root": "data",
        "subject": "openid",
        "error": "code",
    },
    "claims": {
        "name": {"from": "nick"},
        "fullname": {"from": "nick"},
        "memberships": [{"organization": {"default": "jiaotongju"}, "capacity": {"default": "admin"}}],
    },
}


def test_a_service_with_field_names_of_its_own_signs_in_by_its_profile(
    make_portal: Callable[..., str], crooked: CrookedProvider
) -> None:
    places = {"authorization": "authorize", "token": "token", "userinfo": "me"}
    endpoints = {name: f"{crooked.issuer}/{path}" for name, path in places.items()}
    person = Person(make_portal({"mini": {**crooked.entry(), **PROFILE, "endpoints": endpoints}}))
    page = person.get("/login/with/mini?next=/login/account/")
    assert page.status_code == 200
    user = model.Session.query(model.User).filter_by(fullname="赵六").one()
    assert sessions_of(user.name)[0].subject == "abc-1" and crooked.exchanged[0]["appid"] == "portal"
    assert "code_verifier" in crooked.exchanged[0]
    places = model.Session.query(model.Member).filter_by(table_name="user", table_id=user.id)
    assert places.count() == 0, "a service without ID tokens gives no officer's place"


def test_the_dry_run_shows_what_a_mapping_makes_of_claims(
    make_portal: Callable[..., str], honest: HonestProvider, cli: Any, tmp_path: Path, ckan_config: dict[str, Any]
) -> None:
    rule = {
        "organization": {"from": "dept", "words": {"JTJ": "jiaotongju"}},
        "capacity": {"from": "roles", "words": {}},
    }
    make_portal({"province": honest.entry(claims={"memberships": [rule]})})
    claims = tmp_path / "claims.json"
    claims.write_text(json.dumps({"sub": "1", "name": "张三", "dept": "JTJ", "roles": ["head"], "shoe": 4}))
    from click.testing import CliRunner

    from ckanext.govdata_login.cli import govdata_login

    done = CliRunner().invoke(govdata_login, ["try-claims", str(claims)])
    assert done.exit_code == 0, done.output
    assert (
        'fullname = "张三"   from name' in done.output and "'head'" in done.output and "not used: shoe" in done.output
    )
    checked = CliRunner().invoke(govdata_login, ["check"])
    assert "province" in checked.output and "secret found" in checked.output


def test_a_fault_in_the_file_stops_the_portal_at_its_start(make_portal: Callable[..., str]) -> None:
    from ckanext.govdata_login.errors import SettingsError

    with pytest.raises(SettingsError, match="provider 'broken', 'issuer': is missing"):
        make_portal({"broken": {"title": "x", "client_id": "y"}})
