"""What ends a session ends it at once, in every browser that has its cookies, whatever else that browser remembers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import _get_test_app, call_action
from flask_login.utils import encode_cookie

from .browser import Person
from .conftest import PASSWORD, sessions_of
from .honest import HonestProvider

PLUGINS = "scheming_datasets govdata govdata_search govdata_login"
LISTED = "/api/3/action/govdata_login_session_list"


def by_its_owner(person: Person) -> None:
    owner = Person(person.portal)
    owner.sign_in_locally("li-si", PASSWORD)
    row = next(one for one in sessions_of("li-si") if one.browser == person.http.headers["User-Agent"])
    owner.send(owner.get("/login/account/"), f"/sessions/{row.id}/end")


def by_a_changed_password(person: Person) -> None:
    context = {"user": "li-si", "ignore_auth": True}
    tk.get_action("user_patch")(context, {"id": "li-si", "password": "another-password-altogether"})


def by_the_end_of_a_post(person: Person) -> None:
    call_action("govdata_officer_dismiss", {"user": "chief"}, user="li-si", role="operator")


def by_the_provider(person: Person) -> None:
    page = person.get(f"{HONEST[0].issuer}/session/end")
    person.send(page, "/session/end/confirm", logout="yes")


HONEST: list[HonestProvider] = []
WAYS: dict[str, Callable[[Person], None]] = {
    "its owner": by_its_owner,
    "the end of a post": by_the_end_of_a_post,
    "a changed password": by_a_changed_password,
    "the provider's own logout": by_the_provider,
}


def thief_of(person: Person, id: str) -> Person:
    """A browser with all cookies of another's, and with the one of "remember me" that CKAN would take."""
    with _get_test_app().flask_app.test_request_context():
        remembered = encode_cookie(id)
    thief = Person(person.portal)
    portal = {one.name: str(one.value) for one in person.http.cookies if not one.name.startswith("_session")}
    thief.http.cookies.update(portal)
    thief.http.cookies.set("remember_token", remembered)
    return thief


@pytest.mark.requirement("LYG-17", "LYG-35")
def test_no_cookie_opens_anything_within_a_second_of_a_sessions_end(
    make_portal: Callable[..., str], honest: HonestProvider, request: pytest.FixtureRequest
) -> None:
    HONEST[:] = [honest]
    settings = {"govdata__officers__second_factor": False, "govdata__login__trusted_proxies": 0}
    portal = make_portal({"province": honest.entry()}, ckan__plugins=PLUGINS, **settings)
    for plugin in ("govdata_search", "govdata"):
        request.getfixturevalue("migrate_db_for")(plugin)
    factories.Sysadmin(name="chief")
    clerk: Any = factories.User(name="li-si", password=PASSWORD)
    call_action("govdata_officer_appoint", {"user": "chief"}, user="li-si", role="operator")
    spent = {}
    for number, (way, end) in enumerate(WAYS.items()):
        person = Person(portal)
        person.http.headers["User-Agent"] = f"browser {number}"
        if end is by_the_provider:
            person.sign_in_at("province", "zhang")
            id = sessions_of("zhang-san")[0].user_id
        else:
            person.sign_in_locally("li-si", PASSWORD)
            id = clerk["id"]
        thief = thief_of(person, id)
        assert thief.is_signed_in() and thief.http.get(portal + LISTED, timeout=20).ok, way
        end(person)
        begun = time.monotonic()
        while thief.is_signed_in() and time.monotonic() - begun < 5:
            time.sleep(0.02)
        spent[way] = time.monotonic() - begun
        assert thief.http.get(portal + LISTED, timeout=20).status_code == 403, way
        again = thief_of(person, id)
        again.http.cookies.pop("ckan", None)
        assert not again.is_signed_in() and not person.is_signed_in(), (
            f"{way}: what the browser remembers opens nothing"
        )
    print("; ".join(f"ended by {way}: shut after {seconds * 1000:.0f} ms" for way, seconds in spent.items()))
    assert max(spent.values()) < 1
