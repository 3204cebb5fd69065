"""The ledger within the portal: tables by migration, commands, actions, and the intake that the rooms call."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action
from click.testing import CliRunner, Result

from ckanext.govdata import config
from ckanext.govdata.cli.ledger import ledger as commands
from ckanext.govdata.ledger import actions, auth, gaps, intake, portal
from ckanext.govdata.ledger.entry import compose
from ckanext.govdata.ledger.errors import IntakeUnavailable

from .conftest import Cluster, Ledger

pytestmark = pytest.mark.requirement("LYG-21")


@pytest.fixture
def folder(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setitem(ckan_config, "govdata.ledger.path", str(tmp_path / "ledger"))
    return tmp_path / "ledger"


@pytest.fixture
def on(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[[Ledger], None]:
    """Run commands and intake on a database of the test's own."""

    def choose(ledger: Ledger) -> None:
        monkeypatch.setitem(ckan_config, "sqlalchemy.url", ledger.url("app"))

    return choose


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


@pytest.mark.usefixtures("portal")
def test_the_tables_come_with_the_portals_migrations(folder: Path) -> None:
    entry = compose("dataset-download")
    intake.record(entry)
    session_entry = compose("tier-change")
    intake.record(session_entry, session=model.Session)
    model.Session.commit()
    assert run("keygen").exit_code == 0
    answer = run("run", "--once")
    assert answer.exit_code == 0, answer.output
    assert "The newest checkpoint covers" in answer.output
    answer = run("status")
    assert " 0 waiting" in answer.output


@pytest.mark.usefixtures("folder")
def test_setup_makes_a_weak_ledger_strict(
    cluster: Cluster, weak_ledger: Ledger, on: Callable[[Ledger], None], ckan_config: dict[str, Any], folder: Path
) -> None:
    ckan_config["sqlalchemy.url"] = weak_ledger.url("dbowner")
    weak_status = run("status").output
    assert "Weak mode:" in weak_status
    assert "belong to govdata_ledger_test_dbowner" in weak_status
    answer = run("setup", "--superuser-url", weak_ledger.url(""))
    assert answer.exit_code == 0, answer.output
    assert "Strict mode" in answer.output
    assert stat.S_IMODE((folder / "keeper.url").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    intake.record(compose("dataset-download"))
    assert run("run", "--once").exit_code == 0
    assert run("setup", "--superuser-url", weak_ledger.url("")).exit_code == 0
    assert run("verify").output.endswith("The ledger is sound.\n")


def test_keygen_does_not_replace_a_key_by_mistake(folder: Path) -> None:
    assert run("keygen").output.startswith(f"{config.ledger_origin()}+")
    assert "say --replace" in run("keygen").output
    assert run("keygen", "--replace").exit_code == 0
    assert len(portal.folder().verifiers()) == 2
    assert stat.S_IMODE((folder / "log.key").stat().st_mode) == 0o600


def test_run_without_a_key_says_what_to_do(ledger: Ledger, on: Callable[[Ledger], None]) -> None:
    on(ledger)
    portal.folder().write_keeper_url(ledger.url("keeper"))
    intake.record(compose("dataset-download"))
    answer = run("run", "--once")
    assert answer.exit_code == 1
    assert "keygen" in answer.output


def test_verify_ends_with_1_and_names_the_attack(ledger: Ledger, on: Callable[[Ledger], None], tmp_path: Path) -> None:
    on(ledger)
    portal.folder().write_keeper_url(ledger.url("keeper"))
    run("keygen")
    for _ in range(4):
        intake.record(compose("dataset-download"))
    run("run", "--once")
    assert run("verify").exit_code == 0
    (tmp_path / "held").write_text(portal.folder().anchors()[0])
    assert run("verify", "--held", tmp_path / "held", "--key", portal.folder().verifiers()[0].encode()).exit_code == 0
    ledger.run("ALTER TABLE govdata_ledger.log DISABLE TRIGGER USER", "DELETE FROM govdata_ledger.log WHERE seq = 1")
    answer = run("verify")
    assert answer.exit_code == 1
    assert "deleted: Entry 1 was deleted." in answer.output


def test_purge_and_cosignature_are_commands(ledger: Ledger, on: Callable[[Ledger], None], tmp_path: Path) -> None:
    on(ledger)
    portal.folder().write_keeper_url(ledger.url("keeper"))
    assert "Purged the personal values of 0 entries." in run("purge").output
    (tmp_path / "note").write_text("nonsense")
    answer = run("cosignature", tmp_path / "note")
    assert answer.exit_code == 1
    assert "signed note" in answer.output


def test_what_cannot_be_recorded_is_refused_or_counted(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setitem(ckan_config, "sqlalchemy.url", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(IntakeUnavailable):
        intake.record(compose("dataset-download"))
    assert not intake.record_or_count(compose("dataset-download"))
    assert gaps.counted(folder) == 1


def test_personal_values_are_kept_for_six_months_at_least(
    ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.ledger.retention_days", 5)
    assert config.ledger_retention().days == 183


@pytest.fixture
def api(people: dict[str, dict[str, Any]], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The actions as the plugin gives them, with their authorisation."""
    from ckan import logic

    for name, function in auth.AUTH.items():
        monkeypatch.setitem(logic.authz._AuthFunctions._functions, name, function)
    for name, function in actions.ACTIONS.items():
        tk.get_action("status_show")
        monkeypatch.setitem(logic._actions, name, function)
    yield people


@pytest.mark.parametrize("role", ["operator", "authority"])
def test_the_offices_see_how_the_ledger_stands(api: dict[str, Any], role: str) -> None:
    found = call_action("govdata_ledger_status", {"user": api[role]["name"], "ignore_auth": False})
    assert {"size", "waiting", "checkpoint_size", "gap", "strict", "shortcomings"} <= set(found)


@pytest.mark.parametrize("role", ["data_user", "publisher", "decider"])
def test_others_do_not(api: dict[str, Any], role: str) -> None:
    with pytest.raises(tk.NotAuthorized):
        call_action("govdata_ledger_status", {"user": api[role]["name"], "ignore_auth": False})


def test_a_receipt_is_for_whom_it_is_about_and_for_the_offices(api: dict[str, Any]) -> None:
    run("keygen")
    entry = compose("dataset-download", fields={"user.id": api["data_user"]["id"]})
    intake.record(entry)

    def ask(role: str) -> dict[str, Any]:
        return call_action(
            "govdata_ledger_receipt", {"user": api[role]["name"], "ignore_auth": False}, id=str(entry.id)
        )

    assert ask("operator") == {"ready": False, "receipt": None}
    assert run("run", "--once").exit_code == 0
    for role in ("data_user", "operator", "authority"):
        assert ask(role)["receipt"].startswith("c2sp.org/tlog-proof@v1\n")
    for role in ("publisher", "other_publisher"):
        with pytest.raises(tk.NotAuthorized):
            ask(role)
