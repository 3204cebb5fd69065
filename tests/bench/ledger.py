"""The ledger: how many entries the intake takes, how fast they are sequenced, verified, and a receipt is checked.

PostgreSQL runs here with a folder of its own and waits for the disk, as the portal's does. The intake is compared with a bare
INSERT of the same bytes, in turns, because what the disk and other programs do at the moment decides both.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg2

from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.postgres import MAIN, OWNER, Postgres
from ckanext.govdata.installation.services import running
from ckanext.govdata.ledger import strict, witness
from ckanext.govdata.ledger.entry import compose
from ckanext.govdata.ledger.intake import Intake
from ckanext.govdata.ledger.keys import Folder
from ckanext.govdata.ledger.reading import Reader, run_on
from ckanext.govdata.ledger.sequencer import Sequencer, drain
from ckanext.govdata.ledger.verify import verify

CLIENTS, EACH, ROUNDS = 16, 500, 3
ENTRIES = int(os.environ.get("GOVDATA_BENCH_ENTRIES", "1000000"))
FIELDS = {"govdata.dataset.id": "3f0c1a5e", "govdata.agreement.id": "HT-2026-0001", "http.response.bytes": 12345}
_BARE = "INSERT INTO bare (id, entry) VALUES (%s, %s)"
Work = Callable[[str, Barrier], None]


def intake(url: str, together: Barrier) -> None:
    """One client that writes entries as the portal does."""
    own = Intake(url)
    entries = [compose("dataset-download", fields=FIELDS) for _ in range(EACH)]
    own.record(compose("dataset-download"))
    together.wait()
    for entry in entries:
        own.record(entry)
    together.wait()


def bare(url: str, together: Barrier) -> None:
    """One client that writes the same bytes without anything of ours."""
    entries = [compose("dataset-download", fields=FIELDS) for _ in range(EACH)]
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            together.wait()
            for entry in entries:
                cursor.execute(_BARE, (str(entry.id), entry.canonical))
            together.wait()


def rate(work: Work, url: str) -> float:
    """Rows a second that the clients write together, one commit a row."""
    together = multiprocessing.Barrier(CLIENTS + 1)
    clients = [multiprocessing.Process(target=work, args=(url, together)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    together.wait()
    started = time.monotonic()
    together.wait()
    seconds = time.monotonic() - started
    for client in clients:
        client.join()
    return CLIENTS * EACH / seconds


def sync_milliseconds(folder: Path) -> float:
    """How long this disk takes to keep 8 kB for good."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(50):
            file.seek(0)
            file.write(bytes(8192))
            file.flush()
            started = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - started)
    return statistics.median(times) * 1000


def _fill(connection: Any, sequencer: Sequencer) -> float:
    """Put entries into the log up to the full number; returns how many a second were sequenced."""
    body = '{"@timestamp":"2026-01-01T00:00:00.000000Z","event":{"action":"dataset-download","id":"'
    rest = '","kind":"event","outcome":"success"},"govdata":{"dataset":{"id":"3f0c1a5e-1111-4222-8333-123456789abc"}}}'
    words = (
        f"INSERT INTO govdata_ledger.intake (id, entry) SELECT id, convert_to('{body}' || id || '{rest}', 'UTF8') FROM"
        " (SELECT gen_random_uuid() AS id FROM generate_series(1, %s)) made"
    )
    seconds, start = 0.0, sequencer.size
    while sequencer.size < ENTRIES:
        with connection, connection.cursor() as cursor:
            cursor.execute(words, (min(50_000, ENTRIES - sequencer.size),))
        began = time.monotonic()
        drain(sequencer)
        seconds += time.monotonic() - began
        sequencer.checkpoint()
    return (sequencer.size - start) / seconds


def _receipt_seconds(connection: Any, folder: Folder) -> float:
    """A receipt of an entry in the middle of the log, checked by the one-file program in a process of its own."""
    rows = run_on(connection)("SELECT id FROM govdata_ledger.log WHERE seq = %s", (ENTRIES // 2,))
    receipt = Reader(run_on(connection)).receipt(rows[0][0] if hasattr(rows[0][0], "hex") else _uuid(rows[0][0]))
    file = folder.path / "bench.tlog-proof"
    file.write_text(receipt.encode() if receipt else "", encoding="utf-8")
    key = (folder.path / "log.vkey").read_text().strip()
    command = [sys.executable, "-I", str(Path(str(witness.__file__))), "verify-receipt", str(file), "--key", key]
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    return time.monotonic() - started


def _uuid(text: str) -> Any:
    import uuid

    return uuid.UUID(str(text))


def main() -> Iterator[Mapping[str, object]]:
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "var", prefix="bench-ledger-") as name:
        portal = Portal(Layout(Path(name)))
        with running(portal) as (postgres, _redis):
            yield from _measure(postgres, Folder(portal.layout.ledger), Path(name))


def _measure(postgres: Postgres, folder: Folder, place: Path) -> Iterator[Mapping[str, object]]:
    superuser = postgres.connect(MAIN)
    superuser.autocommit = False
    keeper, password = strict.setup(superuser, OWNER)
    with superuser, superuser.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id uuid PRIMARY KEY, entry bytea NOT NULL)")
        cursor.execute(f"GRANT ALL ON bare TO {OWNER}")
    folder.make_key("bench.example.cn/ledger")
    url = postgres.url(OWNER, MAIN)
    sync = sync_milliseconds(place)
    yield {"what": "the disk keeps 8 kB", "measured": f"{sync:.2f} ms", "bar": "", "note": f"so {CLIENTS} clients at most "
           f"{CLIENTS / sync * 1000:.0f} commits/s, if each waits for one sync of its own"}  # fmt: skip
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(rate(bare, url))
        ours.append(rate(intake, url))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    yield {
        "what": f"bare INSERT, {CLIENTS} clients",
        "measured": f"{statistics.median(theirs):.0f} rows/s",
        "bar": "",
        "note": "",
    }
    yield {"what": f"intake, {CLIENTS} clients", "measured": f"{statistics.median(ours):.0f} rows/s", "bar": "3000 rows/s",
           "note": f"{ratio:.2f} of the bare INSERT beside it; rounds {', '.join(f'{one:.0f}' for one in ours)}"}  # fmt: skip
    server = f"postgresql://{keeper}:{password}@127.0.0.1:{postgres.record.ports['postgres']}/{MAIN}"
    with closing(psycopg2.connect(server)) as connection:
        sequencer = Sequencer(connection, folder)
        assert sequencer.acquire()
        drain(sequencer)
        yield {"what": "sequencer", "measured": f"{_fill(superuser, sequencer):.0f} entries/s", "bar": "", "note": ""}
        started = time.monotonic()
        report = verify(connection, folder.verifiers(), folder.anchors(), [])
        seconds = time.monotonic() - started
        assert not report.findings, report.findings
        yield {
            "what": f"verify of {report.evidence.size} entries",
            "measured": f"{seconds:.1f} s",
            "bar": "60 s",
            "note": "",
        }
        yield {"what": "receipt checked offline", "measured": f"{_receipt_seconds(connection, folder):.2f} s", "bar": "",
               "note": "python3 and cryptography alone, a process of its own"}  # fmt: skip
    superuser.close()
