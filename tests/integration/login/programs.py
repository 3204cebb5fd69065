"""Programs in tests: somebody who may give scopes, a program of theirs, each step of its way to a token, and the
npm client as a Python object."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import ckan.plugins as p
import requests
from ckan import model
from flask import Blueprint, g, jsonify

from ckanext.govdata_login.clients import registering
from ckanext.govdata_login.clients.model import Client
from ckanext.govdata_login.interfaces import IGovdataLogin

from .browser import Person
from .honest import node

notes = Blueprint("login_notes", __name__)
# What each account may give now; tests take away from it.
GIVEN: dict[str, list[str]] = {}
BACK = "http://127.0.0.1:9/back"
BOTH = ["note:1", "note:2"]
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@notes.get("/notes")
def read() -> Any:
    held = g.get("govdata_login_bearer")
    return jsonify(scopes=held["scopes"] if held else None, user=held["user_id"] if held else None)


@notes.post("/notes")
def write() -> str:
    return "written"


class Notes(p.SingletonPlugin):
    """A plugin with scopes of its own, as any CKAN may have one."""

    p.implements(p.IBlueprint)
    p.implements(IGovdataLogin, inherit=True)

    def get_blueprint(self) -> Blueprint:
        return notes

    def login_scopes(self, user: Any) -> list[Mapping[str, Any]]:
        return [{"name": name, "title": f"Note {name[5:]}", "example": "/notes"} for name in GIVEN.get(user.name, [])]


class NpmClient:
    """oauth4webapi in a process of its own."""

    def __init__(self, process: Any) -> None:
        self._process = process

    def __call__(self, order: str, **values: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps({"do": order, **values}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def npm_client() -> Iterator[NpmClient]:
    """Start it, and end it."""
    process = node("client.mjs")
    try:
        yield NpmClient(process)
    finally:
        process.kill()
        process.wait()


def program(owner: str = "li-si", **given: Any) -> tuple[Client, str]:
    model.Session.remove()
    user = model.User.get(owner)
    return registering.register(user.id, {"title": "Dashboard", "scopes": BOTH[: len(GIVEN[owner])], **given})


def token_of(portal: str, row: Client, secret: str, **more: str) -> requests.Response:
    form = {"grant_type": "client_credentials", **more}
    return requests.post(f"{portal}/oauth/token", auth=(row.id, secret), data=form, timeout=10)


def call(portal: str, token: str, path: str = "/notes", method: str = "GET") -> requests.Response:
    return requests.request(
        method, portal + path, headers={"Authorization": f"Bearer {token}"}, timeout=10, allow_redirects=False
    )


def agree(person: Person, row: Client, **more: str) -> dict[str, str]:
    """A person agrees in the browser; gives what came back to the program's address."""
    asked = {"client_id": row.id, "response_type": "code", "redirect_uri": BACK, "scope": "note:1", "state": "s"}
    asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256", **more}
    page = person.get(f"/oauth/authorize?{urlencode(asked)}", stop_at=BACK)
    if not page.is_redirect:
        assert "May Dashboard read for you?" in page.text, page.text[:3000]
        page = person.send(page, stop_at=BACK, answer="yes")
    return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["Location"]).query).items()}


def exchange(portal: str, row: Client, secret: str, code: str, **more: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **more}
    form = {name: value for name, value in form.items() if value}
    return requests.post(f"{portal}/oauth/token", auth=(row.id, secret), data=form, timeout=10)


def reasons(events: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [str(details["reason"]) for name, details in events if name in ("token_refused", "client_refused")]
