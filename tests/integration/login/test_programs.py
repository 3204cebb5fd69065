"""Programs that read for people: two clients that are not ours, what their tokens open, and what they cost."""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from ckan import model
from flask import g
from joserfc.jwk import ECKey, RSAKey
from redis.connection import AbstractConnection

from ckanext.govdata_login import sessions
from ckanext.govdata_login.clients import programs, use
from ckanext.govdata_login.clients.model import Client, Token

from .browser import Person
from .conftest import PASSWORD
from .honest import missing_reason
from .programs import BACK, BOTH, agree, call, exchange, npm_client, program, token_of


@pytest.fixture
def portal(notes_portal: str) -> str:
    return notes_portal


def test_authlibs_own_client_reads_by_secret_and_by_key(portal: str) -> None:
    row, secret = program()
    with OAuth2Session(row.id, secret, scope="note:1") as client:
        given = client.fetch_token(f"{portal}/oauth/token", grant_type="client_credentials")
        assert (given["expires_in"], given["scope"], "refresh_token" in given) == (600, "note:1", False)
        assert client.get(f"{portal}/notes").json()["scopes"] == ["note:1"]
        assert client.introspect_token(f"{portal}/oauth/introspect", given["access_token"]).json()["active"] is True
        client.revoke_token(f"{portal}/oauth/revoke", given["access_token"])
        assert client.introspect_token(f"{portal}/oauth/introspect", given["access_token"]).json() == {"active": False}
    assert call(portal, given["access_token"]).status_code == 401
    key = RSAKey.generate_key(2048, {"kid": "1"})
    row, _ = program(method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
    with OAuth2Session(row.id, key.as_dict(private=True), token_endpoint_auth_method="private_key_jwt") as client:
        client.register_client_auth_method(PrivateKeyJWT(f"{portal}/oauth/token"))
        client.fetch_token(f"{portal}/oauth/token", grant_type="client_credentials")
        assert client.get(f"{portal}/notes").json()["scopes"] == BOTH


def test_npms_client_reads_by_credentials_by_key_and_by_a_persons_agreement(portal: str) -> None:
    reason = missing_reason()
    if reason:
        pytest.skip(reason)
    row, secret = program(redirects=[BACK])
    with npm_client() as npm:
        assert npm("discover", issuer=portal, client=row.id, secret=secret) == {
            "token_endpoint": f"{portal}/oauth/token"
        }
        given = npm("credentials", scope="note:2")
        assert given["scope"] == "note:2", given
        assert '"note:2"' in npm("read", address=f"{portal}/notes", token=given["access_token"])["text"]
        person = Person(portal)
        person.sign_in_locally("li-si", PASSWORD)
        begun = npm("begin", redirect=BACK, scope="note:1")
        page = person.send(person.get(begun["address"]), stop_at=BACK, answer="yes")
        given = npm("finish", address=page.headers["Location"])
        assert given["scope"] == "note:1" and given["refresh_token"], given
        again = npm("refresh", token=given["refresh_token"])
        assert again["access_token"] != given["access_token"]
        assert npm("introspect", token=given["access_token"]) == {"active": False}, "a refreshed token has ended"
        assert npm("introspect", token=again["access_token"])["active"] is True
        npm("revoke", token=again["refresh_token"])
        assert npm("introspect", token=again["access_token"]) == {"active": False}
        key = ECKey.generate_key("P-256", {"kid": "1"})
        row, _ = program(method="private_key_jwt", jwks=key.as_dict(private=False))
        npm("discover", issuer=portal, client=row.id, jwk=key.as_dict(private=True))
        assert npm("credentials")["scope"] == "note:1 note:2"


def test_a_token_is_a_visitors_with_its_scopes_and_nothing_more(portal: str) -> None:
    row, secret = program()
    token = token_of(portal, row, secret).json()["access_token"]
    assert call(portal, token, "/api/3/action/api_token_list?user_id=li-si").status_code == 403
    assert call(portal, token, "/login/account/").status_code != 200
    assert call(portal, token, method="POST").json()["error"] == "insufficient_scope"
    held = call(portal, token).json()
    model.Session.remove()
    assert held == {"scopes": BOTH, "user": model.User.get("li-si").id}
    kept = [str(value) for one in model.Session.query(Token) for value in (one.access, one.refresh)]
    assert not any(token in one for one in kept) and secret not in model.Session.get(Client, row.id).secret


def test_a_programs_call_asks_database_and_redis_once_more_than_a_visitors(
    portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, secret = program()
    token = token_of(portal, row, secret).json()["access_token"]
    asked: Counter[str] = Counter()
    send = AbstractConnection.send_packed_command

    def sent(self: Any, *given: Any, **more: Any) -> Any:
        asked["redis"] += 1
        return send(self, *given, **more)

    def executed(*_: Any) -> None:
        asked["database"] += 1

    def of(*headers: str) -> dict[str, int]:
        asked.clear()
        assert requests.get(f"{portal}/notes", headers=dict([headers] if headers else []), timeout=10).ok
        return {name: asked[name] for name in ("redis", "database")}

    monkeypatch.setattr(AbstractConnection, "send_packed_command", sent)
    sa.event.listen(model.meta.engine, "before_cursor_execute", executed)
    try:
        bearer = ("Authorization", f"Bearer {token}")
        of(*bearer)  # Redis learns the script
        visitor, called = of(), of(*bearer)
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", executed)
    assert {name: called[name] - visitor[name] for name in called} == {"redis": 1, "database": 1}
    assert use.by_day(row.id, 1)[0][1] == 2, "and each call is counted"


def test_a_newcomer_registers_a_program_and_copies_the_first_call(portal: str) -> None:
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    page = person.send(person.get("/login/developer/new"), title="My dashboard", scopes="note:1")
    assert "Your first call" in page.text, page.text[:3000]
    secret = re.search(r'data-what="secret">(gds_[\w-]+)<', page.text)
    assert secret and secret.group(1) not in person.get("/login/developer/").text
    missing = person.send(person.get("/login/developer/new"), title="Nothing to read", scopes="")
    assert "Choose what the program may read." in missing.text


def test_people_see_and_take_back_what_they_let_in(portal: str) -> None:
    row, secret = program("wang-wu", redirects=[BACK])
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    given = exchange(portal, row, secret, agree(person, row)["code"]).json()
    page = person.get("/login/developer/")
    assert "Dashboard: Note 1" in page.text
    person.send(page, f"/authorised/{row.id}/end")
    assert call(portal, given["access_token"]).status_code == 401
    assert "You have let none in" in person.get("/login/developer/").text


@pytest.mark.long
def test_checking_a_token_costs_at_most_a_millisecond_and_signing_in_thirty(portal: str, make_app: Any) -> None:
    """Medians of the processor time that this plugin adds, password hashing left out: other work on the machine is not in it."""
    row, secret = program()
    token = token_of(portal, row, secret).json()["access_token"]
    user = model.User.get("li-si")
    app = make_app().flask_app
    checks, signings = [], []
    for _ in range(300):
        with app.test_request_context("/notes", headers={"Authorization": f"Bearer {token}"}):
            begun, cpu = time.perf_counter(), time.thread_time()
            programs.identify(token)
            checks.append((time.thread_time() - cpu, time.perf_counter() - begun))
            assert g.govdata_login_bearer["client"] == row.id
    for _ in range(60):
        with app.test_request_context("/user/login", method="POST"):
            begun, cpu = time.perf_counter(), time.thread_time()
            sessions.sign_in(user, sessions.How())
            signings.append((time.thread_time() - cpu, time.perf_counter() - begun))
    (check, check_wall), (signing, signing_wall) = (
        [statistics.median(column) * 1000 for column in zip(*measured, strict=True)] for measured in (checks, signings)
    )
    print(f"token check {check:.2f} ms of processor, {check_wall:.2f} ms by the clock (median)")
    print(f"a session begun {signing:.1f} ms of processor, {signing_wall:.1f} ms by the clock (median)")
    assert check <= 1 and signing <= 30
