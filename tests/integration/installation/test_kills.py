"""kill -9 of each process, of the supervisor, of everything: the portal comes back, and has every committed dataset."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from ckanext.govdata.installation.machine import instance_processes

from .instance import Instance, Writer

FULL = bool(os.environ.get("GOVDATA_TEST_ALL"))
ROUNDS = 4 if FULL else 1


def _kill(instance: Instance, target: str) -> None:
    if target == "everything":
        instance.kill_everything()
    elif target == "supervisor":
        supervisor = instance.portal.supervisor.pid
        assert supervisor
        os.kill(supervisor, signal.SIGKILL)
    else:
        os.kill(instance.pid(target), signal.SIGKILL)


def _missing(instance: Instance, names: list[str]) -> dict[str, list[str]]:
    """Which of the names the database or the index does not have."""
    in_database = set(instance.api("package_list"))
    in_index: set[str] = set()
    words = {"q": "*:*", "rows": 500, "sort": "name asc", "fl": ["name"], "include_private": True}
    for start in range(0, instance.api("package_search", q="*:*", rows=0, include_private=True)["count"], 500):
        found = instance.api("package_search", start=start, **words)
        in_index |= {row["name"] for row in found["results"]}
    return {
        "database": [name for name in names if name not in in_database],
        "index": [name for name in names if name not in in_index],
    }


@pytest.mark.parametrize("round_number", range(ROUNDS))
@pytest.mark.parametrize("target", ["web", "worker", "redis", "postgres", "supervisor", "everything"])
def test_after_a_kill_and_up_nothing_committed_is_missing(instance: Instance, target: str, round_number: int) -> None:
    writer = Writer(instance, f"{target}-{round_number}")
    writer.start()
    try:
        time.sleep(random.uniform(1.0, 4.0 if FULL else 2.0))
        _kill(instance, target)
        time.sleep(random.uniform(0.0, 1.5))
        instance.up()
        time.sleep(1.0)
    finally:
        committed = writer.finish()
    assert committed, "the portal took no dataset before or after the kill"
    assert instance.page("/")[0] == 200
    assert instance.page(f"/dataset/{committed[-1]}")[0] == 200
    assert _missing(instance, committed) == {"database": [], "index": []}


def test_after_a_kill_of_everything_no_process_is_left_over(instance: Instance) -> None:
    instance.down()
    assert instance_processes(instance.data) == []
    assert not (instance.data / "postgres" / "cluster" / "postmaster.pid").exists()
    instance.up()


@pytest.mark.parametrize("seconds", [1.0, 2.5, 4.0, 6.0, 9.0] if FULL else [4.0])
def test_a_first_start_that_was_killed_goes_on(tmp_path: Path, seconds: float) -> None:
    killed = Instance(tmp_path / "var")
    command = killed.start("up", "--data", str(killed.data), "--port", str(killed.port), "--no-demo", "--detach")
    time.sleep(seconds)
    command.kill()
    killed.kill_everything()
    command.communicate()
    try:
        killed.up()
        assert killed.page("/")[0] == 200
        assert (killed.data / "sign-ins.txt").read_text().count("\n") >= 4
        killed.sign_in_by_token()
        assert {row["role"] for row in killed.api("govdata_officer_list")} == {"authority", "operator"}
    finally:
        killed.clear()
