"""Another mail address for an account: it counts once it is proved, and asking tells nobody whose an address is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs, mailer
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from .browser import Person
from .conftest import PASSWORD
from .test_registration import last_mail, link_in, work

OLD, TAKEN, FREE = "li.si@example.org", "wang.wu@example.org", "li.si@example.net"


@pytest.fixture
def portal(make_portal: Callable[..., str], mail_server: Any) -> str:
    made = make_portal(govdata__login__registration="mail", govdata__login__rate_sign_in="")
    jobs.get_queue().empty()
    for name, mail in (("li-si", OLD), ("wang-wu", TAKEN)):
        factories.User(name=name, email=mail, password=PASSWORD)
    return made


@pytest.fixture
def owner(portal: str) -> Person:
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    return person


def mail_of(name: str) -> str:
    model.Session.remove()
    user = model.User.by_name(name)
    assert user is not None
    return str(user.email)


def change(person: Person, address: str, language: str = "") -> Any:
    page = person.get(f"{language}/user/edit/li-si")
    return person.send(page, "", save="", email=address, name="li-si", old_password=PASSWORD)


def _by_form(person: Person, address: str) -> tuple[int, str]:
    answer = change(person, address)
    return answer.status_code, re.sub(r'(value|content)="[^"]{20,}"', "", answer.text).replace(address, "")


def _by_program(person: Person, address: str) -> tuple[int, str]:
    page = person.get("/login/account/")
    form = re.findall(r'name="_csrf_token" value="([^"]+)"', page.text)
    headers = {"X-CSRFToken": form[0], "Referer": person.portal}
    order = {"id": "li-si", "email": address}
    answer = person.http.post(f"{person.portal}/api/3/action/user_patch", json=order, headers=headers, timeout=20)
    return answer.status_code, answer.text.replace(address, "")


def _answer(way: Callable[[Person, str], tuple[int, str]], person: Person, address: str) -> tuple[Any, list[str]]:
    """What the asker sees, and which statements the database got for it; one job waits each time."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    jobs.get_queue().empty()
    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        seen = way(person, address)
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", note)
    assert jobs.get_queue().count == 1 and seen[0] == 200
    return seen, said


@pytest.mark.requirement("LYG-17")
def test_an_address_that_somebody_has_is_answered_like_one_that_nobody_has(owner: Person) -> None:
    for way in (_by_form, _by_program):
        _answer(way, owner, "first@example.net")  # what is read once and kept
        taken, free = _answer(way, owner, TAKEN), _answer(way, owner, FREE)
        assert taken[0] == free[0], way
        assert taken[1] == free[1], "no statement asks whether somebody has it"
    # CKAN compares addresses by ILIKE, so that a pattern would tell whether anybody there has an account.
    for pattern in ("%@example.org", "wang_wu@example.org", "no address at all"):
        assert "belongs to" not in change(owner, pattern).text
    assert mail_of("li-si") == OLD, "nothing has changed by asking"


def test_a_free_address_counts_once_its_owner_opens_the_link(owner: Person, portal: str, mail_server: Any) -> None:
    mailer.create_reset_key(model.User.by_name("li-si"))
    user = model.User.by_name("li-si")
    assert user is not None
    forgotten = f"/user/reset/{user.id}?key={user.reset_key}"
    assert FREE in change(owner, FREE).text and work() == 1
    text, to = last_mail(mail_server), mail_server.get_smtp_messages()[-1][2]
    assert to == [FREE] and "li-si" in text
    link = link_in(text, "/login/mail/")
    assert "/user/login" in Person(portal).get(link).url, "a visitor signs in first"
    stranger = Person(portal)
    stranger.sign_in_locally("wang-wu", PASSWORD)
    assert stranger.get(link).status_code == 403 and stranger.post(link).status_code in (400, 403)
    page = owner.get(link)
    assert mail_of("li-si") == OLD, "opening is not enough, as whoever checks mails for viruses opens links too"
    owner.send(page, "/login/mail/")
    assert mail_of("li-si") == FREE
    assert owner.get(link).status_code == 403, "the link is used up"
    assert Person(portal).get(forgotten).status_code == 403, "what lay in the old mailbox opens nothing any more"
    assert work() == 1 and mail_server.get_smtp_messages()[-1][2] == [OLD]
    assert "another mail address" in last_mail(mail_server)


def test_the_owner_of_a_taken_address_learns_it_and_nobody_gets_it_twice(owner: Person, mail_server: Any) -> None:
    change(owner, TAKEN.upper())
    assert work() == 1
    text = last_mail(mail_server)
    assert "It belongs to your account wang-wu" in text and "/login/mail/" not in text and "li-si" not in text
    # In the language of the page on which it was asked for; and taken by somebody else meanwhile.
    assert "邮件" in change(owner, FREE, "/zh_Hans_CN").text
    work()
    assert "确认" in last_mail(mail_server)
    page = owner.get(link_in(last_mail(mail_server), "/login/mail/"))
    factories.User(name="zhao-liu", email=FREE, password=PASSWORD)
    assert owner.post(page.url).status_code in (400, 403) and owner.get(page.url).status_code == 403
    assert (mail_of("li-si"), mail_of("wang-wu"), mail_of("zhao-liu")) == (OLD, TAKEN, FREE)


def test_administrators_change_an_address_at_once_and_nobody_else_asks_ckans_page_of_registering(
    owner: Person,
) -> None:
    page = owner.get("/login/account/")
    token = re.findall(r'name="_csrf_token" value="([^"]+)"', page.text)[0]
    fields = {"name": "wang-wu", "fullname": "x", "email": TAKEN, "password1": PASSWORD, "password2": PASSWORD}
    answer = owner.post("/user/register", save="", _csrf_token=token, **fields)
    assert "belongs to" not in answer.text and "not available" not in answer.text
    assert not answer.url.endswith("/user/register"), "it tells whose names and addresses are taken"
    factories.Sysadmin(name="chief", password=PASSWORD)
    tk.get_action("user_patch")({"user": "chief"}, {"id": "li-si", "email": FREE})
    assert mail_of("li-si") == FREE
    with pytest.raises(tk.ValidationError):
        tk.get_action("user_patch")({"user": "chief"}, {"id": "li-si", "email": TAKEN})
