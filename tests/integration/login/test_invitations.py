"""Invitations into an organisation: nobody learns from them who has an account, and whoever has one keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories

from .browser import Person
from .conftest import PASSWORD, capacity_of, organization
from .test_registration import last_mail, link_in, work

THERE, NOWHERE = "li.si@example.org", "nobody@example.org"


@pytest.fixture
def inviter(make_portal: Callable[..., str], mail_server: Any) -> Person:
    """Somebody who runs an organisation; its clerk li-si is not in it."""
    portal = make_portal()
    jobs.get_queue().empty()
    factories.User(name="chief", password=PASSWORD)
    factories.User(name="li-si", email=THERE, password=PASSWORD)
    organization("jiaotongju", chief="admin")
    person = Person(portal)
    person.sign_in_locally("chief", PASSWORD)
    return person


def invite(inviter: Person, mail: str) -> tuple[str, list[str]]:
    """What the inviter sees, and which statements the database got for it."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    page = inviter.get("/organization/member_new/jiaotongju")
    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        answer = inviter.send(page, "", email=mail, role="editor")
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", note)
    assert answer.ok and answer.url.endswith("/organization/manage_members/jiaotongju"), answer.url
    name = mail.split("@")[0].replace(".", "-")
    return re.sub(rf'{name}-\d+|(value|content)="[^"]*"', "", answer.text), said


def forget_invited() -> None:
    """Take the waiting accounts away, so that the next invitation finds as many members."""
    model.Session.remove()
    waiting = sa.select(model.User.id).where(model.User.state == model.State.PENDING)
    ids = list(model.Session.scalars(waiting))
    model.Session.execute(sa.delete(model.Member).where(model.Member.table_id.in_(ids)))
    model.Session.execute(sa.update(model.User).where(model.User.id.in_(ids)).values(state=model.State.DELETED))
    model.Session.commit()


@pytest.mark.requirement("LYG-35")
def test_inviting_ends_alike_and_costs_the_same_whether_there_is_an_account(inviter: Person) -> None:
    invite(inviter, "first@example.org")  # what is read once and kept
    forget_invited()
    unknown = invite(inviter, NOWHERE)
    forget_invited()
    known = invite(inviter, THERE)
    assert known[0] == unknown[0] and jobs.get_queue().count == 3
    assert known[1] == unknown[1], "no statement asks whether there is one"


def test_who_has_an_account_takes_the_place_up_with_it(inviter: Person, mail_server: Any) -> None:
    invite(inviter, THERE.upper())
    work()
    assert "an account there already: li-si" in last_mail(mail_server)
    link = link_in(last_mail(mail_server), "/user/reset/")
    clerk = Person(inviter.portal)
    assert "/user/login" in clerk.get(link).url, "the link alone opens no account"
    assert clerk.sign_in_locally("li-si", PASSWORD).ok
    assert Person(inviter.portal).get(link.split("?")[0] + "?key=made-up").status_code == 403
    page = clerk.get(link)
    assert "signed in as li-si" in page.text and capacity_of("li-si", "jiaotongju") is None
    assert "taken up your place" in clerk.send(page, "/login/invitation/").text
    assert capacity_of("li-si", "jiaotongju") == "editor"
    assert not model.Session.query(model.User).filter_by(state=model.State.PENDING).count()
    assert clerk.get(link).status_code == 403, "it is used up"
    clerk.get("/user/_logout")
    assert clerk.sign_in_locally(THERE, PASSWORD).ok and clerk.is_signed_in()


def test_who_has_none_gets_one_by_the_link_as_in_ckan(inviter: Person, mail_server: Any) -> None:
    invite(inviter, NOWHERE)
    work()
    person = Person(inviter.portal)
    page = person.get(link_in(last_mail(mail_server), "/user/reset/"))
    person.send(page, "", password1="bridge-of-five-arches", password2="bridge-of-five-arches")
    assert person.sign_in_locally(NOWHERE, "bridge-of-five-arches").ok and person.is_signed_in()
    model.Session.remove()
    user = model.Session.query(model.User).filter_by(email=NOWHERE).one()
    assert capacity_of(user.name, "jiaotongju") == "editor"


def test_an_invitation_takes_no_higher_place_away(inviter: Person, mail_server: Any) -> None:
    group = model.Group.get("jiaotongju")
    user = model.User.by_name("li-si")
    model.Session.add(model.Member(group=group, table_name="user", table_id=user.id, capacity="admin"))
    model.Session.commit()
    invite(inviter, THERE)
    work()
    clerk = Person(inviter.portal)
    clerk.sign_in_locally("li-si", PASSWORD)
    clerk.send(clerk.get(link_in(last_mail(mail_server), "/user/reset/")), "")
    assert capacity_of("li-si", "jiaotongju") == "admin"
