"""Purging persons: after the term, never before, never silently, and every proof still holds."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from contextlib import closing

import pytest
from psycopg2.errors import InsufficientPrivilege

from ckanext.govdata.ledger.entry import compose, read
from ckanext.govdata.ledger.purging import purge
from ckanext.govdata.ledger.reading import Reader, run_on

from .conftest import Ledger
from .test_intake import rows

pytestmark = pytest.mark.requirement("LYG-21")

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
FUTURE = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)


def _record(ledger: Ledger, number: int, until: datetime.datetime) -> object:
    personal = {"user.name": f"欧阳若兰{number}", "source.ip": f"198.51.100.{number}"}
    return ledger.intake.record(compose("dataset-download", personal=personal), kept_until=until)


def _purge(ledger: Ledger, role: str = "keeper") -> int:
    with closing(ledger.connect(role)) as connection:
        return purge(connection)


def _dump(ledger: Ledger) -> str:
    program = shutil.which("pg_dump")
    if program is None:
        pytest.skip("no pg_dump on this machine")
    dumped = subprocess.run([program, "--dbname", ledger.url(""), "--inserts"], capture_output=True, text=True)
    assert dumped.returncode == 0, dumped.stderr
    return dumped.stdout


def test_after_the_purge_proofs_hold_and_a_dump_has_none_of_the_values(ledger: Ledger) -> None:
    ids = [_record(ledger, number, PAST) for number in range(20)]
    kept = _record(ledger, 200, FUTURE)
    ledger.sequence()
    with closing(ledger.connect()) as connection:
        before = Reader(run_on(connection)).receipt(ids[3])
    assert "欧阳若兰3" in _dump(ledger)
    assert _purge(ledger) == 20
    ledger.sequence()
    dump = _dump(ledger)
    files = b"".join(file.read_bytes() for file in ledger.folder.path.rglob("*") if file.is_file()).decode()
    for number in range(20):
        assert (
            f"欧阳若兰{number}'" not in dump
            and f'欧阳若兰{number}"' not in dump
            and f'198.51.100.{number}"' not in dump
        )
        assert f"198.51.100.{number}" not in files
    assert "欧阳若兰200" in dump
    assert ledger.kinds() == set()
    assert before is not None
    assert before.check(ledger.folder.verifiers()).size == 21
    with closing(ledger.connect()) as connection:
        after = Reader(run_on(connection)).receipt(ids[3])
    assert after is not None and after.entry == before.entry
    assert rows(ledger, "SELECT entry_id::text FROM govdata_ledger.personal") == [(str(kept),)]


def test_the_purge_is_itself_an_entry_that_names_what_it_purged(ledger: Ledger) -> None:
    ids = sorted(str(_record(ledger, number, PAST)) for number in range(3))
    _purge(ledger)
    assert _purge(ledger) == 0
    ledger.sequence()
    documents = [read(bytes(row[0])) for row in rows(ledger, "SELECT entry FROM govdata_ledger.log ORDER BY seq")]
    (purged,) = [document for document in documents if document["event"]["action"] == "ledger-purge"]
    assert sorted(purged["govdata"]["purge"]["entries"]) == ids


def test_a_purge_in_many_batches_ends(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckanext.govdata.ledger.purging.AT_ONCE", 2)
    for number in range(5):
        _record(ledger, number, PAST)
    assert _purge(ledger) == 5


@pytest.mark.parametrize("role", ["keeper", ""])
def test_nothing_is_purged_before_its_term(ledger: Ledger, role: str) -> None:
    _record(ledger, 1, FUTURE)
    assert _purge(ledger, role) == 0
    with pytest.raises(InsufficientPrivilege, match="only after its term"):
        ledger.run("DELETE FROM govdata_ledger.personal", role=role)


@pytest.mark.parametrize("role", ["keeper", ""])
def test_nothing_is_purged_silently(ledger: Ledger, role: str) -> None:
    _record(ledger, 1, PAST)
    with pytest.raises(InsufficientPrivilege, match="is itself an entry"):
        ledger.run("DELETE FROM govdata_ledger.personal", role=role)


def test_the_portal_prolongs_a_term_and_changes_nothing_else(ledger: Ledger) -> None:
    _record(ledger, 1, PAST)
    ledger.run("UPDATE govdata_ledger.personal SET kept_until = '2100-01-01'", role="app")
    assert _purge(ledger) == 0
    with pytest.raises(InsufficientPrivilege, match="to a later day"):
        ledger.run("UPDATE govdata_ledger.personal SET kept_until = '2000-01-01'", role="app")
    with pytest.raises(InsufficientPrivilege):
        ledger.run("UPDATE govdata_ledger.personal SET opened = '{}'", role="app")
    with pytest.raises(InsufficientPrivilege, match="to a later day"):
        ledger.run("UPDATE govdata_ledger.personal SET opened = '{}'")


def test_the_portal_cannot_purge(ledger: Ledger) -> None:
    _record(ledger, 1, PAST)
    with pytest.raises(InsufficientPrivilege):
        _purge(ledger, "app")
