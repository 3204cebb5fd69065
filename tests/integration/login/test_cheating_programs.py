"""Every way in which a program may cheat, each refused with its reason; and with what a token ends."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from ckan import model
from joserfc import jwt
from joserfc.jwk import RSAKey

from ckanext.govdata_login.clients import registering, tokens
from ckanext.govdata_login.clients.model import Client

from .browser import Person
from .conftest import PASSWORD
from .programs import BACK, BOTH, GIVEN, agree, call, exchange, program, reasons, token_of


@pytest.fixture
def portal(notes_portal: str) -> str:
    return notes_portal


def test_what_a_program_may_not_ask_is_refused_with_its_reason(told: Any, portal: str) -> None:
    """A narrowed scope is never given in silence, and each refusal is told to the log."""
    row, secret = program(redirects=[BACK])
    other, other_secret = program(redirects=[BACK])
    public, _ = program(method="none", redirects=[BACK])
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    assert token_of(portal, row, secret, scope="note:1 note:9").json()["error"] == "invalid_scope"
    assert token_of(portal, row, "wrong").status_code == 401
    form = {"grant_type": "client_credentials", "client_id": public.id}
    assert requests.post(f"{portal}/oauth/token", data=form, timeout=10).status_code in (400, 401)
    for address in (BACK + "/more", BACK + "?x=1", "http://127.0.0.1:9/", "https://evil.example/back"):
        asked = {"client_id": row.id, "response_type": "code", "redirect_uri": address, "scope": "note:1"}
        page = person.get(f"/oauth/authorize?{urlencode(asked)}", stop_at=address)
        assert page.status_code == 400, "nobody is sent to an address that only begins alike"
    for challenge in ({"code_challenge": "", "code_challenge_method": ""}, {"code_challenge_method": "plain"}):
        assert agree(person, row, **challenge)["error"] == "invalid_request"
    assert agree(person, row, scope="note:9")["error"] == "invalid_scope"
    answer = agree(person, row)
    assert answer["iss"] == portal and answer["state"] == "s"
    assert exchange(portal, other, other_secret, answer["code"]).json()["error"] == "invalid_grant"
    assert exchange(portal, row, secret, answer["code"], code_verifier="").status_code == 400
    answer = agree(person, row)
    assert exchange(portal, row, secret, answer["code"], code_verifier="w" * 50).json()["error"] == "invalid_grant"
    answer = agree(person, row)
    assert exchange(portal, row, secret, answer["code"], redirect_uri=BACK + "/x").json()["error"] == "invalid_grant"
    found = set(reasons(told))
    expected = {
        "scope_widened",
        "redirect_not_registered",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "code_of_other_client",
    }
    assert expected | {"verifier_wrong", "invalid_grant", "invalid_request"} <= found, found


def test_a_code_or_a_refresh_token_used_twice_ends_all_that_came_of_it(told: Any, portal: str) -> None:
    row, secret = program(redirects=[BACK])
    other, other_secret = program(redirects=[BACK])
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    code = agree(person, row)["code"]
    given = exchange(portal, row, secret, code).json()
    assert call(portal, given["access_token"]).ok
    assert exchange(portal, row, secret, code).json()["error"] == "invalid_grant"
    assert call(portal, given["access_token"]).status_code == 401

    def refresh(token: str, who: Client = row, by: str = secret, **more: str) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, **more}
        return requests.post(f"{portal}/oauth/token", auth=(who.id, by), data=form, timeout=10)

    first = exchange(portal, row, secret, agree(person, row)["code"]).json()
    assert refresh(first["refresh_token"], other, other_secret).json()["error"] == "invalid_grant"
    assert refresh(first["refresh_token"], scope="note:1 note:2").json()["error"] == "invalid_scope"
    second = refresh(first["refresh_token"]).json()
    assert call(portal, second["access_token"]).ok and call(portal, first["access_token"]).status_code == 401
    assert refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert call(portal, second["access_token"]).status_code == 401, "a thief and the owner cannot both go on"
    assert refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    expected = {"code_used_again", "token_of_other_client", "scope_widened", "refresh_used_again"}
    assert expected <= set(reasons(told))


def test_what_ends_between_agreeing_and_the_token_is_not_in_the_token(told: Any, portal: str) -> None:
    row, secret = program(redirects=[BACK])
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    some, none = (agree(person, row, scope="note:1 note:2")["code"] for _ in range(2))
    GIVEN["li-si"] = ["note:2"]
    given = exchange(portal, row, secret, some).json()
    assert given["scope"] == "note:2" and call(portal, given["access_token"]).json()["scopes"] == ["note:2"]
    GIVEN["li-si"] = []
    assert exchange(portal, row, secret, none).json()["error"] == "invalid_grant"
    assert "scope_ended" in reasons(told)


def test_another_programs_token_cannot_be_looked_at_or_ended(portal: str) -> None:
    row, secret = program()
    other, other_secret = program("wang-wu", scopes=["note:1"])
    token = token_of(portal, row, secret).json()["access_token"]
    asked = requests.post(
        f"{portal}/oauth/introspect", auth=(other.id, other_secret), data={"token": token}, timeout=10
    )
    assert asked.json() == {"active": False}
    requests.post(f"{portal}/oauth/revoke", auth=(other.id, other_secret), data={"token": token}, timeout=10)
    assert call(portal, token).ok


def test_an_assertion_counts_once_and_only_with_a_good_signature(portal: str) -> None:
    key = RSAKey.generate_key(2048, {"kid": "1"})
    row, _ = program(method="private_key_jwt", jwks=key.as_dict(private=False))

    def claims(**more: Any) -> dict[str, Any]:
        moment = int(time.time())
        return {"iss": row.id, "sub": row.id, "aud": portal, "jti": str(time.time()), "exp": moment + 60, **more}

    def ask(assertion: str) -> int:
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": assertion}
        return requests.post(f"{portal}/oauth/token", data=form, timeout=10).status_code

    good = jwt.encode({"alg": "RS256", "kid": "1"}, claims(), key)
    assert ask(good) == 200 and ask(good) in (400, 401), "one assertion, one token"
    bad = [
        _signed_with_the_public_key(claims(), key),
        jwt.encode({"alg": "RS256", "kid": "1"}, claims(), RSAKey.generate_key(2048, {"kid": "1"})),
        jwt.encode({"alg": "RS256", "kid": "1"}, claims(aud="https://other.example"), key),
        jwt.encode({"alg": "RS256", "kid": "1"}, claims(exp=int(time.time()) - 120), key),
        jwt.encode({"alg": "RS256", "kid": "1"}, claims(exp=int(time.time()) + 86400), key),
    ]
    assert [ask(one) for one in bad] == [401] * len(bad) or all(ask(one) in (400, 401) for one in bad)


def _signed_with_the_public_key(claims: dict[str, Any], key: RSAKey) -> str:
    """HS256, with the public key for a secret: no library makes such a token any more."""

    def word(value: bytes) -> bytes:
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    head = b".".join(word(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "1"}, claims))
    return (head + b"." + word(hmac.digest(key.as_pem(private=False), head, "sha256"))).decode()


def test_tokens_end_with_their_program_its_secret_their_scope_and_their_owners_account(portal: str) -> None:
    row, secret = program()
    token = token_of(portal, row, secret).json()["access_token"]
    GIVEN["li-si"] = []
    asked = requests.post(f"{portal}/oauth/introspect", auth=(row.id, secret), data={"token": token}, timeout=10)
    assert asked.json() == {"active": False}, "what it stood for has ended"
    assert token_of(portal, row, secret).json()["error"] == "invalid_scope"
    GIVEN["li-si"] = list(BOTH)
    model.Session.remove()
    assert tokens.end_of_scope("note:1", "grant ended") == 1 and call(portal, token).status_code == 401
    token = token_of(portal, row, secret).json()["access_token"]
    newer = registering.rotate(model.Session.get(Client, row.id))
    assert call(portal, token).status_code == 401 and token_of(portal, row, secret).status_code == 401
    token = token_of(portal, row, newer).json()["access_token"]
    registering.end(model.Session.get(Client, row.id))
    assert call(portal, token).status_code == 401 and token_of(portal, row, newer).status_code == 401
    row, secret = program()
    token = token_of(portal, row, secret).json()["access_token"]
    model.Session.remove()
    model.User.get("li-si").state = "deleted"
    model.Session.commit()
    assert call(portal, token).status_code == 401 and token_of(portal, row, secret).status_code == 401
