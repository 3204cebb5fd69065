"""Second factors of local accounts, and guessing that slows the guesser and not the owner."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from ckan import model
from ckan.tests import factories

from ckanext.govdata_login.model import Factor

from .browser import Person
from .conftest import PASSWORD, sessions_of


@pytest.fixture
def local(make_portal: Callable[..., str]) -> Person:
    """A portal without identity services, and somebody with an account there."""
    portal = make_portal()
    factories.User(name="li-si", email="li.si@example.org", password=PASSWORD)
    return Person(portal)


def _add_app(person: Person) -> tuple[pyotp.TOTP, list[str]]:
    page = person.get("/login/factor/app")
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
    assert found, page.text[:2000]
    app = pyotp.TOTP(found.group(1))
    page = person.send(page, code=app.now())
    return app, re.findall(r"<code>([a-z0-9-]{14})</code>", page.text)


def _spend_no_step() -> None:
    """As if the last code had been used a while ago, so that a test need not wait thirty seconds."""
    model.Session.query(Factor).filter_by(kind="totp").update({"counter": 0})
    model.Session.commit()


def test_with_an_app_the_password_alone_lets_nobody_in(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    app, recovery = _add_app(local)
    assert len(recovery) == 10 and local.is_signed_in()
    _spend_no_step()
    other = Person(local.portal)
    page = other.sign_in_locally("li-si", PASSWORD)
    assert "Show that it is you" in page.text and not other.is_signed_in()
    assert other.http.get(f"{other.portal}/api/3/action/govdata_login_session_list").status_code == 403
    assert "not right" in other.send(page, code="000000").text and not other.is_signed_in()
    page = other.send(page, code=app.now())
    assert page.url.endswith("/login/account/") and other.is_signed_in()


def test_a_code_counts_once_and_for_a_clock_one_step_off(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    app, _ = _add_app(local)
    thief, owner = Person(local.portal), Person(local.portal)
    page = thief.sign_in_locally("li-si", PASSWORD)
    assert "not right" in thief.send(page, code=app.now()).text, "the code of the enrolment is spent"
    _spend_no_step()
    page = owner.sign_in_locally("li-si", PASSWORD)
    assert "not right" in owner.send(page, code=app.at(time.time() - 90)).text
    owner.send(page, code=app.at(time.time() - 30))
    assert owner.is_signed_in()


def test_a_recovery_code_lets_in_once(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    _, recovery = _add_app(local)
    first, second = Person(local.portal), Person(local.portal)
    first.send(first.sign_in_locally("li-si", PASSWORD), code=recovery[0].upper().replace("-", " "))
    assert first.is_signed_in() and "Recovery codes left: 9" in first.get("/login/account/").text
    second.send(second.sign_in_locally("li-si", PASSWORD), code=recovery[0])
    assert not second.is_signed_in()


def test_the_database_alone_gives_neither_app_nor_recovery_codes(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    app, recovery = _add_app(local)
    kept = " ".join(row.secret for row in model.Session.query(Factor))
    assert app.secret not in kept and not any(code.replace("-", "") in kept for code in recovery)


def test_codes_cannot_be_tried_at_will(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    app, _ = _add_app(local)
    _spend_no_step()
    guesser = Person(local.portal)
    page = guesser.sign_in_locally("li-si", PASSWORD)
    for number in range(10):
        guesser.send(page, code=f"{number:06}")
    guesser.send(page, code=app.now())
    assert not guesser.is_signed_in(), "even the right one comes too late"


def test_taking_a_factor_away_needs_the_factor(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    app, _ = _add_app(local)
    row = sessions_of("li-si")[0]
    row.factors = []
    model.Session.commit()
    _spend_no_step()
    page = local.send(local.get("/login/account/"), "/remove")
    assert "Show that it is you" in page.text
    local.send(page, code=app.now())
    local.send(local.get("/login/account/"), "/remove")
    assert "There is none" in local.get("/login/account/").text
    assert model.Session.query(Factor).count() == 0, "recovery codes go with the last factor"


def test_where_a_factor_is_demanded_nobody_goes_on_without_adding_one(make_portal: Callable[..., str]) -> None:
    person = Person(make_portal(govdata__login__second_factor_for="sysadmins"))
    factories.Sysadmin(name="chief", password=PASSWORD)
    page = person.sign_in_locally("chief", PASSWORD)
    assert "Add an authenticator app" in page.text and not person.is_signed_in()
    _add_app(person)
    assert person.is_signed_in()


def test_a_changed_password_ends_every_session(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    other = Person(local.portal)
    other.sign_in_locally("li-si", PASSWORD)
    user = model.User.by_name("li-si")
    user.password = "another-password-altogether"
    user.save()
    assert not local.is_signed_in() and not other.is_signed_in()


def test_sessions_end_by_idleness_by_age_and_by_their_owner(local: Person) -> None:
    from datetime import timedelta

    for column, back in (("seen_at", timedelta(minutes=31)), ("created_at", timedelta(hours=25))):
        local.sign_in_locally("li-si", PASSWORD)
        row = sessions_of("li-si")[0]
        setattr(row, column, getattr(row, column) - back)
        model.Session.commit()
        assert not local.is_signed_in(), column
    local.sign_in_locally("li-si", PASSWORD)
    other = Person(local.portal)
    other.sign_in_locally("li-si", PASSWORD)
    stolen = dict(local.http.cookies)
    other.send(other.get("/login/account/"), "/end-others")
    local.http.cookies.update(stolen)
    assert not local.is_signed_in() and other.is_signed_in()


def _guess(portal: str, name: str, times: int, code: str | None = None) -> Any:
    stranger = Person(portal)
    page = stranger.get("/user/login")
    for number in range(times):
        fields = {"login": name, "password": f"guess {number}", **({"code": code} if code else {})}
        answer = stranger.send(page, "", login=fields["login"], password=fields["password"])
    return answer


def test_guessing_slows_the_guesser_and_the_owner_still_gets_in(local: Person) -> None:
    local.sign_in_locally("li-si", PASSWORD)
    app, _ = _add_app(local)
    known = local.http.cookies["govdata_login_known"]
    _guess(local.portal, "li-si", 12)
    newcomer = Person(local.portal)
    page = newcomer.sign_in_locally("li-si", PASSWORD)
    assert "Wrong passwords are being tried" in page.text, "the right password alone is not even looked at"
    _spend_no_step()
    page = newcomer.send(page, login="li-si", password=PASSWORD, code=app.now())
    assert "Show that it is you" in page.text
    at_home = Person(local.portal)
    at_home.http.cookies.set("govdata_login_known", known)
    assert "Show that it is you" in at_home.sign_in_locally("li-si", PASSWORD).text


def test_a_browser_known_to_one_account_is_a_stranger_to_another(local: Person) -> None:
    factories.User(name="thief", password=PASSWORD)
    thief = Person(local.portal)
    thief.sign_in_locally("thief", PASSWORD)
    thief.get("/user/_logout")
    _guess(local.portal, "li-si", 11)
    page = thief.sign_in_locally("li-si", PASSWORD)
    assert "Wrong passwords are being tried" in page.text and not thief.is_signed_in()


def test_without_a_factor_a_link_by_mail_lets_the_owner_try(local: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from ckan.lib import mailer
    from ckan.tests.helpers import _get_test_app

    from ckanext.govdata_login.views.local import send_link

    sent: list[str] = []
    monkeypatch.setattr(mailer, "mail_user", lambda user, subject, body: sent.append(body))
    page = _guess(local.portal, "li-si", 11)
    assert "Wrong passwords are being tried" in page.text
    answer = local.send(local.get(page.url), "", login="li-si", password="x")
    asked = local.send(answer, "/login/browser/ask", login="li-si")
    assert "If there is such an account" in asked.text
    with _get_test_app().flask_app.test_request_context():
        send_link("li-si")
        send_link("nobody-of-that-name")
    found = re.findall(r"http://\S+", sent[0])
    local.get(found[0])
    assert len(sent) == 1 and local.sign_in_locally("li-si", PASSWORD).url.endswith("/login/account/")
    assert Person(local.portal).get(found[0]).status_code == 403, "the link works once"


def test_a_name_that_nobody_has_is_answered_in_the_same_words_and_time(local: Person) -> None:
    """By turns, and by the least time of each: whatever else the machine does only adds."""
    names = ("li-si", "nobody-here")
    strangers = {name: Person(local.portal) for name in names}
    pages = {name: stranger.get("/user/login") for name, stranger in strangers.items()}
    spent: dict[str, list[float]] = {name: [] for name in names}
    said: dict[str, str] = {}
    for number in range(9):
        for name in names:
            began = time.perf_counter()
            answer = strangers[name].send(pages[name], "", login=name, password=f"wrong {number}")
            spent[name].append(time.perf_counter() - began)
            said[name] = re.sub(r'(value|content)="[^"]+"', "", answer.text)
    with_account, without = (min(spent[name]) for name in names)
    assert said["li-si"] == said["nobody-here"]
    print(f"a wrong sign-in: {with_account * 1000:.1f} ms with account, {without * 1000:.1f} ms without")
    assert 0.5 < with_account / without < 2


def test_details_of_accounts_are_not_public_and_look_alike(make_portal: Callable[..., str]) -> None:
    portal = make_portal(ckan__auth__public_user_details=False)
    factories.User(name="li-si")
    place = f"{portal}/api/3/action/user_show?id="
    answers = [Person(portal).http.get(place + name) for name in ("li-si", "nobody-here")]
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].json()["error"] == answers[1].json()["error"]


def test_that_is_the_default_with_this_plugin() -> None:
    from ckan.config.declaration import Declaration, Key

    from ckanext.govdata_login.plugin import GovdataLoginPlugin

    declaration, key = Declaration(), Key()
    declaration.declare_bool(key.ckan.auth.public_user_details, True)
    GovdataLoginPlugin.declare_config_options(None, declaration, key)  # type: ignore[arg-type]
    option = declaration.get(key.ckan.auth.public_user_details)
    assert option is not None and option.default is False


def test_asking_for_a_reset_answers_alike_and_sends_by_a_job(local: Person) -> None:
    import rq
    from ckan.lib.redis import connect_to_redis

    seen = []
    for name in ("li-si", "nobody-here"):
        page = Person(local.portal)
        answer = page.send(page.get("/user/reset"), user=name, stop_at=f"{local.portal}/")
        seen.append((answer.status_code, answer.headers.get("Location")))
    assert seen[0] == seen[1] and seen[0][0] == 302
    queues = rq.Queue.all(connection=connect_to_redis())
    assert sum(len(queue) for queue in queues) == 2, "a job for either: looking the name up is its work"
