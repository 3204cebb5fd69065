"""Headers, limits, proxies, and the page for the administrator."""

from __future__ import annotations

import re
from collections.abc import Callable

import requests
from ckan.tests import factories

from .browser import Person
from .conftest import PASSWORD, PORT, sessions_of
from .honest import HonestProvider


def test_pages_of_signing_in_forbid_script_in_the_page_and_have_none(person: Person, honest: HonestProvider) -> None:
    factories.User(name="wang-wu", password=PASSWORD)
    person.sign_in_locally("wang-wu", PASSWORD)
    for place in ("/user/login", "/login/account/", "/login/factor/app", "/login/back/province?code=x"):
        answer = person.get(place) if place != "/user/login" else Person(person.portal).get(place)
        rules = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in rules and "frame-ancestors 'none'" in rules, place
        assert honest.issuer in rules.split("form-action")[1]
        scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", answer.text, re.S)
        assert not [one for one in scripts if one.strip()], place
        assert not re.findall(r"\son[a-z]+=\"", answer.text), place
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_every_answer_tells_the_browser_to_be_careful(person: Person) -> None:
    answer = requests.get(f"{person.portal}/api/3/action/status_show", timeout=10)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Strict-Transport-Security" not in answer.headers, "only where the portal's address is https"


def test_with_tls_browsers_shall_not_come_without(make_portal: Callable[..., str]) -> None:
    make_portal(ckan__site_url="https://data.example.org")
    answer = requests.get(f"http://127.0.0.1:{PORT}/api/3/action/status_show", timeout=10)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_one_address_may_not_send_passwords_at_will(make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__rate_sign_in="3 per minute")
    person = Person(portal)
    page = person.get("/user/login")
    seen = [person.send(page, login="x", password="y").status_code for _ in range(4)]
    assert seen == [200, 200, 200, 429]
    assert person.get("/user/login").status_code == 200


def test_a_browser_left_signed_in_is_no_place_to_try_passwords_at_will(make_portal: Callable[..., str]) -> None:
    """CKAN's form of one's profile takes the old password, as often as somebody likes."""
    portal = make_portal()
    factories.User(name="li-si", email="li-si@example.org", password=PASSWORD)
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    page = person.get("/user/edit/li-si")
    tried = {"save": "", "name": "li-si", "email": "other@example.org", "old_password": "a guess"}
    seen = [person.send(page, "", **tried).status_code for _ in range(11)]
    assert seen == [200] * 10 + [429]
    assert person.send(page, "", **{**tried, "email": "li-si@example.org", "old_password": ""}).ok, "the rest goes on"


def test_one_address_may_not_ask_for_mails_at_will(make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__rate_mail="2 per minute", govdata__login__registration="mail")
    person = Person(portal)
    page = person.get("/user/reset")
    assert [person.send(page, user="x", stop_at=portal).status_code for _ in range(3)] == [302, 302, 429]
    page = person.get("/login/register/")
    assert [person.send(page, mail="x@example.org").status_code for _ in range(3)] == [200, 200, 429]


def _address_seen(portal: str) -> str:
    factories.User(name="wang-wu", password=PASSWORD)
    person = Person(portal)
    person.http.headers["X-Forwarded-For"] = "198.51.100.1, 203.0.113.7"
    person.sign_in_locally("wang-wu", PASSWORD)
    return str(sessions_of("wang-wu")[0].address)


def test_without_proxies_no_forwarded_address_is_believed(make_portal: Callable[..., str]) -> None:
    assert _address_seen(make_portal()) == "127.0.0.1"


def test_behind_one_proxy_the_address_that_it_saw_is_believed_and_none_before_it(
    make_portal: Callable[..., str],
) -> None:
    assert _address_seen(make_portal(govdata__login__trusted_proxies=1)) == "203.0.113.7"


def test_the_administrator_sees_what_is_weak_and_nobody_else_does(person: Person) -> None:
    factories.Sysadmin(name="chief", password=PASSWORD)
    person.sign_in_locally("chief", PASSWORD)
    page = person.get("/login/administration/")
    assert page.status_code == 200
    for sentence in (
        "passwords and sessions travel in the open",
        "This identity service is asked without TLS",
        "no second factor",
    ):
        assert sentence in page.text
    assert Person(person.portal).get("/login/administration/").status_code in (403,)
