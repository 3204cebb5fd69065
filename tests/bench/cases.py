"""How long a desk's list of 10,000 applications takes to open: `./govdata bench cases`.

A gunicorn with one worker before a database of its own, asked for the pages as an agency's decider.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.gate import portal_ini, wait_for

NUMBER, ROUNDS, WARM_UP = int(os.environ.get("GOVDATA_BENCH_CASES", "10000")), 15, 4
BAR_MILLISECONDS = 300.0
PAGES = {
    "the whole list, first page": "/desk/applications/agency",
    "what waits": "/desk/applications/agency?open=true",
    "what is overdue": "/desk/applications/agency?overdue=true",
    "the last page": f"/desk/applications/agency?page={NUMBER // 20}",
    "part of a title": "/desk/applications/agency?q=%E6%B3%8A%E4%BD%8D",
    "the public register": "/register",
    "the same by API, 1000 rows": "/api/3/action/govdata_application_list?desk=agency&limit=1000",
}


class Desk:
    """A portal that answers an agency's decider; how long a page took, by the clock and of the worker's processor."""

    def __init__(self, port: int, token: str, server: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": token, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
        self._worker = int(Path(f"/proc/{server}/task/{server}/children").read_text().split()[0])

    def _processor(self) -> float:
        tasks = Path(f"/proc/{self._worker}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def page(self, address: str) -> tuple[float, float]:
        began, before = time.perf_counter(), self._processor()
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - began) * 1000
        if answer.status != 200 or ("停车泊位".encode() not in body and b"\\u505c" not in body):
            raise RuntimeError(f"{address}: {answer.status} {body[:300]!r}")
        return taken, self._processor() - before


@contextmanager
def _served(ini: Path) -> Iterator[Desk]:
    variables = {**os.environ, "CKAN_INI": str(ini)}
    script = Path(__file__).with_name("_cases.py")
    made = subprocess.run(
        [sys.executable, str(script), str(ini), str(NUMBER)],
        env=variables,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    module = "ckanext.govdata.installation.wsgi:application"
    words = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2", "--keep-alive", "75"]
    server = subprocess.Popen([sys.executable, *words, module], env=variables, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/action/status_show")
        yield Desk(port, json.loads(made.stdout.splitlines()[-1])["token"], server.pid)
    finally:
        server.terminate()
        server.wait(30)


def main() -> Iterator[Mapping[str, object]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-cases-")))
        desk = stack.enter_context(_served(portal_ini(Path(os.environ["CKAN_INI"]), folder, "cases", "")))
        for what, address in PAGES.items():
            found = [desk.page(address) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
            clock, worked = ([one[at] for one in found] for at in (0, 1))
            yield {
                f"list of {NUMBER} applications": what,
                "median": f"{statistics.median(clock):.0f} ms",
                "slowest": f"{max(clock):.0f} ms",
                "processor time": f"{statistics.median(worked):.0f} ms",
                "bar": f"{BAR_MILLISECONDS:.0f} ms" if not address.startswith("/api") else "",
            }
