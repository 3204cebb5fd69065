"""What gate and ledger cost on a small download, over stock CKAN's own route in the same run.

Two portals side by side, each a gunicorn with one worker before a database of its own on the same PostgreSQL: CKAN with search
alone, and CKAN with all our plugins. The same client asks both in turns, so that what else the machine does meets both alike.
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
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import make_url

from ckanext.govdata.installation.settings import setting

REQUESTS, WARM_UP, BAR_MILLISECONDS = int(os.environ.get("GOVDATA_BENCH_REQUESTS", "600")), 30, 3.0
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_STOCK = "govdata_search activity datastore"
_TIERS = ("unconditional", "conditional")


class Served:
    """A portal that answers: its connection, and the files' addresses in it."""

    def __init__(self, port: int, files: dict[str, str], server: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.files = files
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        self._worker = int(children[0])

    def processor_milliseconds(self) -> float:
        """Processor time that the worker has used so far: unlike the clock it is the same on a busy machine."""
        tasks = Path(f"/proc/{self._worker}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def milliseconds(self, file: str, headers: Mapping[str, str]) -> float:
        started = time.perf_counter()
        self.connection.request("GET", self.files[file], headers={"User-Agent": _BROWSER, **headers})
        answer = self.connection.getresponse()
        data = answer.read()
        seconds = time.perf_counter() - started
        assert answer.status == 200 and len(data) > 1000, (file, answer.status, data[:300])
        return seconds * 1000


def portal_ini(base: Path, folder: Path, name: str, plugins: str) -> Path:
    """An ini on top of the benchmark's, with a database and folders of its own."""
    url = make_url(setting(base, "sqlalchemy.url"))
    connection = psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for words in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
            cursor.execute(sql.SQL(words).format(sql.Identifier(f"bench_{name}")))
    connection.close()
    given = {
        "sqlalchemy.url": url.set(database=f"bench_{name}").render_as_string(hide_password=False),
        "ckan.storage_path": str(folder / name),
        "govdata.search.index_path": str(folder / f"{name}-index"),
        "govdata.ledger.path": str(folder / f"{name}-ledger"),
        "ckan.site_id": f"bench-{name}",
        **({"ckan.plugins": plugins} if plugins else {}),
    }
    (folder / name).mkdir()
    file = folder / f"{name}.ini"
    lines = [f"{key} = {value.replace('%', '%%')}" for key, value in given.items()]
    file.write_text("\n".join(["[app:main]", f"use = config:{base}", *lines, ""]), encoding="utf-8")
    return file


@contextmanager
def _served(ini: Path, tiers: tuple[str, ...]) -> Iterator[Served]:
    variables = {**os.environ, "CKAN_INI": str(ini)}
    script = Path(__file__).with_name("_downloads.py")
    made = subprocess.run(
        [sys.executable, str(script), str(ini), *tiers], env=variables, check=True, stdout=subprocess.PIPE, text=True
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    module = "ckanext.govdata.installation.wsgi:application"
    words = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--keep-alive", "75"]
    server = subprocess.Popen([sys.executable, *words, module], env=variables, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/api/action/status_show")
        yield Served(port, json.loads(made.stdout.splitlines()[-1]), server.pid)
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


def main() -> Iterator[Mapping[str, object]]:
    base = Path(os.environ["CKAN_INI"])
    with tempfile.TemporaryDirectory(prefix="bench-gate-") as name, ExitStack() as stack:
        folder = Path(name)
        stock = stack.enter_context(_served(portal_ini(base, folder, "stock", _STOCK), ()))
        ours = stack.enter_context(_served(portal_ini(base, folder, "ours", ""), _TIERS))
        yield from _measure(stock, ours)


def _measure(stock: Served, ours: Served) -> Iterator[Mapping[str, object]]:
    token = {"Authorization": ours.files["token"]}
    own = {"Authorization": stock.files["token"]}
    ways = {
        "stock CKAN, visitor": (stock, "stock", {}),
        "unconditional, visitor": (ours, "unconditional", {}),
        "stock CKAN, with token": (stock, "stock", own),
        "conditional, holder of a grant with token": (ours, "conditional", token),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    worked: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(WARM_UP + REQUESTS):
        for way, (portal, file, headers) in ways.items():
            before = portal.processor_milliseconds()
            taken = portal.milliseconds(file, headers)
            if number >= WARM_UP:
                times[way].append(taken)
                worked[way].append(portal.processor_milliseconds() - before)
    medians = {way: statistics.median(values) for way, values in times.items()}
    work = {way: statistics.median(values) for way, values in worked.items()}
    for way, base in (("unconditional, visitor", "stock CKAN, visitor"),
                      ("conditional, holder of a grant with token", "stock CKAN, with token")):  # fmt: skip
        yield {
            "download of 2 kB": way,
            "median": f"{medians[way]:.2f} ms",
            "stock CKAN": f"{medians[base]:.2f} ms",
            "cost": f"{medians[way] - medians[base]:+.2f} ms",
            "bar": f"{BAR_MILLISECONDS:.0f} ms",
            "processor time": f"{work[way]:.2f} / {work[base]:.2f} ms, {work[way] - work[base]:+.2f} ms",
            "95 %": f"{statistics.quantiles(times[way], n=20)[-1]:.2f} / {statistics.quantiles(times[base], n=20)[-1]:.2f} ms",
        }
