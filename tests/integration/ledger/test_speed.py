"""How fast the ledger is, at full size: the bars of the requirement, on a machine that does nothing else."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import closing
from multiprocessing.synchronize import Barrier

import pytest

from ckanext.govdata.ledger.entry import compose
from ckanext.govdata.ledger.intake import Intake
from ckanext.govdata.ledger.sequencer import Sequencer, drain

from .conftest import Ledger

pytestmark = [pytest.mark.long, pytest.mark.requirement("LYG-21"), pytest.mark.timeout(1800)]

CLIENTS, EACH, ENTRIES = 16, 1000, 1_000_000
FIELDS = {"govdata.dataset.id": "3f0c1a5e", "govdata.agreement.id": "HT-2026-0001", "http.response.bytes": 12345}


def _client(url: str, together: Barrier) -> None:
    intake = Intake(url)
    entries = [compose("dataset-download", fields=FIELDS) for _ in range(EACH)]
    intake.record(compose("dataset-download"))
    together.wait()
    for entry in entries:
        intake.record(entry)
    together.wait()


def test_the_intake_takes_3000_rows_a_second_from_16_clients(ledger: Ledger) -> None:
    together = multiprocessing.Barrier(CLIENTS + 1)
    clients = [multiprocessing.Process(target=_client, args=(ledger.url("app"), together)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    together.wait()
    started = time.monotonic()
    together.wait()
    speed = CLIENTS * EACH / (time.monotonic() - started)
    for client in clients:
        client.join()
    print(f"intake: {speed:.0f} rows/s at {CLIENTS} clients")
    assert speed >= 3000


def test_a_million_entries_are_verified_within_a_minute(ledger: Ledger) -> None:
    body = '{"@timestamp":"2026-01-01T00:00:00.000000Z","event":{"action":"dataset-download","id":"'
    rest = '","kind":"event","outcome":"success"},"govdata":{"dataset":{"id":"3f0c1a5e-1111-4222-8333-123456789abc"}}}'
    with closing(ledger.connect("keeper")) as connection:
        sequencer = Sequencer(connection, ledger.folder)
        assert sequencer.acquire()
        for first in range(0, ENTRIES, 50_000):
            ledger.run(
                f"INSERT INTO govdata_ledger.intake (id, entry) SELECT id, convert_to('{body}' || id || '{rest}', 'UTF8')"
                f" FROM (SELECT lpad(to_hex(n), 32, '0')::uuid AS id FROM generate_series({first}, {first + 49_999}) n) made"
            )
            drain(sequencer)
            sequencer.checkpoint()
    started = time.monotonic()
    report = ledger.verify()
    seconds = time.monotonic() - started
    print(f"verify: {report.evidence.size} entries in {seconds:.1f} s")
    assert (report.findings, report.evidence.size, len(report.evidence.right)) == ((), ENTRIES, 40)
    assert seconds < 60
