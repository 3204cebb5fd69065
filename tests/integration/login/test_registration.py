"""Making an account, forgetting its password, closing it: and nobody learns from the portal who has one."""

from __future__ import annotations

import base64
import email
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.govdata_login import contacts, reset_keys
from ckanext.govdata_login.clients import registering
from ckanext.govdata_login.model import Factor, Phone, Session

from .browser import Person
from .conftest import PASSWORD, organization

MAIL, NUMBER = "xin.ren@example.org", "13912345678"
GOOD = "bridge-of-five-arches"


@pytest.fixture
def sent() -> Iterator[list[tuple[str, str]]]:
    """Short messages, as a plugin gets them that imports nothing of ours."""
    messages: list[tuple[str, str]] = []

    def take(number: str, text: str, reference: str) -> bool:
        messages.append((number, text))
        return True

    with tk.signals.ckanext.signal("govdata_login_sms").connected_to(take):
        yield messages


@pytest.fixture
def portal(make_portal: Callable[..., str], mail_server: Any) -> str:
    made = make_portal(govdata__login__registration="mail phone", ckan__auth__create_user_via_web=True)
    jobs.get_queue().empty()
    return made


def work() -> int:
    """Do what waits in the queue, here; gives how many jobs there were."""
    waiting = jobs.get_queue().jobs
    for job in waiting:
        job.perform()
    jobs.get_queue().empty()
    model.Session.remove()
    return len(waiting)


def last_mail(mail_server: Any) -> str:
    message = email.message_from_string(mail_server.get_smtp_messages()[-1][3])
    parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    return base64.b64decode(parts[0].get_payload()).decode() if parts else message.as_string()


def link_in(text: str, path: str) -> str:
    found = re.search(rf"https?://\S*({path}\S+)", text)
    assert found, text
    return found.group(1)


def ask(portal: str, **address: str) -> Any:
    person = Person(portal)
    return person, person.send(person.get("/login/register/"), **address)


def test_somebody_registers_by_mail_and_is_signed_in(portal: str, mail_server: Any) -> None:
    person = Person(portal)
    assert person.get("/user/register").url.endswith("/login/register/"), "CKAN's page would take any address"
    page = person.send(person.get("/login/register/"), mail=MAIL)
    assert page.ok and MAIL in page.text and model.User.by_email(MAIL) is None
    assert work() == 1
    page = person.get(link_in(last_mail(mail_server), "/login/register/open/"))
    for password, words in (("short", "10 characters"), ("1234567890", "tried first"), (MAIL, "your address")):
        page = person.send(page, fullname="新人", password=password, again=password)
        assert words in page.text, password
    assert "differ" in person.send(page, fullname="新人", password=GOOD, again=GOOD + "x").text
    person.send(page, fullname="新人", password=GOOD, again=GOOD)
    model.Session.remove()
    user = model.User.by_email(MAIL)
    assert user is not None and user.fullname == "新人" and re.fullmatch(r"u[0-9a-f]{8}", user.name)
    assert person.is_signed_in()
    again = Person(portal)
    assert again.get(link_in(last_mail(mail_server), "/login/register/open/")).status_code == 403, "the link is used up"


def test_somebody_registers_by_phone_signs_in_with_the_number_and_gets_a_new_password_by_it(
    portal: str, sent: list[tuple[str, str]]
) -> None:
    person, page = ask(portal, phone="+86 139-1234-5678")
    assert work() == 1 and sent[0][0] == NUMBER
    code = re.search(r"\b\d{6}\b", sent[0][1])
    assert code
    thief = Person(portal)
    assert thief.get("/login/register/code").url.endswith("/register/"), "a code is worth nothing in another browser"
    other, page_of_other = ask(portal, phone="13912345679")
    work()
    right = re.search(r"\b\d{6}\b", sent[1][1])
    assert right
    for step in range(1, 7):
        other.send(page_of_other, code=f"{(int(right[0]) + step) % 10**6:06d}")
    assert "not right" in other.send(page_of_other, code=right[0]).text, "five wrong ones use it up"
    assert "not right" in person.send(page, code=f"{(int(code[0]) + 1) % 10**6:06d}").text
    page = person.send(page, code=code[0])
    person.send(page, fullname="新人", password=GOOD, again=GOOD)
    assert person.is_signed_in()
    kept = model.Session.query(Phone).one()
    assert NUMBER not in (kept.mark, kept.sealed) and contacts.of(kept.user_id) == NUMBER
    other = Person(portal)
    other.sign_in_locally(NUMBER, GOOD)
    assert other.is_signed_in()
    forgotten = Person(portal)
    forgotten.send(forgotten.get("/user/reset"), user=NUMBER)
    assert work() == 1
    page = forgotten.get(link_in(sent[-1][1], "/user/reset/"))
    forgotten.send(page, password1=GOOD + "-two", password2=GOOD + "-two")
    assert not other.is_signed_in(), "a new password ends what the old one opened"
    forgotten.sign_in_locally(NUMBER, GOOD + "-two")
    assert forgotten.is_signed_in()


