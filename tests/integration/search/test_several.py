"""Work shared out among several processes comes back whole and in order; none of them outlives the one that began them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan.tests import factories

from ckanext.govdata_search.errors import EngineFailure
from ckanext.govdata_search.projection import projection
from ckanext.govdata_search.several import workers

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.usefixtures("searching"),
    pytest.mark.timeout(120),
]


def doubled(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


def refused(number: int) -> int:
    if number == 7:
        raise ValueError("the seventh")
    return number


def killed(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("share", [1, 10])
def test_what_several_made_comes_back_in_order(share: int) -> None:
    with workers(2) as working:
        made = list(working.map(doubled, range(200), share))
    assert [(item, twice) for item, (twice, _who) in made] == [(number, 2 * number) for number in range(200)]
    assert os.getpid() not in {who for _item, (_twice, who) in made}


def test_they_are_given_no_more_than_they_can_do_soon() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    with workers(2) as working:
        made = working.map(doubled, items(), 10)
        next(made)
        assert len(taken) <= 100


def test_what_one_of_them_raises_is_raised_here() -> None:
    with workers(2) as working, pytest.raises(ValueError, match="the seventh"):
        list(working.map(refused, range(20)))


def test_one_that_is_killed_is_an_error_and_no_endless_wait() -> None:
    with workers(2) as working, pytest.raises(EngineFailure, match="several processes"):
        list(working.map(killed, range(20)))


@pytest.mark.parametrize("name", [".tantivy-meta.lock", ".tantivy-writer.lock"])
def test_they_hold_no_lock_on_that_another_thread_had_when_they_were_forked(index_path: Path, name: str) -> None:
    """A thread that merges locks the index for moments; who waits for its lock would wait for these processes to end."""
    factories.Dataset(title="道路")
    lock = index_path / (index_path / "current").read_text() / name
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    with workers(2) as working:
        assert len(list(working.map(doubled, range(4)))) == 4
        os.close(held)
        again = os.open(lock, os.O_RDWR)
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(again)


@pytest.mark.parametrize("processes", [1, 3])
def test_an_index_that_several_laid_out_is_the_same(processes: int, connection: Any) -> None:
    made = {factories.Dataset(title=f"道路 {number}")["id"] for number in range(5)}
    before = connection.search("道路", rows=10, sort="name asc").docs
    projection().rebuild(processes=processes)
    assert {one["id"] for one in connection.search("道路", rows=10, sort="name asc").docs} == made
    assert connection.search("道路", rows=10, sort="name asc").docs == before


def test_they_end_with_the_process_that_began_them(pytestconfig: pytest.Config) -> None:
    beginner = Path(__file__).with_name("several_begun.py")
    command = [sys.executable, str(beginner), str(pytestconfig.getoption("--ckan-ini"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        begun = [int(pid) for pid in process.stdout.readline().split()]
        assert len(begun) == 3
        assert all(Path(f"/proc/{pid}").exists() for pid in begun)
        process.kill()
    until = time.monotonic() + 20
    while (left := [pid for pid in begun if _lives(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    assert left == []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
