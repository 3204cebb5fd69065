"""Writers and rebuilds are killed at random moments, the disk fills, many write and read at once: nothing said is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pysolr
import pytest
import sqlalchemy as sa

from ckanext.govdata_search import log
from ckanext.govdata_search.interpret import Manner, read_filter
from ckanext.govdata_search.projection import projection

GROUND = Path(__file__).with_name("ground.py")
ALL = bool(os.environ.get("GOVDATA_TEST_ALL"))
WRITERS_KILLED, REBUILDS_KILLED, SECONDS = (300, 60, 300) if ALL else (10, 2, 15)

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.timeout(3600),
]


class Ground:
    """The process that forks children, and what each of them said."""

    def __init__(self, ini: str, index: Path) -> None:
        command = [sys.executable, str(GROUND), ini, str(index)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.said: dict[int, list[list[str]]] = {}
        self.pids: dict[int, int] = {}
        self.orders = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.wait(lambda: 0 in self.pids)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            number, *words = line.split()
            if words[0] == "ready":
                self.pids[int(number)] = int(words[1])
            else:
                self.said.setdefault(int(number), []).append(words)

    def wait(self, done: Callable[[], Any], seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, f"waited in vain; said: {list(self.said.items())[-3:]}"
            time.sleep(0.002)

    def start(self, **order: Any) -> int:
        assert self.process.stdin is not None
        self.orders += 1
        number = self.orders
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.wait(lambda: number in self.pids)
        return number

    def kill(self, number: int) -> None:
        os.kill(self.pids[number], signal.SIGKILL)
        time.sleep(0.02)

    def keys(self, number: int) -> set[str]:
        """What a child was told is in."""
        return {words[0] for words in self.said.get(number, []) if len(words) == 2 and "-" in words[0]}

    def errors(self) -> list[list[str]]:
        return [words for lines in self.said.values() for words in lines if words[0] == "!"]


@pytest.fixture
def ground(searching: None, index_path: Path, pytestconfig: pytest.Config) -> Iterator[Ground]:
    running = Ground(str(pytestconfig.getoption("--ckan-ini")), index_path)
    yield running
    running.process.kill()
    running.process.wait()
    for pid in running.pids.values():
        with pytest.MonkeyPatch.context():
            subprocess.run(["kill", "-9", str(pid)], stderr=subprocess.DEVNULL)


def keys_in_table() -> set[str]:
    database = log.database()
    assert database is not None
    with database.connect() as reading:
        held = sa.text("SELECT index_id FROM govdata_search_document WHERE document IS NOT NULL")
        return {row[0] for row in reading.execute(held)}


def keys_in_index() -> set[str]:
    return set(projection().engine.keys(read_filter("*:*", Manner())))


def test_no_killed_writer_loses_what_was_said_or_blocks_the_next(ground: Ground, connection: Any) -> None:
    chance = random.Random(11)
    for round_ in range(WRITERS_KILLED):
        number = ground.start(do="write", prefix=f"w{round_}")
        ground.wait(lambda number=number: ground.keys(number))
        time.sleep(chance.uniform(0, 0.4))
        ground.kill(number)
        connection.add([{"index_id": f"next{round_}", "id": f"next{round_}", "site_id": "next"}], commit=True)
        in_index = keys_in_index()
        assert f"next{round_}" in in_index
        assert ground.keys(number) <= in_index
        assert in_index == keys_in_table()
    assert ground.errors() == []


def test_no_killed_rebuild_loses_a_write_made_meanwhile(ground: Ground, connection: Any) -> None:
    connection.add(
        [{"index_id": f"d{n}", "id": f"d{n}", "site_id": "s", "title": f"目录{n}"} for n in range(1500)], commit=True
    )
    chance = random.Random(12)
    for round_ in range(REBUILDS_KILLED):
        rebuilding = ground.start(do="rebuild", processes=1 + round_ % 2)
        writing = ground.start(do="write", prefix=f"r{round_}")
        time.sleep(chance.uniform(0.02, 1.5))
        ground.kill(rebuilding)
        ground.wait(lambda number=writing: ground.keys(number))
        ground.kill(writing)
        connection.commit()
        in_index = keys_in_index()
        assert ground.keys(writing) <= in_index
        assert in_index == keys_in_table()
    assert ground.errors() == []


def test_many_write_and_read_at_once(ground: Ground, tmp_path: Path, connection: Any) -> None:
    said = tmp_path / "said.txt"
    said.touch()
    writers = [ground.start(do="write", prefix=f"m{n}", seconds=SECONDS, look=True) for n in range(8)]
    readers = [ground.start(do="read", file=str(said), seconds=SECONDS) for _ in range(4)]
    written = dict.fromkeys(writers, 0)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with said.open("a", encoding="utf-8") as file:
            for number in writers:
                lines = ground.said.get(number, [])[written[number] :]
                written[number] += len(lines)
                file.writelines(f"{words[0]} {words[1]}\n" for words in lines if len(words) == 2)
        time.sleep(0.05)
    ground.wait(lambda: not any(_lives(ground.pids[number]) for number in (*writers, *readers)))
    assert ground.errors() == []
    late = [float(words[1]) for number in readers for words in ground.said.get(number, []) if words[0] == "late"]
    assert late
    # From being said to being seen by another process, its turn on the processor included.
    assert sorted(late)[int(0.99 * (len(late) - 1))] < 1
    in_index = keys_in_index()
    assert all(ground.keys(number) <= in_index for number in writers)
    assert in_index == keys_in_table()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class TestFullDisk:
    @pytest.fixture
    def index_path(self, tmp_path: Path) -> Iterator[Path]:
        """A disk of a few megabytes."""
        folder = tmp_path / "small"
        folder.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
        yield folder
        subprocess.run(["umount", "-l", folder], check=False)

    def test_what_no_longer_fits_waits_and_follows_when_there_is_room(self, connection: Any, index_path: Path) -> None:
        noise = random.Random(5)
        keys, refused = [], 0
        for number in range(400):
            text = " ".join(f"{noise.getrandbits(60):x}" for _ in range(3000))
            keys.append(f"k{number}")
            try:
                connection.add([{"index_id": keys[-1], "id": keys[-1], "site_id": "s", "notes": text}], commit=True)
            except pysolr.SolrError:
                refused += 1
            if refused > 3:
                break
        assert refused > 3
        assert connection.search("*:*", rows=0).hits > 0
        subprocess.run(["mount", "-o", "remount,size=200m", index_path], check=True)
        connection.add([{"index_id": "after", "id": "after", "site_id": "s"}], commit=True)
        assert keys_in_index() == keys_in_table() == {*keys, "after"}
