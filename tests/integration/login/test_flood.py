"""A flood of guesses on one account: its owner still gets in, others don't notice, and Redis does not fill up.

The guesses come as fast as the portal answers, which is many times the twenty a second of the issue, and so the harder attack;
while ordinary sign-ins are timed, they come at twenty a second.
"""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pyotp
import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.govdata_login import guessing

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
        person = Person(portal)
        page = person.get("/user/login")
        self._token = str(re.findall(r'name="_csrf_token" value="([^"]+)"', page.text)[0])
        self._place = urlsplit(page.url)
        cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
        self._headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        self.sent = 0
        self.statuses: Counter[int] = Counter()

    def guess(self) -> None:
        self.sent += 1
        place = self.sent % ADDRESSES
        form = urlencode({"_csrf_token": self._token, "login": "victim", "password": f"guess {self.sent}"})
        headers = {**self._headers, "X-Forwarded-For": f"10.0.{place // 256}.{place % 256}"}
        connection = HTTPConnection(str(self._place.hostname), int(self._place.port or 80), timeout=30)
        connection.request("POST", self._place.path, form, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.statuses[answer.status] += 1

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


def _memory() -> int:
    """Bytes that Redis holds."""
    return int(connect_to_redis().info("memory")["used_memory"])  # type: ignore[index]


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
    [3_000, pytest.param(100_000, marks=pytest.mark.long)],
)
def test_a_flood_of_guesses_keeps_nobody_out(guesses: int, make_portal: Callable[..., str]) -> None:
    portal = make_portal(govdata__login__trusted_proxies=1)
    id = factories.User(name="victim", password=PASSWORD)["id"]
    factories.User(name="ordinary", password=PASSWORD)
    owner = Person(portal)
    owner.sign_in_locally("victim", PASSWORD)
    app: pyotp.TOTP = _add_app(owner)[0]
    guesser = Guesser(portal)
    told: Counter[str] = Counter()
    hearing = tk.signals.ckanext.signal("govdata_login_event").connected_to(
        lambda name, details: told.update([f"{details.get('reason')} {details.get('user')}"])
    )
    before = _memory()
    began, worked = time.monotonic(), time.process_time()
    with hearing:
        for _ in range(guesses):
            guesser.guess()
    spent, worked = time.monotonic() - began, time.process_time() - worked
    grown = _memory() - before
    quiet, flooded = _medians(portal, guesser)
    kept = list(connect_to_redis().scan_iter("*:govdata_login:guess-*"))
    newcomer = Person(portal)
    _spend_no_step()
    page = newcomer.sign_in_locally("victim", PASSWORD)
    page = newcomer.send(page, login="victim", password=PASSWORD, code=app.now())
    _spend_no_step()
    newcomer.send(page, code=app.now())
    print(
        f"{guesser.sent} guesses, the first {guesses} in {spent:.0f} s with {worked / guesses * 1000:.1f} ms of processor each: "
        f"ordinary sign-in {quiet * 1000:.0f} ms, under guessing {flooded * 1000:.0f} ms (medians of 9); {len(kept)} counts "
        f"in Redis, which grew by {grown / 1024:.0f} KiB"
    )
    assert newcomer.is_signed_in()
    # What is turned away is counted for its account: a minute, an entry.
    looked_at = told[f"password_wrong {id}"]
    assert told[f"guessing_slowed {id}"] == guesses - looked_at
    # Ten a quarter of an hour are looked at and shown the page anew; the others are sent on, and cost neither a hash nor a page.
    most = guessing.ACCOUNT_MOST * (1 + int(time.monotonic() - began) // guessing.WINDOW_SECONDS)
    assert guessing.ACCOUNT_MOST <= looked_at <= guesser.statuses[200] <= most
    assert guesser.statuses == {200: guesser.statuses[200], 302: guesser.sent - guesser.statuses[200]}
    assert flooded < 2 * quiet and len(kept) <= ADDRESSES + 5
    assert grown < 1024 * 1024, "however many guess"
    assert all(connect_to_redis().ttl(key) > 0 for key in kept), "every count ends by itself"
    model.Session.remove()