def _plain(page: Any) -> str:
    text = re.sub(r'(value|content)="[^"]{20,}"', "", page.text)
    return re.sub(r"nobody|li-si|li\.si|zhang|13800000001|13800000002", "", text)


ASKED = {
    "signing in by name": ("/user/login", "login", "li-si", "nobody"),
    "signing in by mail": ("/user/login", "login", "li.si@example.org", "nobody@example.org"),
    "signing in by number": ("/user/login", "login", "13800000001", "13800000002"),
    "registering by mail": ("/login/register/", "mail", "li.si@example.org", "nobody@example.org"),
    "registering by phone": ("/login/register/", "phone", "13800000001", "13800000002"),
    "a reset by name": ("/user/reset", "user", "li-si", "nobody"),
    "a reset by mail": ("/user/reset", "user", "li.si@example.org", "nobody@example.org"),
}


def _answer(portal: str, way: str, known: bool) -> tuple[str, int, list[str]]:
    """What the asker sees, how many jobs wait, and which statements the database got for it."""
    place, field, there, nowhere = ASKED[way]
    person, said = Person(portal), []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    page = person.get(place)
    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        more = {"password": "wrong"} if field == "login" else {}
        answer = person.send(page, **{field: there if known else nowhere}, **more)
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", note)
    waiting = jobs.get_queue().count
    jobs.get_queue().empty()
    return _plain(answer), waiting, said


def test_asking_ends_alike_and_costs_the_same_whether_there_is_an_account(portal: str, account: Any, sent: Any) -> None:
    user = model.User.get("li-si")
    assert user is not None
    contacts.bind(user.id, "13800000001")
    model.Session.commit()
    for way in ASKED:
        _answer(portal, way, True)  # what is read once and kept
        known, unknown = _answer(portal, way, True), _answer(portal, way, False)
        assert known[0] == unknown[0] and known[1] == unknown[1] == (0 if "signing" in way else 1), way
        assert known[2] == unknown[2], f"{way}: no statement asks whether there is one"
    pages = [Person(portal).get(f"/user/reset/{name}?key=made-up") for name in ("li-si", "nobody")]
    assert [page.status_code for page in pages] == [403, 403] and _plain(pages[0]) == _plain(pages[1])


@pytest.mark.long
def test_asking_takes_as_long_whether_there_is_an_account(portal: str, account: Any) -> None:
    spent: dict[bool, list[float]] = {True: [], False: []}
    for number in range(60):
        person, known = Person(portal), number % 2 == 0
        page = person.get("/user/reset")
        begun = time.perf_counter()
        person.send(page, user="li-si" if known else "nobody", stop_at=portal)
        spent[known].append(time.perf_counter() - begun)
    there, nowhere = (statistics.median(spent[known]) * 1000 for known in (True, False))
    print(f"asking for a reset: {there:.1f} ms with an account, {nowhere:.1f} ms without (medians of 30)")
    assert abs(there - nowhere) < 0.2 * max(there, nowhere)


def test_the_owner_of_an_address_with_an_account_is_told_so_in_the_mail_and_not_flooded(
    portal: str, account: Any, mail_server: Any
) -> None:
    ask(portal, mail="li.si@example.org")
    work()
    assert "You have one already: li-si" in last_mail(mail_server)
    page = Person(portal).get(link_in(last_mail(mail_server), "/user/reset/"))
    assert page.ok and 'name="password1"' in page.text
    for _ in range(6):
        ask(portal, mail="li.si@example.org")
    work()
    assert len(mail_server.get_smtp_messages()) == 5


def test_mails_are_in_the_language_of_whoever_asked_and_a_reset_by_mail_works(
    portal: str, account: Any, mail_server: Any
) -> None:
    person = Person(portal)
    person.send(person.get("/zh_Hans_CN/login/register/"), mail=MAIL)
    assert work() == 1
    assert "注册" in last_mail(mail_server) and "/zh_Hans_CN/login/register/open/" in last_mail(mail_server)
    person.send(person.get("/zh_Hans_CN/user/reset"), user="li.si@example.org")
    assert work() == 1
    assert "/zh_Hans_CN/user/reset/" in last_mail(mail_server)
    page = person.get(link_in(last_mail(mail_server), "/user/reset/"))
    person.send(page, password1=GOOD, password2=GOOD)
    person.sign_in_locally("li-si", GOOD)
    assert person.is_signed_in()


