"""Keys: of a program that signs, and CKAN's own tokens, which get an end, a last use and scopes."""

from __future__ import annotations

import json
import re
import time

import pytest
import requests
from ckan.plugins import toolkit as tk
from joserfc import jwt
from joserfc.jwk import RSAKey

from .browser import Person
from .conftest import PASSWORD
from .programs import call, program


@pytest.fixture
def portal(notes_portal: str) -> str:
    return notes_portal


def test_a_program_that_signs_gets_another_key_and_the_old_one_opens_nothing(portal: str) -> None:
    old, new = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("1", "2"))
    row, _ = program(method="private_key_jwt", jwks=old.as_dict(private=False))

    def ask(key: RSAKey) -> requests.Response:
        claims = {"iss": row.id, "sub": row.id, "aud": portal, "jti": str(time.time()), "exp": int(time.time()) + 60}
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form = {"grant_type": "client_credentials", "client_assertion_type": kind}
        form["client_assertion"] = jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims, key)
        return requests.post(f"{portal}/oauth/token", data=form, timeout=10)

    token = ask(old).json()["access_token"]
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    page = person.get(f"/login/developer/programs/{row.id}")
    private = person.send(page, "/rotate", jwks=json.dumps(new.as_dict(private=True)))
    assert "without its private part" in private.text and call(portal, token).ok, "what is refused changes nothing"
    person.send(page, "/rotate", jwks=json.dumps(new.as_dict(private=False)))
    assert call(portal, token).status_code == 401
    assert ask(old).status_code in (400, 401) and ask(new).ok


def test_ckans_own_tokens_get_an_end_a_last_use_and_scopes_and_are_shown_once(portal: str) -> None:
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    page = person.send(person.get("/login/developer/keys/new"), name="script", days="7", scopes="note:2")
    found = re.search(r'data-what="key">([\w.-]+)<', page.text)
    assert found, page.text[:3000]
    held = found.group(1)
    assert call(portal, held).json()["scopes"] == ["note:2"]
    assert call(portal, held, "/api/3/action/api_token_list?user_id=li-si").status_code == 403
    context = {"user": "li-si", "ignore_auth": True}
    whole = tk.get_action("api_token_create")(context, {"user": "li-si", "name": "whole"})["token"]
    answer = call(portal, whole, "/api/3/action/api_token_list?user_id=li-si").json()["result"]
    shown = {one["name"]: one for one in answer}
    assert shown["script"]["scopes"] == ["note:2"] and shown["script"]["last_access"] and shown["whole"]["ends_at"]
    assert held not in person.get("/login/developer/").text
    with pytest.raises(tk.ValidationError, match="note:9"):
        tk.get_action("api_token_create")(context, {"user": "li-si", "name": "x", "scopes": "note:9"})
    with pytest.raises(tk.ValidationError):
        tk.get_action("api_token_create")(context, {"user": "li-si", "name": "x", "days": 4000})
    page = person.get("/login/developer/")
    person.send(page, f"/keys/{shown['script']['id']}/end")
    assert call(portal, held).status_code == 401, "whoever uses an ended key learns it"


def test_a_held_key_opens_nothing_where_this_plugin_is_off(portal: str) -> None:
    from ckan.lib import api_token

    context = {"user": "li-si", "ignore_auth": True}
    order = {"user": "li-si", "name": "held", "scopes": "note:1"}
    held = tk.get_action("api_token_create")(context, order)["token"]
    with pytest.raises(Exception, match=r"."):
        api_token.decode_token(held)
