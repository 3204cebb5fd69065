"""What signing in and checking a token cost with `govdata_login`, over CKAN's own in the same run.

Two portals side by side, each a gunicorn with one worker before a database of its own: CKAN with search alone, and the same with
`govdata_login`. One client asks both in turns. Password hashing is the same in both, so the difference is the plugin's.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from tests.bench.gate import portal_ini, wait_for

SIGN_INS, CALLS, WARM_UP = 60, 600, 10
PASSWORD = "bridge-of-five-arches"
_SETTINGS = """SESSION_TYPE = redis
WTF_CSRF_ENABLED = true
govdata.login.rate_sign_in =
govdata.login.access_token_minutes = 600
govdata.login.client_calls_per_minute = 0
"""
_FIELD = re.compile(r'name="_csrf_token"[^>]*?(?:value|content)="([^"]+)"')


class Served:
    """A portal that answers, and what opens it."""

    def __init__(self, base: str, tokens: Mapping[str, str], server: int) -> None:
        self.base, self.tokens = base, tokens
        self._worker = int(Path(f"/proc/{server}/task/{server}/children").read_text().split()[0])
        self._http = requests.Session()

    def worked(self) -> float:
        """Milliseconds of processor that the worker has used so far: the same on a busy machine."""
        tasks = Path(f"/proc/{self._worker}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def sign_in(self) -> tuple[float, float]:
        """Milliseconds of processor and by the clock for the POST of the form, by a browser that was never here."""
        person = requests.Session()
        page = person.get(f"{self.base}/user/login", timeout=60)
        found = _FIELD.search(page.text)
        form = {"_csrf_token": found.group(1) if found else "", "login": "somebody", "password": PASSWORD}
        return self._timed(
            lambda: person.post(f"{self.base}/user/login", data=form, timeout=60, allow_redirects=False), 302
        )

    def call(self, token: str) -> tuple[float, float]:
        """The same for a call of the API that asks for nothing."""
        headers = {"Authorization": self.tokens[token]} if token else {}
        return self._timed(
            lambda: self._http.get(f"{self.base}/api/3/action/help_show?name=help_show", headers=headers, timeout=60),
            200,
        )

    def _timed(self, ask: Callable[[], requests.Response], status: int) -> tuple[float, float]:
        before, begun = self.worked(), time.perf_counter()
        answer = ask()
        spent = (time.perf_counter() - begun) * 1000
        assert answer.status_code == status, (answer.status_code, answer.text[:500])
        return self.worked() - before, spent


@contextmanager
def _served(ini: Path) -> Iterator[Served]:
    with ini.open("a") as file:
        file.write(_SETTINGS)
    variables = {**os.environ, "CKAN_INI": str(ini)}
    script = [sys.executable, str(Path(__file__).with_name("_people.py")), str(ini)]
    made = subprocess.run(script, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    module = "ckanext.govdata.installation.wsgi:application"
    words = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--keep-alive", "75"]
    server = subprocess.Popen([sys.executable, *words, module], env=variables, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/action/status_show")
        yield Served(f"http://127.0.0.1:{port}", json.loads(made.stdout.splitlines()[-1]), server.pid)
    finally:
        server.terminate()
        server.wait(30)


def main() -> Iterator[Mapping[str, object]]:
    base = Path(os.environ["CKAN_INI"])
    with tempfile.TemporaryDirectory(prefix="bench-login-") as name, ExitStack() as stack:
        folder = Path(name)
        stock = stack.enter_context(_served(portal_ini(base, folder, "plain", "govdata_search")))
        ours = stack.enter_context(_served(portal_ini(base, folder, "login", "govdata_search govdata_login")))
        pairs: dict[str, tuple[int, float, Callable[[], tuple[float, float]], Callable[[], tuple[float, float]]]] = {
            "signing in by name and password": (SIGN_INS, 30.0, ours.sign_in, stock.sign_in),
            "a call by a visitor": (CALLS, 1.0, lambda: ours.call(""), lambda: stock.call("")),
            "a call with CKAN's token": (CALLS, 1.0, lambda: ours.call("token"), lambda: stock.call("token")),
            "a call with a program's token, over a visitor's": (
                CALLS, 1.0, lambda: ours.call("program"), lambda: ours.call("")
            ),
        }  # fmt: skip
        for what, (times, bar, one, other) in pairs.items():
            yield _row(what, times, bar, one, other)


def _row(
    what: str, times: int, bar: float, one: Callable[[], tuple[float, float]], other: Callable[[], tuple[float, float]]
) -> Mapping[str, object]:
    found: list[tuple[float, float, float, float]] = []
    for number in range(WARM_UP + times):
        measured = (*one(), *other())
        if number >= WARM_UP:
            found.append(measured)
    work, clock, base_work, base_clock = (statistics.median(column) for column in zip(*found, strict=True))
    return {
        "what": what,
        "processor": f"{work:.2f} ms",
        "without it": f"{base_work:.2f} ms",
        "cost": f"{work - base_work:+.2f} ms",
        "bar": f"{bar:.0f} ms",
        "by the clock": f"{clock:.2f} / {base_clock:.2f} ms, {clock - base_clock:+.2f} ms",
    }
