"""The ledger under `./govdata`: strict from the first start, its sequencer supervised, its keys apart in a backup."""

from __future__ import annotations

import json
import os
import signal
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from ckanext.govdata.installation.machine import wait_until
from ckanext.govdata.installation.postgres import MAIN
from ckanext.govdata.installation.settings import setting
from ckanext.govdata.ledger.entry import compose
from ckanext.govdata.ledger.keeping import keep
from ckanext.govdata.ledger.keys import Folder
from ckanext.govdata.ledger.reading import Reader, run_on

from .instance import Instance

pytestmark = pytest.mark.requirement("LYG-21")


def size(instance: Instance) -> int:
    with closing(instance.portal.services()[0].connect(MAIN)) as connection:
        return Reader(run_on(connection)).head()[0]


def test_a_first_start_leaves_a_ledger_in_strict_mode(instance: Instance) -> None:
    output = instance.ckan("govdata", "ledger", "status")
    assert "Strict mode" in output
    words = instance.govdata("status", "--data", str(instance.data))
    assert "ok  sequencer" in words and "ok  ledger" in words, words
    assert (instance.data / "ledger" / "log.key").stat().st_mode & 0o077 == 0


def test_the_sequencer_is_small_and_comes_back_after_a_kill(instance: Instance) -> None:
    pid = instance.pid("sequencer")
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    assert next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) < 40_000
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: instance.pid("sequencer") not in (0, pid), 20)
    before = size(instance)
    instance.api("organization_create", name="weijianwei", title="卫生健康委员会")
    assert wait_until(lambda: size(instance) > before, 20), "the membership of its maker is an entry"


def test_while_the_sequencer_is_down_the_intake_goes_on_and_status_raises_an_alarm(instance: Instance) -> None:
    instance.portal.supervisor.rpc().stopProcess("sequencer")
    try:
        instance.api("organization_create", name="jiaoyuju", title="教育局")
        with closing(instance.portal.services()[0].connect(MAIN)) as connection:
            assert Reader(run_on(connection)).waiting()[0] > 0
        assert "!!  sequencer" in instance.govdata("status", "--data", str(instance.data), expected=1)
    finally:
        instance.portal.supervisor.rpc().startProcess("sequencer")


def test_a_counted_gap_is_shown_and_then_recorded(instance: Instance) -> None:
    from ckanext.govdata.ledger.gaps import count_gap, counted

    instance.portal.supervisor.rpc().stopProcess("sequencer")
    count_gap(instance.portal.layout.ledger, compose("dataset-download"))
    words = instance.govdata("status", "--data", str(instance.data), expected=1)
    assert "gap 1" in words or "缺口 1" in words
    instance.portal.supervisor.rpc().startProcess("sequencer")
    assert wait_until(lambda: counted(instance.portal.layout.ledger) == 0, 20)


def test_the_ledgers_key_and_checkpoints_are_apart_from_the_database(instance: Instance, tmp_path: Path) -> None:
    file = tmp_path / "portal.tar.gz"
    instance.govdata("backup", str(file), "--data", str(instance.data))
    with tarfile.open(file) as archive:
        names = [name for name in archive.getnames() if name.startswith("ledger")]
    assert names == ["ledger/log.vkey"]
    assert {"log.key", "anchors"} <= set(json.loads(file.with_name("portal.tar.gz.keys").read_text())["ledger"])


def test_a_restored_ledger_goes_on_and_says_that_it_was_restored(instance: Instance, tmp_path: Path) -> None:
    file = tmp_path / "portal.tar.gz"
    instance.govdata("backup", str(file), "--data", str(instance.data))
    restored = Instance(tmp_path / "restored")
    try:
        instance.govdata("restore", str(file), "--data", str(restored.data))
        restored.up()
        assert wait_until(lambda: size(restored) > size(instance) - 5, 20)
        assert "The ledger is sound" in restored.ckan("govdata", "ledger", "verify")
        with closing(restored.portal.services()[0].connect(MAIN)) as connection:
            words = "SELECT count(*) FROM govdata_ledger.log WHERE position('portal-restored' IN encode(entry, 'escape')) > 0"
            assert wait_until(lambda: run_on(connection)(words, ())[0][0] == 1, 20)
    finally:
        restored.clear()


def test_a_log_that_was_cut_stops_the_sequencer_and_not_the_portal(instance: Instance) -> None:
    """Nothing is signed over a cut log; the pages go on, and status tells."""
    folder = Folder(instance.portal.layout.ledger)
    kept = (folder.path / "anchors").read_bytes()
    assert wait_until(lambda: folder.last_anchor() is not None, 20)
    from ckanext.govdata.ledger.checkpoint import Checkpoint, sign

    instance.portal.supervisor.rpc().stopProcess("sequencer")
    signer = folder.signer()
    folder.anchor(sign(Checkpoint(signer.verifier.name, 1_000_000, bytes(32)), signer))
    try:
        instance.portal.supervisor.rpc().startProcess("sequencer", False)
        log = instance.portal.layout.log / "sequencer.log"
        assert wait_until(lambda: "its tail was cut off" in log.read_text(), 20)
        assert instance.page("/")[0] == 200
        with closing(instance.portal.services()[0].connect(MAIN)) as connection:
            connection.autocommit = False
            keep(connection, compose("dataset-download"))
        # Between two tries it runs for a moment, and the status of that moment says so.
        assert wait_until(lambda: "!!  sequencer" in instance.status(), 90)
    finally:
        (folder.path / "anchors").write_bytes(kept)


def test_a_setting_is_found_through_all_inis_it_stands_on(tmp_path: Path) -> None:
    (tmp_path / "base.ini").write_text("[app:main]\nuse = egg:ckan\na = 1\nb = %(here)s/x\n")
    (tmp_path / "top.ini").write_text("[DEFAULT]\ndebug = false\n[app:main]\nuse = config:base.ini\na = 2\n")
    top = tmp_path / "top.ini"
    assert [setting(top, name, "-") for name in ("a", "b", "c")] == ["2", f"{tmp_path}/x", "-"]
