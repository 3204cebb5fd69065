"""`package_search` with a word and five facets through HTTP: a CKAN with govdata_search alone, and a stock CKAN beside it.

GOVDATA_BENCH_STOCK: address of the stock CKAN, such as http://127.0.0.1:5050; GOVDATA_BENCH_SOLR: the Solr core behind
it, which is emptied and filled with the same documents; GOVDATA_BENCH_STOCK_PIDS: the process ids of its web server and of Solr,
for the processor time that a request costs all of them (the databases' is not counted, both CKANs ask the same of theirs).
Both servers should run two gunicorn workers; they are asked in turn by clients that do no more than read the answer.
A server that has rested is first asked what it was asked before, and that is not counted: a processor may take many
times as long just after a rest.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench._engines import SOLR, connection
from tests.bench._made import records
from tests.bench._processor import processor
from tests.bench.search import FACETS, alike

STOCK = "GOVDATA_BENCH_STOCK"
SIZE = int(os.environ.get("GOVDATA_BENCH_DATASETS", "10000").split()[0])
ROUNDS = int(os.environ.get("GOVDATA_BENCH_ROUNDS", "100"))
CLIENTS = (1, 4)
_WAKING = 20
_PORT = 5091
_SETTINGS = """[DEFAULT]
[app:main]
use = config:{ini}
ckan.plugins = govdata_search
ckan.site_id = default
ckan.site_url = {url}
govdata.search.engine = tantivy
govdata.search.index_path = {folder}/index
"""
_FILL = """
import sys
from tests.bench._made import records
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
make_app(CKANConfigLoader(sys.argv[1]).get_config())
from ckan.lib.search import make_connection
make_connection().delete(q="*:*", commit=True)
make_connection(decode_dates=False).add(list(records(int(sys.argv[2]), seed=9, blobs=True)), commit=True)
"""


def main() -> Iterator[Mapping[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        own = f"http://127.0.0.1:{_PORT}"
        ini = Path(folder) / "own.ini"
        ini.write_text(_SETTINGS.format(ini=os.environ["CKAN_INI"], url=own, folder=folder), encoding="utf-8")
        for upgrade in (["db", "upgrade"], ["db", "upgrade", "-p", "govdata_search"]):
            subprocess.run([Path(sys.executable).with_name("ckan"), "-c", str(ini), *upgrade], check=True)
        subprocess.run([sys.executable, "-c", _FILL, str(ini), str(SIZE)], check=True)
        servers = {"govdata_search": own}
        if os.environ.get(STOCK) and os.environ.get(SOLR):
            servers["stock CKAN"] = os.environ[STOCK]
            connection("Solr", records(SIZE, seed=9, blobs=True), Path(folder))
        serving = _serve(ini)
        try:
            yield from _measured(servers, {"govdata_search": [serving.pid], "stock CKAN": _given_pids()})
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(30)


def _given_pids() -> list[int]:
    return [int(pid) for pid in os.environ.get("GOVDATA_BENCH_STOCK_PIDS", "").split()]


def _serve(ini: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-w",
        "2",
        "-k",
        "sync",
        "-b",
        f"127.0.0.1:{_PORT}",
        "--no-control-socket",
    ]
    serving = subprocess.Popen([*command, "tests.bench._wsgi:application"], env={**os.environ, "CKAN_INI": str(ini)})
    for _attempt in range(240):
        try:
            _ask(f"http://127.0.0.1:{_PORT}", "status_show")
        except OSError:
            time.sleep(0.5)
        else:
            return serving
    serving.kill()
    raise RuntimeError("the server does not answer")


def _ask(server: str, call: str) -> float:
    """How long a call took in milliseconds. By a bare socket: clients share the processor with the servers."""
    address = urllib.parse.urlsplit(server)
    begun = time.perf_counter()
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=120) as asking:
        asking.sendall(f"GET /api/3/action/{call} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: asking.recv(1 << 20), b""))
    taken = 1000 * (time.perf_counter() - begun)
    if b" 200 " not in answer[:20] or not answer.endswith(b"}"):
        raise OSError(answer[:200])
    return taken


def _measured(servers: dict[str, str], pids: dict[str, list[int]]) -> Iterator[Mapping[str, object]]:
    fields = json.dumps(FACETS[:5])
    calls = [
        f"package_search?{urllib.parse.urlencode({'q': text, 'facet.field': fields, 'rows': 10})}"
        for text in alike(random.Random(3))
    ]
    waking = calls[:_WAKING]
    for call in waking:
        for server in servers.values():
            _ask(server, call)
    for number, clients in enumerate(CLIENTS):
        taken: dict[str, list[float]] = {name: [] for name in servers}
        seconds = dict.fromkeys(servers, 0.0)
        spent = dict.fromkeys(servers, 0.0)
        mine = calls[_WAKING + number * ROUNDS :][:ROUNDS]
        with ThreadPoolExecutor(clients) as pool:
            for at in range(0, ROUNDS, 20):
                for name, server in servers.items():
                    list(pool.map(lambda call, to=server: _ask(to, call), waking))
                    begun, before = time.perf_counter(), processor(pids[name])
                    taken[name] += pool.map(lambda call, to=server: _ask(to, call), mine[at : at + 20])
                    seconds[name] += time.perf_counter() - begun
                    spent[name] += processor(pids[name]) - before
        for name in servers:
            rate = len(taken[name]) / seconds[name]
            row: dict[str, object] = {
                "datasets": SIZE,
                "clients": clients,
                "server": name,
                "requests/s": round(rate, 1),
            }
            row["p50 ms"] = round(statistics.median(taken[name]), 1)
            row["processor ms a request"] = round(1000 * spent[name] / len(taken[name]), 2) if pids[name] else ""
            if "stock CKAN" in servers:
                row["times stock"] = round(rate / (len(taken["stock CKAN"]) / seconds["stock CKAN"]), 2)
            yield row
