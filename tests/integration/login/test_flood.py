"""A flood of guesses on one account: its owner still gets in, others don't notice, and Redis does not fill up."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyotp
import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories

from .browser import Person
from .conftest import PASSWORD
from .test_factors import _add_app, _spend_no_step

ADDRESSES, A_SECOND = 1_000, 20


def _ordinary_sign_in(portal: str) -> float:
    person = Person(portal)
    page = person.get("/user/login")
    began = time.perf_counter()
    person.send(page, login="ordinary", password=PASSWORD, stop_at=portal)
    return time.perf_counter() - began


class Guesser:
    """Sends wrong passwords for one account from a thousand addresses, at will or at twenty a second."""

    def __init__(self, portal: str) -> None:
        self._person = Person(portal)
        self._page = self._person.get("/user/login")
        self._token = str(re.findall(r'name="_csrf_token" value="([^"]+)"', self._page.text)[0])
        self.sent = 0

    def guess(self) -> None:
        self.sent += 1
        place = self.sent % ADDRESSES
        self._person.http.post(
            self._page.url,
            data={"_csrf_token": self._token, "login": "victim", "password": f"guess {self.sent}"},
            headers={"X-Forwarded-For": f"10.0.{place // 256}.{place % 256}"},
            timeout=30,
        )

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Guess at twenty a second meanwhile."""
        stop = threading.Event()

        def go_on() -> None:
            while not stop.wait(1 / A_SECOND):
                self.guess()

        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        yield
        stop.set()
        thread.join()


def _medians(portal: str, guesser: Guesser) -> tuple[float, float]:
    """Ordinary sign-ins without and under guessing, by turns, so that what else the machine does meets both."""
    quiet, flooded = [], []
    for _ in range(9):
        quiet.append(_ordinary_sign_in(portal))
        with guesser.going_on():
            flooded.append(_ordinary_sign_in(portal))
    return statistics.median(quiet), statistics.median(flooded)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "guesses",
    [
        300,
        pytest.param(3_000, marks=pytest.mark.long),
        pytest.param(100_000, marks=pytest.mark.long),
    ],
)
def test_a_flood_of_guesses_keeps_nobody_out(guesses: int, make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__trusted_proxies=1, govdata__login__rate_sign_in="")
    for name in ("victim", "ordinary"):
        factories.User(name=name, password=PASSWORD)
    owner = Person(portal)
    owner.sign_in_locally("victim", PASSWORD)
    app: pyotp.TOTP = _add_app(owner)[0]
    guesser = Guesser(portal)
    began = time.monotonic()
    for _ in range(guesses):
        guesser.guess()
    spent = time.monotonic() - began
    quiet, flooded = _medians(portal, guesser)
    kept = list(connect_to_redis().scan_iter("*:govdata_login:guess-*"))
    newcomer = Person(portal)
    _spend_no_step()
    page = newcomer.sign_in_locally("victim", PASSWORD)
    page = newcomer.send(page, login="victim", password=PASSWORD, code=app.now())
    _spend_no_step()
    newcomer.send(page, code=app.now())
    memory = sum(connect_to_redis().memory_usage(key) or 0 for key in kept)
    print(
        f"{guesser.sent} guesses, the first {guesses} in {spent:.0f} s: ordinary sign-in {quiet * 1000:.0f} ms, under guessing "
        f"{flooded * 1000:.0f} ms (medians of 9); {len(kept)} counts of {memory / 1024:.0f} KiB in Redis"
    )
    assert newcomer.is_signed_in()
    assert flooded < 2 * quiet and len(kept) <= ADDRESSES + 5 and memory < 512 * 1024
    assert all(connect_to_redis().ttl(key) > 0 for key in kept), "every count ends by itself"
    model.Session.remove()
