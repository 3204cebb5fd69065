"""Posts in agencies: invited by mail, taken up once, ended by day, by hand-over and by decision; the register of them."""

from __future__ import annotations

import csv
import datetime
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.officers import posts, register
from ckanext.govdata.officers.model import Invitation, Post
from ckanext.govdata.roles.actors import actor_of_user
from ckanext.govdata.roles.domain import Role
from ckanext.govdata.roles.model import Officer

People = dict[str, dict[str, Any]]
AGENCY = "jiaotongju"


def call(action: str, by: str, **data: Any) -> Any:
    context: Any = {"user": by, "ignore_auth": False}
    return tk.get_action(action)(context, data)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What would be mailed, address and text: the queue runs at once, and the post office is not ours to test."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        posts.tk, "enqueue_job", lambda job, args=(), **more: job(*args) if args else None, raising=False
    )
    monkeypatch.setattr(posts.mailer, "mail_recipient", lambda name, to, subject, body: sent.append((to, body)))
    return sent


@pytest.fixture
def asked(app: Any, people: People) -> Any:
    with app.flask_app.test_request_context():
        yield people


def roles(name: str) -> set[Role]:
    return set(actor_of_user(model.User.by_name(name)).roles)


def offer(mails: list[tuple[str, str]], **more: Any) -> str:
    given = {"agency": AGENCY, "mail": "li@example.org", "capacity": "editor", "duty": "首席数据官", **more}
    call("govdata_post_invite", "decider", **given)
    found = re.search(r"/officers/invitation/([\w-]+)", mails[-1][1])
    assert found and mails[-1][0] == given["mail"]
    return found.group(1)


@pytest.mark.requirement("ZB-6", "LYG-35")
def test_an_invitation_is_taken_up_once_and_its_link_stands_nowhere(asked: People, mails: Any) -> None:
    token = offer(mails)
    kept = model.Session.query(Invitation).one()
    assert token not in (kept.digest, kept.mail) and Role.PUBLISHER not in roles("data-user")
    call("govdata_post_accept", "data-user", token=token)
    assert Role.PUBLISHER in roles("data-user") and kept.mail == ""
    with pytest.raises(tk.ObjectNotFound):
        call("govdata_post_accept", "other-publisher", token=token)
    late = offer(mails)
    model.Session.query(Invitation).filter_by(digest=posts.digest(late)).update(
        {"expires_at": datetime.datetime(2026, 1, 1)}
    )
    with pytest.raises(tk.ObjectNotFound):
        call("govdata_post_accept", "other-publisher", token=late)
    offer(mails, mail="wang@example.org")
    assert posts.forget_offers() == 1, "an address that nobody took the post up with is forgotten a month later"
    assert {row.mail for row in model.Session.query(Invitation)} == {"", "wang@example.org"}


@pytest.mark.requirement("ZB-6")
def test_only_the_agencys_administrator_and_the_authority_invite_and_end(asked: People, mails: Any) -> None:
    given = {"agency": AGENCY, "mail": "li@example.org", "capacity": "admin"}
    for name in ("publisher", "other-publisher", "operator", "data-user"):
        with pytest.raises(tk.NotAuthorized):
            call("govdata_post_invite", name, **given)
        with pytest.raises(tk.NotAuthorized):
            call("govdata_post_end", name, id="nothing")
    assert call("govdata_post_invite", "authority", **given)["id"] and len(mails) == 1
    for wrong in ({"mail": "no address"}, {"until": "2020-01-01"}, {"until": "soon"}, {"capacity": "king"}):
        with pytest.raises(tk.ValidationError):
            call("govdata_post_invite", "authority", **{**given, **wrong})
    assert len(mails) == 1, "what is refused sends nothing"


@pytest.mark.requirement("LYG-35")
def test_a_post_ends_with_its_last_day(asked: People, mails: Any) -> None:
    today = posts.today()
    call("govdata_post_accept", "data-user", token=offer(mails, until=today.isoformat()))
    assert posts.end_over_terms() == 0, "the last day is still theirs"
    model.Session.query(Post).update({"until": today - datetime.timedelta(days=1)})
    model.Session.commit()
    assert posts.end_over_terms() == 1 and Role.PUBLISHER not in roles("data-user")
    assert model.Session.query(Post).one().why == "term_over"


