"""The sequencer: each entry once, whatever is killed; nothing signed that does not continue what was signed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from ckanext.govdata.ledger import gaps
from ckanext.govdata.ledger.checkpoint import open_checkpoint
from ckanext.govdata.ledger.entry import Entry, compose, read
from ckanext.govdata.ledger.errors import HistoryMismatch, KeyMissing
from ckanext.govdata.ledger.intake import Intake
from ckanext.govdata.ledger.keys import Folder
from ckanext.govdata.ledger.reading import Reader, run_on
from ckanext.govdata.ledger.sequencer import Sequencer, drain
from ckanext.govdata.ledger.service import Service

from .conftest import Ledger
from .test_intake import rows

pytestmark = pytest.mark.requirement("LYG-21")

WORKER = """
import sys, psycopg2
from pathlib import Path
from ckanext.govdata.ledger.keys import Folder
from ckanext.govdata.ledger.service import Service
Service(lambda: psycopg2.connect(sys.argv[1]), Folder(Path(sys.argv[2])), 0.05, lambda line: None).run()
"""


def log_of(ledger: Ledger) -> list[dict]:
    return [read(bytes(row[0])) for row in rows(ledger, "SELECT entry FROM govdata_ledger.log ORDER BY seq")]


def service(ledger: Ledger, every: float = 60.0) -> Service:
    return Service(lambda: ledger.connect("keeper"), ledger.folder, every, lambda line: None)


def test_entries_come_into_the_log_in_their_order_and_once(ledger: Ledger) -> None:
    ledger.record(5)
    assert ledger.sequence() == 5
    assert ledger.sequence() == 5
    assert [document["govdata"]["number"] for document in log_of(ledger)] == list(range(5))
    assert rows(ledger, "SELECT count(*) FROM govdata_ledger.intake") == [(0,)]


def test_there_is_one_sequencer_at_a_time(ledger: Ledger) -> None:
    with closing(ledger.connect("keeper")) as one, closing(ledger.connect("keeper")) as two:
        assert Sequencer(one, ledger.folder).acquire()
        assert not Sequencer(two, ledger.folder).acquire()
        assert service(ledger).run_once() is None
        one.close()
        time.sleep(0.2)
        assert Sequencer(two, ledger.folder).acquire()


def test_an_entry_recorded_again_after_it_was_sequenced_is_not_there_twice(ledger: Ledger) -> None:
    entry = compose("dataset-download")
    for _ in range(2):
        ledger.intake.record(entry)
        assert ledger.sequence() == 1
    assert ledger.kinds() == set()


def test_other_bytes_under_the_id_of_an_entry_are_kept_as_a_conflict(ledger: Ledger) -> None:
    entry = compose("dataset-download")
    ledger.intake.record(entry)
    ledger.sequence()
    ledger.intake.record(Entry(entry.id, compose("something-else").canonical))
    assert ledger.sequence() == 2
    conflict = log_of(ledger)[1]
    assert conflict["event"]["action"] == "ledger-conflict"
    assert conflict["govdata"]["conflict"]["entry"]["id"] == str(entry.id)


def test_a_batch_that_fails_leaves_nothing_and_is_taken_up_again(ledger: Ledger) -> None:
    ledger.record(600)
    with closing(ledger.connect("keeper")) as connection:
        sequencer = Sequencer(connection, ledger.folder)
        assert sequencer.acquire()
        with closing(ledger.connect()) as blocker, blocker.cursor() as cursor, connection.cursor() as own:
            own.execute("SET lock_timeout = '200ms'")
            connection.commit()
            cursor.execute("LOCK TABLE govdata_ledger.tile IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(Exception, match="lock timeout"):
                sequencer.step()
            blocker.rollback()
        assert sequencer.size == 0
        assert drain(sequencer) == 600
    assert ledger.sequence() == 600
    assert ledger.kinds() == set()


def test_a_sequencer_in_weak_mode_works_as_the_portal_itself(weak_ledger: Ledger) -> None:
    intake = Intake(weak_ledger.url("dbowner"))
    for _ in range(3):
        intake.record(compose("dataset-download"))
    assert weak_ledger.sequence() == 3
    assert weak_ledger.kinds(role="dbowner") == set()


def _kill_repeatedly(ledger: Ledger, kills: int) -> int:
    """Kill the service at random moments while four clients record; returns how many entries were acknowledged."""
    done, written = threading.Event(), []

    def client() -> None:
        intake = ledger.intake
        while not done.is_set():
            written.append(intake.record(compose("dataset-download", personal={"user.name": "王芳"})))

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    for _ in range(kills):
        arguments = [sys.executable, "-c", WORKER, ledger.url("keeper"), str(ledger.folder.path)]
        worker = subprocess.Popen(arguments, cwd="/")
        time.sleep(random.uniform(0.3, 1.2))
        assert worker.poll() is None
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    done.set()
    for thread in clients:
        thread.join()
    assert len(set(written)) == len(written)
    return len(written)


def _check_after_kills(ledger: Ledger, written: int) -> None:
    time.sleep(0.5)
    ledger.sequence()
    documents = log_of(ledger)
    ids = [document["event"]["id"] for document in documents]
    assert len(set(ids)) == len(ids)
    assert sum(document["event"]["action"] == "dataset-download" for document in documents) == written
    assert ledger.kinds() == set()


def test_killing_the_sequencer_loses_nothing_and_doubles_nothing(ledger: Ledger) -> None:
    _check_after_kills(ledger, _kill_repeatedly(ledger, 20))


@pytest.mark.long
def test_killing_the_sequencer_200_times_loses_nothing_and_doubles_nothing(ledger: Ledger) -> None:
    _check_after_kills(ledger, _kill_repeatedly(ledger, 200))


def test_the_service_outlives_its_connection(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckanext.govdata.ledger.service._STANDBY", 0.1)
    stop = threading.Event()
    thread = threading.Thread(target=lambda: service(ledger).run(lambda: not stop.is_set()))
    thread.start()
    for round_ in range(3):
        ledger.record(2)
        deadline = time.monotonic() + 10
        while len(log_of(ledger)) < 2 * (round_ + 1) and time.monotonic() < deadline:
            time.sleep(0.05)
        rows(
            ledger,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ledger.keeper}'"
            " AND datname = current_database()",
        )
    stop.set()
    thread.join(20)
    assert len(log_of(ledger)) >= 6
    ledger.sequence()
    assert ledger.kinds() == set()


def test_a_log_that_does_not_grow_says_so_with_each_checkpoint(ledger: Ledger) -> None:
    ledger.record(1)
    until = time.monotonic() + 1.5
    service(ledger, every=0.1).run(lambda: time.monotonic() < until)
    actions = [document["event"]["action"] for document in log_of(ledger)]
    assert actions[0] == "dataset-download"
    assert actions.count("ledger-heartbeat") >= 1
    notes = ledger.folder.anchors()
    sizes = [open_checkpoint(note, ledger.folder.verifiers()).size for note in notes]
    assert sizes == sorted(set(sizes))
    assert ledger.kinds() == set()


def test_a_checkpoint_that_was_signed_but_not_published_is_published_later(ledger: Ledger) -> None:
    ledger.record(3)
    ledger.sequence()
    ledger.run(
        "ALTER TABLE govdata_ledger.checkpoint DISABLE TRIGGER USER",
        "DELETE FROM govdata_ledger.checkpoint",
        "ALTER TABLE govdata_ledger.checkpoint ENABLE ALWAYS TRIGGER keep",
    )
    ledger.sequence()
    with closing(ledger.connect()) as connection:
        assert Reader(run_on(connection)).checkpoint() == ledger.folder.anchors()[-1]


def test_an_anchor_that_a_crash_cut_short_is_dropped(ledger: Ledger) -> None:
    ledger.record(1)
    ledger.sequence()
    whole = (ledger.folder.path / "anchors").read_text()
    (ledger.folder.path / "anchors").write_text(whole + whole[:40])
    ledger.record(1)
    assert ledger.sequence() == 2
    assert len(ledger.folder.anchors()) == 2
    assert ledger.kinds() == set()


def test_a_log_without_its_key_is_not_signed(ledger: Ledger) -> None:
    ledger.record(1)
    file = ledger.folder.path / "log.key"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(KeyMissing, match="Others than its owner"):
        ledger.sequence()
    file.unlink()
    with pytest.raises(KeyMissing, match="keygen"):
        ledger.sequence()


def test_an_older_key_goes_on_proving_what_it_signed(ledger: Ledger) -> None:
    ledger.record(1)
    ledger.sequence()
    ledger.folder.make_key("data.example.cn/ledger")
    ledger.record(1)
    ledger.sequence()
    assert ledger.kinds() == set()
    assert len(ledger.folder.verifiers()) == 2


def test_a_foreign_anchor_stops_the_sequencer(ledger: Ledger) -> None:
    ledger.record(3)
    ledger.sequence()
    ledger.run("ALTER TABLE govdata_ledger.log DISABLE TRIGGER USER", "DELETE FROM govdata_ledger.log WHERE seq = 2")
    with pytest.raises(HistoryMismatch, match="tail was cut off"):
        ledger.sequence()


def test_a_gap_is_counted_and_becomes_an_entry_once(ledger: Ledger) -> None:
    folder: Path = ledger.folder.path
    for _ in range(3):
        gaps.count_gap(folder, compose("dataset-download", personal={"user.name": "王芳"}))
    assert gaps.counted(folder) == 3
    assert "王芳" not in (folder / "gap.jsonl").read_text()
    ((file, taken),) = gaps.gap_entries(folder)
    ledger.intake.record(taken)
    assert file.exists()
    service(ledger).run_once()
    assert gaps.counted(folder) == 0
    (document,) = log_of(ledger)
    assert document["event"]["action"] == "ledger-gap"
    assert document["govdata"]["gap"]["count"] == 3
    assert document["govdata"]["gap"]["actions"] == {"dataset-download": 3}
    assert Folder(folder).anchors()