def test_a_link_to_a_new_password_counts_for_a_day_and_an_invitation_for_a_week(portal: str, account: Any) -> None:
    """CKAN's keys count until they are used, and its API takes them as its page does."""

    def tried(hours: int, state: str) -> list[int]:
        user = model.User.get("li-si")
        assert user is not None
        user.reset_key, user.state = reset_keys.make(time.time() - hours * 3600), state
        key, id = user.reset_key, user.id
        model.Session.commit()
        order = {"id": id, "name": "li-si", "email": "li.si@example.org", "reset_key": key}
        asked = Person(portal).http.post(f"{portal}/api/3/action/user_update", json=order, timeout=20)
        return [Person(portal).get(f"/user/reset/{id}?key={key}").status_code, asked.status_code]

    assert tried(23, "active") == [200, 200] and tried(25, "active") == [403, 403]
    assert tried(25, "pending")[0] == 200 and tried(7 * 24 + 1, "pending")[0] == 403
    user = model.User.get("li-si")
    assert user is not None
    user.state, user.reset_key = "active", "0" * 32
    model.Session.commit()
    assert Person(portal).get(f"/user/reset/{user.id}?key={'0' * 32}").status_code == 403, "one of CKAN's, of long ago"


def test_who_registers_by_themselves_does_not_list_who_else_has_an_account(make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__registration="mail", ckan__auth__public_user_details=False)
    factories.User(name="li-si", password=PASSWORD)
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    listing = ("/api/3/action/user_list", "/api/3/action/user_autocomplete?q=li", "/user/")
    assert [person.http.get(portal + path, timeout=20).status_code for path in listing] == [403, 403, 403]
    organization("jiaotongju", li_si="admin")
    assert [person.http.get(portal + path, timeout=20).status_code for path in listing] == [200, 200, 200]


def test_where_nobody_registers_the_page_is_not_there(make_portal: Callable[..., str]) -> None:
    assert Person(make_portal()).get("/login/register/").status_code == 404


def test_a_known_password_is_refused_by_every_way_to_set_one(portal: str, account: Any) -> None:
    context = {"user": "li-si", "ignore_auth": True}
    for password in ("Password123", "qwertyuiop", "aaaaaaaaaaaa"):
        with pytest.raises(tk.ValidationError, match="tried first"):
            tk.get_action("user_patch")(dict(context), {"id": "li-si", "password": password})
    with pytest.raises(tk.ValidationError, match="tried first"):
        tk.get_action("user_create")(
            dict(context), {"name": "zhao", "email": "zhao@example.org", "password": "qwertyuiop"}
        )


def test_a_closed_account_opens_nothing_and_names_nobody(portal: str, account: Any) -> None:
    person, elsewhere = Person(portal), Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    elsewhere.sign_in_locally("li-si", PASSWORD)
    user = model.User.get("li-si")
    assert user is not None
    id, context = user.id, {"user": "li-si", "ignore_auth": True}
    token = tk.get_action("api_token_create")(context, {"user": "li-si", "name": "script"})["token"]
    page = person.get("/login/account/close")
    assert "Write the name" in person.send(page, name="another", password=PASSWORD).text
    assert "The password is wrong" in person.send(page, name="li-si", password="no").text
    person.send(page, name="li-si", password=PASSWORD)
    assert not person.is_signed_in() and not elsewhere.is_signed_in()
    Person(portal).sign_in_locally("li-si", PASSWORD)
    model.Session.remove()
    closed = model.User.get(id)
    assert closed is not None and (closed.state, closed.fullname) == ("deleted", "")
    assert closed.email == "li-si@no-mail.invalid"
    assert not registering.of(id) and not model.Session.query(model.ApiToken).filter_by(user_id=id).count()
    assert not model.Session.query(Factor).filter_by(user_id=id).count()
    assert not model.Session.query(Session).filter_by(user_id=id, ended_at=None).count()
    listed = person.http.get(f"{portal}/api/3/action/api_token_list?user_id=li-si", headers={"Authorization": token})
    assert listed.status_code == 403


def test_what_has_to_be_handed_over_first_keeps_an_account_open(portal: str, account: Any) -> None:
    def against(user_id: str) -> list[str]:
        return ["You keep the keys of the archive. Hand them over first."]

    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    page = person.get("/login/account/close")
    with tk.signals.ckanext.signal("govdata_login_closing").connected_to(against):
        assert "Hand them over first" in person.get("/login/account/close").text
        person.send(page, name="li-si", password=PASSWORD)
    assert person.is_signed_in()
    chief = factories.Sysadmin(name="chief", password=PASSWORD)
    with pytest.raises(tk.ValidationError, match="administer"):
        tk.get_action("govdata_login_account_close")({"user": "chief"}, {"user_id": chief["id"]})
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("govdata_login_account_close")({"user": "li-si", "auth_user_obj": None}, {"user_id": chief["id"]})
