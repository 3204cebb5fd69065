"""The seam by which the portal's rooms ask whether a person has just confirmed who they are, with and without govdata_login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins as p
import pytest
from ckan.tests import factories
from flask import Blueprint, jsonify

from ckanext.govdata.confirming import ConfirmationNeeded, confirmed_first, demand_confirmation

from .browser import Person
from .conftest import PASSWORD
from .test_factors import _add_app as add_app

room = Blueprint("confirming_room", __name__, url_prefix="/room")


@room.route("/sign", methods=["GET", "POST"])
@confirmed_first("sign_agreement")
def sign() -> str:
    return "signed"


@room.get("/decide")
def decide() -> Any:
    found = demand_confirmation("decide")
    return jsonify(kind=found.kind, session=found.session)


class Room(p.SingletonPlugin):
    p.implements(p.IBlueprint)
    p.implements(p.IConfigDeclaration)

    def get_blueprint(self) -> Blueprint:
        return room

    def declare_config_options(self, declaration: Any, key: Any) -> None:
        declaration.declare_list(key.govdata.confirm.purposes, ["sign_agreement", "decide"])
        declaration.declare_bool(key.govdata.confirm.always, False)


@pytest.fixture
def with_room(provide_plugin: Callable[..., Any], make_portal: Callable[..., str]) -> Person:
    provide_plugin("confirming_room", Room)
    return Person(make_portal(ckan__plugins="govdata_login confirming_room"))


@pytest.mark.requirement("LYG-19")
def test_signing_sends_a_person_to_their_second_factor_and_back(with_room: Person) -> None:
    factories.User(name="li-si", email="li.si@example.org", password=PASSWORD)
    with_room.sign_in_locally("li-si", PASSWORD)
    assert "/login/factor/app" in with_room.get("/room/sign").url, "who has no factor is led to add one"
    add_app(with_room)
    assert with_room.get("/room/sign").text == "signed"
    evidence = with_room.get("/room/decide").json()
    assert evidence["kind"] == "totp" and evidence["session"]


def test_who_has_not_confirmed_decides_nothing(with_room: Person) -> None:
    factories.User(name="li-si", email="li.si@example.org", password=PASSWORD)
    with_room.sign_in_locally("li-si", PASSWORD)
    assert with_room.get("/room/decide").status_code in (403, 500)


def test_without_a_plugin_that_asks_the_setting_decides(
    provide_plugin: Callable[..., Any], make_app: Any, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    provide_plugin("confirming_room", Room)
    monkeypatch.setitem(ckan_config, "ckan.plugins", "confirming_room")
    import ckan.plugins as plugins

    plugins.load("confirming_room")
    try:
        with make_app().flask_app.test_request_context():
            assert demand_confirmation("decide").kind == ""
            monkeypatch.setitem(ckan_config, "govdata.confirm.always", True)
            with pytest.raises(ConfirmationNeeded):
                demand_confirmation("decide")
    finally:
        plugins.unload("confirming_room")
