"""What an attacker with the rights of the portal, of the database's owner, or of a superuser can do to the ledger, and what
is said of it. The table of docs/ledger.md is this file's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from ckanext.govdata.ledger.chain import START, chain_hash
from ckanext.govdata.ledger.checkpoint import Checkpoint, sign
from ckanext.govdata.ledger.entry import compose
from ckanext.govdata.ledger.errors import HistoryMismatch
from ckanext.govdata.ledger.note import Signer
from ckanext.govdata.ledger.reading import Reader, run_on
from ckanext.govdata.ledger.tiles import TileBuilder
from ckanext.govdata.ledger.tree import leaf_hash

from .conftest import Ledger

pytestmark = pytest.mark.requirement("LYG-21")

# Two full tiles, a tail without one, and checkpoints of 300, 600 and 700 entries.
STAGES = (300, 300, 100)
FORGED = 'convert_to(\'{"event":{"action":"nothing"}}\', \'UTF8\')'
UNGUARD = tuple(
    f"ALTER TABLE govdata_ledger.{table} DISABLE TRIGGER USER"
    for table in ("log", "tile", "checkpoint", "cosignature", "intake", "personal")
)


@pytest.fixture(scope="module")
def history(new_ledger: Callable[[], Ledger], copy_of: Callable[[Ledger], Ledger]) -> tuple[Ledger, Ledger]:
    """A ledger of 700 entries, and the backup that was made of it at 300."""
    ledger = new_ledger()
    backup = None
    for count in STAGES:
        ledger.record(count)
        ledger.sequence()
        backup = backup or copy_of(ledger)
    assert backup is not None
    return ledger, backup


@pytest.fixture
def attacked(history: tuple[Ledger, Ledger], copy_of: Callable[[Ledger], Ledger]) -> Ledger:
    return copy_of(history[0])


# What the attacker runs; the expected finding when a superuser does it after switching the guards off.
ATTACKS: dict[str, tuple[tuple[str, ...], str]] = {
    "edit an entry": ((f"UPDATE govdata_ledger.log SET entry = {FORGED} WHERE seq = 40",), "edited"),
    "edit an entry of the tail": ((f"UPDATE govdata_ledger.log SET entry = {FORGED} WHERE seq = 650",), "edited"),
    "edit the last entry": ((f"UPDATE govdata_ledger.log SET entry = {FORGED} WHERE seq = 699",), "edited"),
    "delete an entry": (("DELETE FROM govdata_ledger.log WHERE seq = 40",), "deleted"),
    "delete entries of the tail": (("DELETE FROM govdata_ledger.log WHERE seq IN (650, 651)",), "deleted"),
    "delete an entry and renumber": (
        (
            "DELETE FROM govdata_ledger.log WHERE seq = 40",
            "UPDATE govdata_ledger.log SET seq = seq + 100000 WHERE seq > 40",
            "UPDATE govdata_ledger.log SET seq = seq - 100001 WHERE seq > 100000",
        ),
        "deleted",
    ),
    "delete an entry of the tail and renumber": (
        (
            "DELETE FROM govdata_ledger.log WHERE seq = 650",
            "UPDATE govdata_ledger.log SET seq = seq + 100000 WHERE seq > 650",
            "UPDATE govdata_ledger.log SET seq = seq - 100001 WHERE seq > 100000",
        ),
        "chain_broken",
    ),
    "reorder entries": (
        (
            "UPDATE govdata_ledger.log SET seq = 100000 WHERE seq = 40",
            "UPDATE govdata_ledger.log SET seq = 40 WHERE seq = 90",
            "UPDATE govdata_ledger.log SET seq = 90 WHERE seq = 100000",
        ),
        "reordered",
    ),
    "reorder entries of the tail": (
        (
            "UPDATE govdata_ledger.log SET seq = 100000 WHERE seq = 640",
            "UPDATE govdata_ledger.log SET seq = 640 WHERE seq = 690",
            "UPDATE govdata_ledger.log SET seq = 690 WHERE seq = 100000",
        ),
        "reordered",
    ),
    "exchange the contents of two entries of the tail": (
        (
            "UPDATE govdata_ledger.log AS here SET entry = there.entry FROM govdata_ledger.log AS there"
            " WHERE (here.seq, there.seq) IN ((640, 690), (690, 640))",
        ),
        "reordered",
    ),
    "empty the log": (("TRUNCATE govdata_ledger.log",), "emptied"),
    "cut the tail": (("DELETE FROM govdata_ledger.log WHERE seq >= 620",), "tail_cut"),
    "cut the tail with tiles and checkpoints": (
        (
            "DELETE FROM govdata_ledger.log WHERE seq >= 620",
            "DELETE FROM govdata_ledger.tile WHERE index >= 620 / 256",
            "DELETE FROM govdata_ledger.checkpoint WHERE size > 620",
        ),
        "older_state",
    ),
    "damage a tile": (
        ("UPDATE govdata_ledger.tile SET root = decode(repeat('00', 32), 'hex') WHERE level = 0 AND index = 1",),
        "tiles_damaged",
    ),
    "remove a tile": (("DELETE FROM govdata_ledger.tile WHERE level = 0 AND index = 1",), "tiles_damaged"),
    "change a checkpoint": (
        ("UPDATE govdata_ledger.checkpoint SET note = replace(note, E'\\n600\\n', E'\\n601\\n') WHERE size = 600",),
        "checkpoint_forged",
    ),
}
# Attempts that have no trace to be found, because nobody but a superuser can make them.
ATTEMPTS: dict[str, str] = {
    "switch the guards off": "ALTER TABLE govdata_ledger.log DISABLE TRIGGER ALL",
    "drop a guard": "DROP TRIGGER keep ON govdata_ledger.log",
    "replace a guard's function": (
        "CREATE OR REPLACE FUNCTION govdata_ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS 'begin return null; end'"
    ),
    "go past the guards as a replica": "SET session_replication_role = replica",
    "take over the tables": "ALTER TABLE govdata_ledger.log OWNER TO CURRENT_USER",
    "act as the owner": "SET ROLE govdata_ledger_owner",
    "make oneself the owner": "GRANT govdata_ledger_owner TO CURRENT_USER",
    "drop the log": "DROP TABLE govdata_ledger.log",
    "drop everything": "DROP SCHEMA govdata_ledger CASCADE",
    "put an entry into the log directly": (
        "INSERT INTO govdata_ledger.log SELECT seq + 1, gen_random_uuid(), hash, hash, entry"
        " FROM govdata_ledger.log ORDER BY seq DESC LIMIT 1"
    ),
    "take an entry out of the intake": "DELETE FROM govdata_ledger.intake",
    "change an entry in the intake": f"UPDATE govdata_ledger.intake SET entry = {FORGED}",
    "delete personal values": "DELETE FROM govdata_ledger.personal",
    "change personal values": "UPDATE govdata_ledger.personal SET opened = '{}'",
    "put a checkpoint in": "INSERT INTO govdata_ledger.checkpoint (size, note) VALUES (800, 'x')",
}


@pytest.mark.parametrize("role", ["app", "dbowner"])
@pytest.mark.parametrize("attack", [*ATTACKS, *ATTEMPTS])
def test_portal_and_database_owner_are_refused(history: tuple[Ledger, Ledger], role: str, attack: str) -> None:
    statements = ATTACKS[attack][0] if attack in ATTACKS else (ATTEMPTS[attack],)
    with pytest.raises(InsufficientPrivilege):
        history[0].run(*statements, role=role)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("role", ["keeper", ""])
def test_the_guards_refuse_the_keeper_and_a_superuser_too(
    history: tuple[Ledger, Ledger], role: str, attack: str
) -> None:
    with pytest.raises(InsufficientPrivilege):
        history[0].run(*ATTACKS[attack][0], role=role)


@pytest.mark.parametrize("attack", ["edit an entry", "delete an entry", "empty the log"])
def test_replication_mode_does_not_silence_the_guards(history: tuple[Ledger, Ledger], attack: str) -> None:
    with pytest.raises(InsufficientPrivilege, match="keeps what it has"):
        history[0].run("SET session_replication_role = replica", *ATTACKS[attack][0])


def test_a_sound_ledger_has_no_findings(history: tuple[Ledger, Ledger]) -> None:
    report = history[0].verify()
    assert (report.findings, report.evidence.size) == ((), 700)
    assert {mark.checkpoint.size for mark in report.evidence.right} == {300, 600, 700}


@pytest.mark.parametrize("attack", ATTACKS)
def test_verify_names_what_a_superuser_did(attacked: Ledger, attack: str) -> None:
    statements, expected = ATTACKS[attack]
    attacked.run(*UNGUARD, *statements)
    kinds = attacked.kinds()
    assert expected in kinds
    assert "guards_down" in kinds


@pytest.mark.parametrize("attack", ["edit an entry", "delete entries of the tail", "delete an entry and renumber"])
def test_the_finding_says_where(attacked: Ledger, attack: str) -> None:
    attacked.run(*UNGUARD, *ATTACKS[attack][0])
    place = {"edit an entry": "Entry 40 ", "delete entries of the tail": "Entries 650 to 651 "}.get(attack, "Entry 40 ")
    assert any(finding.message.startswith(place) for finding in attacked.verify().findings)


def rewrite(ledger: Ledger, entries: list[bytes], signer: Signer | None = None) -> None:
    """Build a whole new history, consistent in itself; with a signer its checkpoints too. Guards are back in place after."""
    with closing(ledger.connect()) as connection, connection, connection.cursor() as cursor:
        for statement in (*UNGUARD, "DELETE FROM govdata_ledger.tile", "DELETE FROM govdata_ledger.log"):
            cursor.execute(statement)
        builder, chain = TileBuilder(), START
        for seq, data in enumerate(entries):
            previous, chain = chain, chain_hash(chain, leaf_hash(data))
            cursor.execute(
                "INSERT INTO govdata_ledger.log VALUES (%s, gen_random_uuid(), %s, %s, %s)",
                (seq, previous, chain, data),
            )
            for tile in builder.append(leaf_hash(data)):
                values = (tile.level, tile.index, tile.hashes, tile.root)
                cursor.execute("INSERT INTO govdata_ledger.tile VALUES (%s, %s, %s, %s)", values)
        if signer:
            cursor.execute("DELETE FROM govdata_ledger.checkpoint")
            note = sign(Checkpoint(signer.name, len(entries), builder.root()), signer).encode()
            cursor.execute("INSERT INTO govdata_ledger.checkpoint VALUES (%s, %s)", (len(entries), note))
        cursor.execute(
            "SELECT format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'govdata_ledger'::regnamespace AND NOT tgisinternal"
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def entries_of(ledger: Ledger, count: int = 700) -> list[bytes]:
    with closing(ledger.connect()) as connection:
        reader = Reader(run_on(connection))
        return [found for seq in range(count) if (found := reader.entry(seq)) is not None]


FORGERIES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "one entry changed": lambda entries: [*entries[:310], b'{"event":{}}', *entries[311:]],
    "one entry left out": lambda entries: [*entries[:310], *entries[311:]],
    "two entries exchanged": lambda entries: [*entries[:310], entries[311], entries[310], *entries[312:]],
    "one entry put in": lambda entries: [*entries[:310], b'{"event":{}}', *entries[310:]],
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_history_rewritten_with_all_its_hashes_is_named(attacked: Ledger, forgery: str) -> None:
    rewrite(attacked, FORGERIES[forgery](entries_of(attacked)))
    findings = attacked.verify().findings
    assert [finding.kind.value for finding in findings if finding.kind.value == "rewritten"] == ["rewritten"]
    assert any(finding.message.startswith("Entries 300 to 599 or later") for finding in findings)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_history_rewritten_under_a_new_key_is_named(attacked: Ledger, forgery: str) -> None:
    rewrite(attacked, FORGERIES[forgery](entries_of(attacked)), Signer.generate(attacked.folder.signer().name))
    assert {"rewritten", "checkpoint_forged"} <= attacked.kinds()


def test_a_history_rewritten_with_the_stolen_key_and_files_is_named_by_what_a_witness_holds(attacked: Ledger) -> None:
    held = [("bureau", attacked.folder.anchors()[1])]
    rewrite(attacked, FORGERIES["one entry changed"](entries_of(attacked)), attacked.folder.signer())
    (attacked.folder.path / "anchors").unlink()
    assert attacked.kinds() == set()
    assert attacked.kinds(held=held) & {"rewritten", "split_view"}


def test_an_older_backup_is_named_and_nothing_is_added_to_it(history: tuple[Ledger, Ledger], copy_of: Any) -> None:
    restored = copy_of(history[1])
    for note in history[0].folder.anchors()[1:]:
        with (restored.folder.path / "anchors").open("a") as stream:
            stream.write(note + "=====\n")
    assert restored.kinds() == {"older_state"}
    restored.record(1)
    with pytest.raises(HistoryMismatch, match="older backup"):
        restored.sequence()
    assert restored.verify().evidence.size == 300


def test_an_older_backup_that_was_written_on_with_the_stolen_key_is_named(
    history: tuple[Ledger, Ledger], copy_of: Any
) -> None:
    restored = copy_of(history[1])
    restored.record(500)
    restored.sequence()
    assert restored.kinds() == set()
    kept = [("anchors", note) for note in history[0].folder.anchors()]
    (finding,) = restored.verify(held=kept).findings
    assert finding.kind.value == "rewritten"
    assert "older backup" in finding.message


def test_a_split_view_is_named(history: tuple[Ledger, Ledger], copy_of: Any) -> None:
    """The same key shows the public one history and the bureau another."""
    other = copy_of(history[1])
    other.record(400)
    other.sequence()
    (finding,) = history[0].verify(held=[("bureau", other.folder.anchors()[-1])]).findings
    assert finding.kind.value == "split_view"
    assert "bureau" in finding.message


def test_the_sequencer_does_not_sign_a_rewritten_log(attacked: Ledger) -> None:
    rewrite(attacked, FORGERIES["one entry changed"](entries_of(attacked)))
    with pytest.raises(HistoryMismatch, match="not those whose checkpoint was signed"):
        attacked.sequence()


def test_a_guard_that_was_put_to_origin_only_is_named(attacked: Ledger) -> None:
    attacked.run("ALTER TABLE govdata_ledger.log ENABLE TRIGGER keep")
    (finding,) = attacked.verify().findings
    assert finding.kind.value == "guards_down"
    assert "keep of govdata_ledger.log" in finding.message


def test_what_the_portal_records_stays_possible(history: tuple[Ledger, Ledger], copy_of: Any) -> None:
    ledger = copy_of(history[0])
    ledger.intake.record(compose("dataset-download"))
    with closing(ledger.connect("app")) as connection:
        assert Reader(run_on(connection)).waiting()[0] == 1
    assert isinstance(ledger.sequence(), int)
    assert ledger.kinds() == set()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ledger.run("TRUNCATE govdata_ledger.intake", role="keeper")
