"""What ends, ends at once: a party, a block, a grant, a post, each with the tokens that rested on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.govdata.access import endings
from ckanext.govdata.access.granting import record_step
from ckanext.govdata.access.model import Grant
from ckanext.govdata.access.parties.model import Block, Member, Party
from ckanext.govdata.signin import joining
from ckanext.govdata_login.clients import registering

from .programs import WITH_PROGRAMS, download, program, token_of
from .stage import Dataset, Stage, add_grant, entries
from .web import A_SECOND, Web

pytestmark = WITH_PROGRAMS


@dataclass
class Guest:
    """Somebody with a party of their own, who has a grant and a program that reads under it."""

    name: str
    party: str
    grant: str
    client: str
    secret: str
    headers: dict[str, str]


@pytest.fixture
def guest(web: Web, stage: Stage, conditional: tuple[Dataset, str], asking: None) -> Iterator[Guest]:
    person = factories.User()
    key = call_action("api_token_create", {"user": person["name"]}, user=person["name"], name="own")["token"]
    party = Party(kind="enterprise", name="过客公司", state="verified", created_by=person["id"])
    model.Session.add(party)
    model.Session.flush()
    for one, manages in ((person, True), (stage.people["signed_in"] or {}, True)):
        model.Session.add(Member(party_id=party.id, user_id=one["id"], role="member", manages=manages))
    model.Session.commit()
    stage.people["guest"], stage.parties["guest"] = person, party.id
    grant = add_grant(stage, "guest", conditional[0])
    row, secret = registering.register(person["id"], {"title": "board", "scopes": [f"grant:{grant}", "open"]})
    yield Guest(person["name"], party.id, grant, row.id, secret, {"Authorization": key})
    del stage.people["guest"], stage.parties["guest"]
    model.Session.rollback()
    for table, term in ((Block, Block.party_id == party.id), (Member, Member.party_id == party.id)):
        model.Session.execute(sa.delete(table).where(term))
    model.Session.commit()


def _done(web: Web, action: str, headers: dict[str, str], **order: Any) -> Any:
    answer = web.post(f"/api/3/action/{action}", json=order, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["result"]


_BLOCK = {"breach": "attack", "reason": "扫描端口", "basis": "第四十条", "until": "2099-01-01"}


def by_closing_it(web: Web, stage: Stage, guest: Guest) -> None:
    _done(web, "govdata_party_close", guest.headers, id=guest.party)


def by_blocking_it_at_once(web: Web, stage: Stage, guest: Guest) -> None:
    _done(web, "govdata_party_block_propose", stage.headers("authority"), id=guest.party, danger=True, **_BLOCK)


def by_a_second_officers_decision(web: Web, stage: Stage, guest: Guest) -> None:
    officer = stage.headers("operator")
    block = _done(web, "govdata_party_block_propose", officer, id=guest.party, danger=False, **_BLOCK)
    _done(web, "govdata_party_block_reply", guest.headers, id=block["id"], text="不是我们")
    _done(web, "govdata_party_block_decide", stage.headers("authority"), id=block["id"], accept=True, reason="属实")


def by_leaving_it(web: Web, stage: Stage, guest: Guest) -> None:
    _done(web, "govdata_party_leave", guest.headers, id=guest.party)


@pytest.mark.requirement("LYG-40", "LYG-19")
@pytest.mark.parametrize(
    "end",
    [by_closing_it, by_blocking_it_at_once, by_a_second_officers_decision, by_leaving_it],
)
def test_a_party_that_ends_or_is_blocked_ends_its_peoples_tokens_within_a_second(
    web: Web,
    stage: Stage,
    conditional: tuple[Dataset, str],
    guest: Guest,
    end: Callable[[Web, Stage, Guest], None],
) -> None:
    dataset, grant = conditional
    token, neighbour = token_of(web, guest.client, guest.secret), token_of(web, *program(stage, grant))
    assert [download(web, dataset, one).status_code for one in (token, neighbour)] == [200, 200]
    before = len(entries())
    end(web, stage, guest)
    ended = time.monotonic()
    assert download(web, dataset, token).status_code == 401 and time.monotonic() - ended < A_SECOND
    asked = {"auth": (guest.client, guest.secret), "timeout": 20}
    introspected = requests.post(f"{web.base}/oauth/introspect", data={"token": token}, **asked)
    assert introspected.json() == {"active": False}
    again = requests.post(f"{web.base}/oauth/token", data={"grant_type": "client_credentials"}, **asked)
    assert again.status_code == 200, "what is open to everybody it still reads"
    assert download(web, dataset, again.json()["access_token"]).status_code == 403
    assert download(web, dataset, neighbour).status_code == 200, "another party's token goes on"
    whys = [one["govdata"]["login"]["why"] for one in entries()[before:] if one["event"]["action"] == "token-ended"]
    assert whys and whys[0] in ("party_ended", "party_blocked", "party_left")


def test_a_grant_that_stops_by_whichever_way_ends_its_tokens(
    web: Web, stage: Stage, conditional: tuple[Dataset, str], guest: Guest
) -> None:
    """Not only the actions on grants stop one: an agreement that is suspended does, and a dataset that is withdrawn."""
    token = token_of(web, guest.client, guest.secret)
    row = model.Session.get(Grant, guest.grant)
    assert row is not None and endings.stopped() == set()
    row.state = "suspended"
    record_step(row, "portal", "未按约定报告")
    assert endings.stopped() == set(), "nothing before the commit"
    model.Session.rollback()
    assert download(web, conditional[0], token).status_code == 200, "what was rolled back ends nothing"
    row = model.Session.get(Grant, guest.grant)
    assert row is not None
    savepoint = model.Session.begin_nested()
    row.state = "suspended"
    record_step(row, "portal", "未按约定报告")
    savepoint.rollback()
    model.Session.commit()
    assert endings.stopped() == set(), "neither does what a savepoint took back"
    row.state = "suspended"
    record_step(row, "portal", "未按约定报告")
    with model.Session.begin_nested():
        pass
    assert endings.stopped() == set(), "the end of a savepoint is no commit"
    model.Session.begin_nested().rollback()
    model.Session.commit()
    joining.ended("any_action", {}, {}, {})
    assert download(web, conditional[0], token).status_code == 401
    assert endings.stopped() == set()


@pytest.mark.requirement("LYG-35")
def test_a_post_that_ends_ends_what_its_holder_has_open(
    web: Web, stage: Stage, migrate_db_for: Callable[[str], None]
) -> None:
    migrate_db_for("govdata_login")
    officer = factories.User()
    call_action("govdata_officer_appoint", {"user": "administrator"}, user=officer["name"], role="operator")
    token = call_action("api_token_create", {"user": officer["name"]}, user=officer["name"], name="desk")["token"]
    listed = f"/api/3/action/api_token_list?user_id={officer['name']}"
    assert web.get(listed, headers={"Authorization": token}).status_code == 200
    order = {"user": officer["name"], "role": "operator"}
    done = web.post("/api/3/action/govdata_officer_dismiss", json=order, headers=stage.headers("administrator"))
    assert done.status_code == 200
    ended = time.monotonic()
    assert web.get(listed, headers={"Authorization": token}).status_code == 403
    assert time.monotonic() - ended < 1