@pytest.mark.requirement("LYG-35")
def test_a_post_is_handed_over_whole(asked: People, mails: Any) -> None:
    call("govdata_post_accept", "data-user", token=offer(mails, until="2030-06-30"))
    held = model.Session.query(Post).one().id
    with pytest.raises(tk.ValidationError):
        call("govdata_post_end", "decider", id=held, successor="nobody-there")
    assert Role.PUBLISHER in roles("data-user"), "a refused hand-over changes nothing"
    done = call("govdata_post_end", "decider", id=held, successor="other-publisher")
    new = model.Session.get(Post, done["successor"])
    assert (new.duty, new.until, new.capacity) == ("首席数据官", datetime.date(2030, 6, 30), "editor")
    assert Role.PUBLISHER not in roles("data-user")
    with pytest.raises(tk.ValidationError):
        call("govdata_post_end", "decider", id=held)


@pytest.mark.requirement("LYG-35")
def test_a_hand_over_that_fails_half_way_changes_nothing(
    asked: People, mails: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("govdata_post_accept", "data-user", token=offer(mails))
    held = model.Session.query(Post).one().id

    def fail(*_: Any) -> None:
        raise RuntimeError("the power went off")

    before = roles("other-publisher"), len(posts_in_ledger())
    with monkeypatch.context() as broken:
        broken.setattr(posts, "end", fail)
        with pytest.raises(RuntimeError):
            call("govdata_post_end", "decider", id=held, successor="other-publisher")
        model.Session.rollback()
    assert (roles("other-publisher"), len(posts_in_ledger())) == before and Role.PUBLISHER in roles("data-user")
    assert model.Session.query(Post).filter_by(ended_at=None).one().id == held


def posts_in_ledger() -> list[Any]:
    rows = model.Session.execute(sa.text("SELECT entry FROM govdata_ledger.intake")).scalars()
    return [one for one in rows if b"post-begun" in bytes(one) or b"member-set" in bytes(one)]


@pytest.mark.requirement("LYG-35")
def test_an_office_ends_with_its_last_day(asked: People, mails: Any) -> None:
    today = posts.today()
    given = {"user": "data-user", "role": "operator"}
    for wrong in ("2020-01-01", "2099-01-01", "soon"):
        with pytest.raises(tk.ValidationError):
            call("govdata_officer_appoint", "administrator", **given, until=wrong)
    made = call("govdata_officer_appoint", "administrator", **given, until=today.isoformat())
    assert made["until"] == today.isoformat() and posts.end_over_terms() == 0, "the last day is still theirs"
    assert Role.OPERATOR in roles("data-user")
    model.Session.query(Officer).filter_by(user_id=made["user_id"]).update(
        {"until": today - datetime.timedelta(days=1)}
    )
    model.Session.commit()
    assert posts.end_over_terms() == 1 and Role.OPERATOR not in roles("data-user")
    later = (today + datetime.timedelta(days=30)).isoformat()
    call("govdata_officer_appoint", "administrator", **given, until=later)
    assert call("govdata_officer_appoint", "administrator", **given)["until"] is None, (
        "a new word on the last day counts"
    )


@pytest.mark.requirement("ZB-6", "GY-c1")
def test_the_register_names_units_persons_and_training(asked: People, mails: Any) -> None:
    call("govdata_post_accept", "data-user", token=offer(mails))
    call("govdata_unit_update", "decider", agency=AGENCY, unit="=信息科", phone="0518-1")
    call("govdata_training_record", "decider", agency=AGENCY, user="data-user", subject="分级", held_on="2026-03-01")
    rows = {row["name"]: row for row in call("govdata_post_list", "authority")}
    assert rows["data-user"]["trained"] == "2026-03-01" and rows["data-user"]["unit"] == "=信息科"
    assert rows["publisher"]["capacity"] == "editor", "members without a post of ours stand in it too"
    with pytest.raises(tk.NotAuthorized):
        call("govdata_post_list", "decider")
    assert {row["agency_id"] for row in call("govdata_post_list", "decider", agency=AGENCY)} == {asked["agency"]["id"]}


@pytest.mark.requirement("ZB-6", "GY-c1")
def test_the_register_is_exported_and_an_agencys_page_has_its_forms(people: People, app: Any) -> None:
    call("govdata_unit_update", "decider", agency=AGENCY, unit="=信息科", phone="0518-1")
    text = app.get("/officers/register.csv", headers={"Authorization": people["authority"]["token"]}).body
    table = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(table) == 5, "three of agencies, one each of authority and operator"
    assert {row["unit"] for row in table} >= {"'=信息科"}, "no formula leaves the portal"
    assert len(table[0]) == len(register.COLUMNS)
    token = {"Authorization": people["decider"]["token"]}
    assert app.get("/officers/register.csv", headers=token).status_code == 403
    page = app.get(f"/officers/?agency={AGENCY}", headers=token).body
    assert "Invite an officer" in page and "(publisher)" in page
