"""A flood of guesses on one account: its owner still gets in, others don't notice, and Redis does not fill up."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pyotp
import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories

from .browser import Person
from .conftest import PASSWORD
from .test_factors import _add_app, _spend_no_step


def _median_of_ordinary_sign_ins(portal: str) -> float:
    spent = []
    for _ in range(9):
        person = Person(portal)
        page = person.get("/user/login")
        began = time.perf_counter()
        person.send(page, login="ordinary", password=PASSWORD, stop_at=portal)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


@pytest.mark.parametrize("guesses", [300, pytest.param(3000, marks=pytest.mark.long)])
def test_a_flood_of_guesses_keeps_nobody_out(guesses: int, make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__trusted_proxies=1, govdata__login__rate_sign_in="")
    for name in ("victim", "ordinary"):
        factories.User(name=name, password=PASSWORD)
    owner = Person(portal)
    owner.sign_in_locally("victim", PASSWORD)
    app: pyotp.TOTP = _add_app(owner)[0]
    before = _median_of_ordinary_sign_ins(portal)
    guesser = Person(portal)
    page = guesser.get("/user/login")
    addresses = guesses // 3
    for number in range(guesses):
        guesser.http.headers["X-Forwarded-For"] = f"10.0.{number % addresses // 256}.{number % addresses % 256}"
        guesser.send(page, login="victim", password=f"guess {number}")
    during = _median_of_ordinary_sign_ins(portal)
    kept = list(connect_to_redis().scan_iter("*:govdata_login:guess-*"))
    newcomer = Person(portal)
    _spend_no_step()
    page = newcomer.sign_in_locally("victim", PASSWORD)
    page = newcomer.send(page, login="victim", password=PASSWORD, code=app.now())
    _spend_no_step()
    newcomer.send(page, code=app.now())
    print(
        f"{guesses} guesses: ordinary sign-in {before * 1000:.0f} ms before, {during * 1000:.0f} ms after, {len(kept)} keys"
    )
    assert newcomer.is_signed_in()
    assert during < 2 * before and len(kept) <= addresses + 5
    assert all(connect_to_redis().ttl(key) > 0 for key in kept), "every count ends by itself"
    model.Session.remove()
