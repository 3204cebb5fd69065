"""Signing in against npm's oidc-provider, over HTTP from end to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ckan import model
from ckan.tests import factories

from .browser import Person
from .conftest import PASSWORD, capacity_of, organization, sessions_of
from .honest import HonestProvider
from .programs import GIVEN, Notes, call, program, token_of


def test_a_person_signs_in_and_gets_an_account_with_the_names_of_their_claims(person: Person) -> None:
    page = person.sign_in_at("province", "zhang")
    assert page.status_code == 200 and "Signing in and security" in page.text
    user = model.User.by_name("zhang-san")
    assert (user.fullname, user.email) == ("张三", "zhang.san@example.org")


def test_the_request_to_the_provider_carries_pkce_state_and_nonce(person: Person, honest: HonestProvider) -> None:
    answer = person.get("/login/with/province", stop_at=honest.issuer)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43 and asked["state"] != asked["nonce"]
    assert "no-store" in answer.headers["Cache-Control"] and "public" not in answer.headers["Cache-Control"]


def test_the_same_identity_opens_the_same_account_again(person: Person, portal: str) -> None:
    person.sign_in_at("province", "zhang")
    other = Person(portal)
    other.sign_in_at("province", "zhang")
    assert len(sessions_of("zhang-san")) == 2


def test_an_identity_with_the_mail_of_an_account_does_not_open_that_account(
    person: Person, account: dict[str, Any]
) -> None:
    page = person.sign_in_at("province", "li")
    assert page.status_code == 403 and "mail_taken" in page.text
    assert not person.is_signed_in()


def test_linking_needs_signing_in_to_the_account_and_then_opens_it(
    person: Person, account: dict[str, Any], portal: str, honest: HonestProvider
) -> None:
    person.sign_in_locally("li-si", PASSWORD)
    page = person.get("/login/account/")
    form = person.send(page, "/login/link/province")
    page = person.send(form, who="li")
    assert "The identity is linked" in page.text
    elsewhere = Person(portal)
    elsewhere.sign_in_at("province", "li")
    assert elsewhere.is_signed_in() and len(sessions_of("li-si")) == 2


def test_linking_by_a_visitor_is_refused(person: Person) -> None:
    answer = person.post("/login/link/province", _csrf_token=_token(person))
    assert answer.status_code == 403 and "link_needs_sign_in" in answer.text


def _token(person: Person) -> str:
    import re

    page = person.get("/user/login").text
    found = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_keys_turned_while_somebody_is_signed_in_are_found_at_the_next_sign_in(
    person: Person, portal: str, honest: HonestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.govdata_login.oidc import keys

    monkeypatch.setattr(keys, "REFETCH_SECONDS", 0)
    person.sign_in_at("province", "zhang")
    honest.turn_keys()
    assert person.is_signed_in()
    other = Person(portal)
    assert "Signing in and security" in other.sign_in_at("province", "zhang").text


def test_a_provider_that_is_down_shuts_nobody_else_out(
    person: Person, portal: str, account: dict[str, Any], honest: HonestProvider
) -> None:
    signed_in = Person(portal)
    signed_in.sign_in_at("province", "zhang")
    from ckanext.govdata_login.oidc import discovery

    discovery.forget()
    honest.down()
    page = person.get("/login/with/province")
    assert page.status_code == 503 and "The province cannot be reached" in page.text
    assert person.sign_in_locally("li-si", PASSWORD).status_code == 200
    assert person.is_signed_in() and signed_in.is_signed_in()


def test_signing_out_ends_the_session_here_and_at_the_provider(person: Person, honest: HonestProvider) -> None:
    person.sign_in_at("province", "zhang")
    cookies = dict(person.http.cookies)
    page = person.get("/user/_logout")
    assert page.url.startswith(f"{honest.issuer}/session/end")
    back = person.send(page, "/session/end/confirm", logout="yes")
    assert back.url.endswith("/login/signed-out")
    assert not sessions_of("zhang-san")
    person.http.cookies.update(cookies)
    assert not person.is_signed_in()
    assert 'name="who"' in person.get("/login/with/province").text, "the provider asks again who it is"


def test_a_logout_at_the_provider_ends_the_session_here_within_a_second(person: Person, honest: HonestProvider) -> None:
    person.sign_in_at("province", "zhang")
    page = person.get(f"{honest.issuer}/session/end")
    began = time.monotonic()
    person.send(page, "/session/end/confirm", logout="yes")
    while sessions_of("zhang-san") and time.monotonic() - began < 5:
        time.sleep(0.02)
    assert time.monotonic() - began < 1.0
    assert not person.is_signed_in()


def test_a_lost_claim_takes_its_place_away_at_the_next_sign_in(
    make_portal: Callable[..., str], honest: HonestProvider
) -> None:
    rule = {
        "organization": {"from": "dept", "words": {"JTJ": "jiaotongju"}},
        "capacity": {"from": "roles", "words": {"data-officer": "editor"}},
    }
    portal = make_portal({"province": honest.entry(claims={"memberships": [rule]})})
    organization("jiaotongju")
    Person(portal).sign_in_at("province", "zhang")
    assert capacity_of("zhang-san", "jiaotongju") == "editor"
    honest.claims("zhang", name="张三", preferred_username="zhang-san", dept="JTJ", roles=[])
    Person(portal).sign_in_at("province", "zhang")
    assert capacity_of("zhang-san", "jiaotongju") is None


def test_a_place_that_the_claims_did_not_give_is_not_taken_by_them(
    make_portal: Callable[..., str], honest: HonestProvider
) -> None:
    rule = {
        "organization": {"from": "dept", "words": {"JTJ": "jiaotongju"}},
        "capacity": {"from": "x", "default": "member"},
    }
    portal = make_portal({"province": honest.entry(claims={"memberships": [rule]})})
    Person(portal).sign_in_at("province", "zhang")
    organization("jiaotongju", zhang_san="admin")
    Person(portal).sign_in_at("province", "zhang")
    honest.claims("zhang", name="张三")
    Person(portal).sign_in_at("province", "zhang")
    assert capacity_of("zhang-san", "jiaotongju") == "admin"


def test_who_does_not_sign_in_within_the_term_loses_roles_sessions_and_tokens(
    make_portal: Callable[..., str], honest: HonestProvider, provide_plugin: Callable[..., Any]
) -> None:
    from datetime import timedelta

    from ckanext.govdata_login import accounts
    from ckanext.govdata_login.clients.model import Token
    from ckanext.govdata_login.model import Identity

    provide_plugin("login_notes", Notes)
    GIVEN.clear()
    GIVEN.update({"zhang-san": ["note:1"]})
    providers = {"province": honest.entry(sign_in_again_days=30)}
    portal = make_portal(providers, ckan__plugins="govdata_login login_notes")
    person = Person(portal)
    person.sign_in_at("province", "zhang")
    user = model.User.by_name("zhang-san")
    row, secret = program("zhang-san")
    of_program = token_of(portal, row, secret).json()["access_token"]
    assert call(portal, of_program).ok
    token = factories.APIToken(user=user.name)["token"]
    ask = {"Authorization": token}
    whoami = f"{portal}/api/3/action/govdata_login_session_list"
    assert person.http.get(whoami, headers=ask).status_code == 200
    identity = model.Session.query(Identity).one()
    identity.signed_in_at -= timedelta(days=31)
    model.Session.commit()
    assert person.http.get(whoami, headers=ask, cookies={}).status_code == 401, "the token counts no more, sweep or not"
    assert call(portal, of_program).status_code == 401
    assert accounts.lapse_overdue() == 1
    assert not sessions_of("zhang-san") and not person.is_signed_in()
    assert model.Session.query(model.ApiToken).count() == 0
    assert model.Session.query(Token).filter_by(ended_at=None).count() == 0


def test_a_remember_cookie_opens_nothing_after_its_session_ended(person: Person, account: dict[str, Any]) -> None:
    from flask_login.utils import encode_cookie

    page = person.get("/user/login")
    person.send(page, "", login="li-si", password=PASSWORD, remember="63072000")
    assert person.is_signed_in()
    from ckan.tests.helpers import _get_test_app

    with _get_test_app().flask_app.test_request_context():
        cookie = encode_cookie(account["id"])
    thief = Person(person.portal)
    thief.http.cookies.set("remember_token", cookie)
    assert not thief.is_signed_in()
    token = thief.http.get(f"{person.portal}/api/3/action/govdata_login_session_list")
    assert token.status_code == 403
