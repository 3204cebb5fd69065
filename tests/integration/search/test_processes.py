"""Several processes write to one index; one is killed; nothing that was acknowledged is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

WRITER = Path(__file__).with_name("writer_process.py")

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata_search"),
    pytest.mark.ckan_config("govdata.search.engine", "tantivy"),
    pytest.mark.timeout(300),
]


class Writer:
    """A writing process; `acknowledged` holds what it was told is in."""

    def __init__(self, ini: str, index: Path, prefix: str, count: int) -> None:
        command = [sys.executable, str(WRITER), ini, str(index), prefix, str(count)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.acknowledged: list[str] = []
        self.read_until("ready")

    def read_until(self, wanted: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == wanted:
                return
        raise AssertionError(f"the writer ended before it said {wanted}")

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def read(self, most: int | None = None) -> None:
        """Take acknowledgements: so many, or all until the process ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.acknowledged.append(line.strip())
            if most is not None and len(self.acknowledged) >= most:
                return


def found(connection: Any, site: str) -> set[str]:
    return {one["id"] for one in connection.search(f"site_id:{site}", fl="id", rows=10_000).docs}


def test_a_writer_killed_at_any_moment_loses_nothing_and_blocks_nobody(
    connection: Any, index_path: Path, request: pytest.FixtureRequest
) -> None:
    ini = request.config.getoption("ckan_ini")
    for attempt in range(4):
        prefix = f"killed{attempt}"
        writer = Writer(ini, index_path, prefix, 10_000)
        writer.go()
        writer.read(6 + attempt)
        # Somewhere in the middle of the next write: 0, 7, 14, 21 ms after an acknowledgement.
        time.sleep(0.007 * attempt)
        writer.process.kill()
        writer.read()
        writer.process.wait()
        after = f"after{attempt}"
        connection.add([{"index_id": after, "id": after, "site_id": after}], commit=True)
        assert found(connection, after) == {after}
        assert set(writer.acknowledged) <= found(connection, prefix)


def test_two_processes_write_at_once(connection: Any, index_path: Path, request: pytest.FixtureRequest) -> None:
    ini = request.config.getoption("ckan_ini")
    writers = [Writer(ini, index_path, f"writer{number}", 25) for number in range(2)]
    for writer in writers:
        writer.go()
    for number in range(10):
        key = f"parent-{number}"
        connection.add([{"index_id": key, "id": key, "site_id": "parent"}], commit=True)
        assert key in found(connection, "parent")
    for number, writer in enumerate(writers):
        writer.read()
        assert writer.process.wait() == 0
        assert (
            found(connection, f"writer{number}")
            == {f"writer{number}-{n}" for n in range(25)}
            == set(writer.acknowledged)
        )
    assert len(found(connection, "parent")) == 10
