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


@pytest.mark.requirement("LYG-17")
@pytest.mark.parametrize("way", [_by_form, _by_program])
def test_an_address_that_somebody_has_is_answered_like_one_that_nobody_has(
    owner: Person, way: Callable[[Person, str], tuple[int, str]]
) -> None:
    way(owner, "first@example.net")  # what is read once and kept
    said: dict[str, list[str]] = {}
    seen: dict[str, tuple[int, str]] = {}
    for address in (TAKEN, FREE):
        jobs.get_queue().empty()
        heard = said.setdefault(address, [])

        def note(connection: Any, cursor: Any, statement: str, *_: Any, heard: list[str] = heard) -> None:
            heard.append(statement)

        sa.event.listen(model.meta.engine, "before_cursor_execute", note)
        try:
            seen[address] = way(owner, address)
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", note)
        assert jobs.get_queue().count == 1
    assert seen[TAKEN] == seen[FREE] and seen[TAKEN][0] == 200
    assert said[TAKEN] == said[FREE], "no statement asks whether somebody has it"
    assert mail_of("li-si") == OLD, "nothing has changed by asking"


def test_a_pattern_or_a_text_that_is_no_address_finds_nobody(owner: Person) -> None:
    """CKAN compares addresses by ILIKE, so that `%@example.org` would tell whether anybody there has an account."""
    for pattern in ("%@example.org", "wang_wu@example.org"):
        assert "belongs to" not in change(owner, pattern).text
    assert "belongs to" not in change(owner, "no address at all").text
    assert mail_of("li-si") == OLD


def test_a_free_address_counts_once_its_owner_opens_the_link(owner: Person, portal: str, mail_server: Any) -> None:
    mailer.create_reset_key(model.User.by_name("li-si"))
    user = model.User.by_name("li-si")
    assert user is not None
    forgotten = f"/user/reset/{user.id}?key={user.reset_key}"
    page = change(owner, FREE)
    assert FREE in page.text and work() == 1
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


def test_the_owner_of_a_taken_address_learns_it_and_gets_no_link(owner: Person, mail_server: Any) -> None:
    change(owner, TAKEN.upper())
    assert work() == 1
    text = last_mail(mail_server)
    assert "It belongs to your account wang-wu" in text and "/login/mail/" not in text and "li-si" not in text
    assert (mail_of("li-si"), mail_of("wang-wu")) == (OLD, TAKEN)


def test_an_address_that_was_taken_meanwhile_is_not_given_twice(owner: Person, mail_server: Any) -> None:
    change(owner, FREE)
    work()
    page = owner.get(link_in(last_mail(mail_server), "/login/mail/"))
    factories.User(name="zhao-liu", email=FREE, password=PASSWORD)
    with pytest.raises(AssertionError, match="no form"):
        owner.send(owner.get(page.url), "/login/mail/")
    assert mail_of("li-si") == OLD


def test_the_mail_is_in_the_language_of_the_page(owner: Person, mail_server: Any) -> None:
    assert "邮件" in change(owner, FREE, "/zh_Hans_CN").text
    work()
    assert "确认" in last_mail(mail_server) and "/zh_Hans_CN/login/mail/" in last_mail(mail_server)


def test_an_administrator_who_sees_all_accounts_changes_an_address_at_once(portal: str) -> None:
    factories.Sysadmin(name="chief", password=PASSWORD)
    tk.get_action("user_patch")({"user": "chief"}, {"id": "li-si", "email": FREE})
    assert mail_of("li-si") == FREE
    with pytest.raises(tk.ValidationError):
        tk.get_action("user_patch")({"user": "chief"}, {"id": "li-si", "email": TAKEN})


def test_whoever_is_signed_in_cannot_ask_ckans_page_of_registering_who_has_an_account(owner: Person) -> None:
    page = owner.get("/login/account/")
    token = re.findall(r'name="_csrf_token" value="([^"]+)"', page.text)[0]
    fields = {"name": "wang-wu", "fullname": "x", "email": TAKEN, "password1": PASSWORD, "password2": PASSWORD}
    answer = owner.post("/user/register", save="", _csrf_token=token, **fields)
    assert "belongs to" not in answer.text and "not available" not in answer.text
    assert not answer.url.endswith("/user/register")
