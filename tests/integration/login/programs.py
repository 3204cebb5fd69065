"""Programs in tests: somebody who may give scopes, a program of theirs, and the npm client as a Python object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ckan.plugins as p
from flask import Blueprint, g, jsonify

from ckanext.govdata_login.interfaces import IGovdataLogin

from .honest import node

notes = Blueprint("login_notes", __name__)
# What each account may give now; tests take away from it.
GIVEN: dict[str, list[str]] = {}
BACK = "http://127.0.0.1:9/back"


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
