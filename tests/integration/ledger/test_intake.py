"""The intake: an entry is on disk when `record` returns, or the caller hears that it is not."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ckanext.govdata.ledger.entry import Entry, compose, opens, read, read_opened
from ckanext.govdata.ledger.errors import IntakeUnavailable
from ckanext.govdata.ledger.intake import Intake

from .conftest import Ledger

pytestmark = pytest.mark.requirement("LYG-21")


def rows(ledger: Ledger, statement: str) -> list[tuple[Any, ...]]:
    with closing(ledger.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _waiting(ledger: Ledger) -> list[bytes]:
    return [bytes(row[0]) for row in rows(ledger, "SELECT entry FROM govdata_ledger.intake ORDER BY id")]


def test_an_entry_is_there_when_record_returns_and_its_values_open_it(ledger: Ledger) -> None:
    entry = compose("dataset-download", personal={"user.name": "王芳", "source.ip": "192.0.2.1"})
    assert ledger.intake.record(entry) == entry.id
    assert _waiting(ledger) == [entry.canonical]
    ((identity, kept),) = rows(ledger, "SELECT entry_id::text, opened FROM govdata_ledger.personal")
    assert identity == str(entry.id)
    assert all(opens(read(entry.canonical), value) for value in read_opened(kept))


def test_the_same_entry_twice_is_there_once(ledger: Ledger) -> None:
    entry = compose("dataset-download", personal={"user.name": "王芳"})
    ledger.intake.record(entry)
    ledger.intake.record(entry)
    assert len(_waiting(ledger)) == 1


@pytest.mark.parametrize("commit", [True, False])
def test_with_a_session_the_entry_shares_the_fate_of_the_change(ledger: Ledger, commit: bool) -> None:
    engine = sa.create_engine(ledger.url("app").replace("postgresql://", "postgresql+psycopg2://"))
    with Session(engine) as session:
        ledger.intake.record(compose("tier-change", personal={"user.name": "王芳"}), session=session)
        (session.commit if commit else session.rollback)()
    engine.dispose()
    assert len(_waiting(ledger)) == (1 if commit else 0)


def test_an_intake_that_cannot_write_says_so(ledger: Ledger) -> None:
    with pytest.raises(IntakeUnavailable, match="does not take entries"):
        Intake("postgresql://nobody@127.0.0.1:1/nothing").record(compose("dataset-download"))
    intake = ledger.intake
    intake.record(compose("dataset-download"))
    with closing(ledger.connect()) as blocker, blocker.cursor() as cursor:
        cursor.execute("LOCK TABLE govdata_ledger.intake IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(IntakeUnavailable, match="lock timeout"):
            intake.record(compose("dataset-download"))
        blocker.rollback()
    intake.record(compose("dataset-download"))
    assert len(_waiting(ledger)) == 2


def test_an_entry_of_a_wrong_size_is_refused_by_the_database(ledger: Ledger) -> None:
    made = compose("dataset-download")
    with pytest.raises(IntakeUnavailable):
        ledger.intake.record(Entry(made.id, b"x" * 70_000))


def test_a_connection_that_died_is_replaced_and_nothing_is_there_twice(ledger: Ledger) -> None:
    intake = ledger.intake
    for _ in range(3):
        intake.record(compose("dataset-download"))
        rows(
            ledger,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'govdata_ledger_intake' AND datname = current_database()",
        )
    intake.record(compose("dataset-download"))
    assert len(_waiting(ledger)) == 4


def test_what_a_pool_of_connections_has_forgotten_is_prepared_again(ledger: Ledger) -> None:
    intake = ledger.intake
    intake.record(compose("dataset-download"))
    with intake._connection()[0].cursor() as cursor:
        cursor.execute("DISCARD ALL")
    intake.record(compose("dataset-download", personal={"user.name": "王芳"}))
    intake.record(compose("dataset-download"))
    assert len(_waiting(ledger)) == 3


def test_an_entry_waits_for_the_disk_whatever_the_database_is_set_to(ledger: Ledger) -> None:
    with closing(ledger.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        cursor.execute(f"ALTER DATABASE {cursor.fetchone()[0]} SET synchronous_commit = off")
    intake = ledger.intake
    intake.record(compose("dataset-download"))
    with intake._connection()[0].cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


def test_no_transaction_and_no_lock_is_left_behind(ledger: Ledger) -> None:
    intake = ledger.intake
    intake.record(compose("dataset-download", personal={"user.name": "王芳"}))
    held = rows(
        ledger,
        "SELECT state, (SELECT count(*) FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid) FROM pg_stat_activity"
        " WHERE application_name = 'govdata_ledger_intake' AND datname = current_database()",
    )
    assert held == [("idle", 0)]
    assert isinstance(intake, Intake)


def test_the_portal_cannot_read_itself_into_the_log(ledger: Ledger) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ledger.run("INSERT INTO govdata_ledger.tile SELECT 0, 0, '', ''", role="app")
