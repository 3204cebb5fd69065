"""What is over its term is deleted; what could still be shown again is kept, so that it is known for what it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.govdata_login.clients.model import Token
from ckanext.govdata_login.clock import now
from ckanext.govdata_login.model import Session

from .browser import Person
from .conftest import PASSWORD
from .programs import BACK, agree, call, exchange, program, reasons, token_of

ADMINISTRATION: Any = {"ignore_auth": True, "user": ""}


def purge() -> dict[str, int]:
    model.Session.remove()
    return tk.get_action("govdata_login_purge")(dict(ADMINISTRATION), {})


def older(by: timedelta, table: Any, *names: str) -> None:
    """As if all rows were made so much earlier."""
    model.Session.remove()
    for row in model.Session.query(table):
        for name in names:
            if getattr(row, name) is not None:
                setattr(row, name, getattr(row, name) - by)
    model.Session.commit()


@pytest.fixture
def portal(notes_portal: str) -> str:
    return notes_portal


def _refresh(portal: str, row: Any, secret: str, token: str) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return requests.post(f"{portal}/oauth/token", auth=(row.id, secret), data=form, timeout=20)


@pytest.mark.requirement("LYG-17")
def test_tokens_go_when_they_could_count_no_more_and_a_used_up_one_is_known_until_then(told: Any, portal: str) -> None:
    for action in ("govdata_login_purge", "govdata_login_sweep", "govdata_login_scopes_check"):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(action)({"user": "li-si"}, {"user_id": "x"})
    row, secret = program(redirects=[BACK])
    person = Person(portal)
    person.sign_in_locally("li-si", PASSWORD)
    token_of(portal, row, secret)
    first = exchange(portal, row, secret, agree(person, row)["code"]).json()
    second = _refresh(portal, row, secret, first["refresh_token"]).json()
    assert purge()["tokens"] == 0, "all may still be shown"
    older(timedelta(days=2), Token, "created_at", "expires_at", "refresh_until", "rotated_at", "ended_at")
    assert purge()["tokens"] == 1, "the one without a refresh token"
    assert _refresh(portal, row, secret, first["refresh_token"]).status_code == 400
    assert "refresh_used_again" in reasons(told), "a stolen token is known for what it is, though the purge was there"
    assert _refresh(portal, row, secret, second["refresh_token"]).status_code == 400, "and its whole family has ended"
    older(timedelta(days=30), Token, "created_at", "expires_at", "refresh_until", "rotated_at", "ended_at")
    assert purge()["tokens"] == 2
    assert model.Session.query(Token).count() == 0
    assert _refresh(portal, row, secret, first["refresh_token"]).status_code == 400
    assert call(portal, second["access_token"]).status_code == 401


def test_sessions_that_are_over_are_kept_for_their_term_and_living_ones_stay(make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__sessions_kept_days=190)
    factories.User(name="li-si", password=PASSWORD)
    ended, unseen = Person(portal), Person(portal)
    for person in (ended, unseen):
        person.sign_in_locally("li-si", PASSWORD)
    ended.get("/user/_logout")
    times = ("created_at", "seen_at", "expires_at", "ended_at", "auth_time")
    older(timedelta(days=189), Session, *times)
    assert purge()["sessions"] == 0
    older(timedelta(days=3), Session, *times)
    living = Person(portal)
    living.sign_in_locally("li-si", PASSWORD)
    assert purge()["sessions"] == 2 and living.is_signed_in()
    assert [one.expires_at > now() for one in model.Session.query(Session)] == [True]
