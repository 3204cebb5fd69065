"""Real workers and a Redis of a test's own, which can be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan.lib import jobs
from ckan.lib import redis as ckan_redis

from ckanext.govdata.installation.redis_server import program

_MOTHER = Path(__file__).with_name("mother.py")
# What a worker has to know of the test's own settings.
_SHARED = ("ckan.storage_path", "ckan.redis.url", "govdata.city", "govdata.search.index_path")


class Workers:
    """One worker at a time, forked by a process that has CKAN loaded."""

    def __init__(self, ini: Path) -> None:
        self._mother = subprocess.Popen(
            [sys.executable, str(_MOTHER), str(ini)],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True},
        )
        self.pid = 0

    def is_alive(self) -> bool:
        return bool(self.pid) and Path(f"/proc/{self.pid}").exists()

    def ensure(self) -> None:
        """A worker runs."""
        if self.is_alive():
            return
        assert self._mother.stdin is not None and self._mother.stdout is not None
        self._mother.stdin.write("worker\n")
        self._mother.stdin.flush()
        for line in self._mother.stdout:
            if line.startswith("started"):
                self.pid = int(line.split()[1])
                return
        raise AssertionError("the mother of workers has ended")

    def kill(self, *, horse: bool = False) -> None:
        """SIGKILL for the worker, or for the process in which it runs a job, where it runs one."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        with contextlib.suppress(OSError, ProcessLookupError):
            horses = children.read_text().split() if horse else []
            os.kill(int(horses[0]) if horses else self.pid, signal.SIGKILL)

    def end(self) -> None:
        self._mother.kill()
        self._mother.wait()


@contextlib.contextmanager
def workers(ckan_config: dict[str, Any], place: Path, **own: Any) -> Iterator[Workers]:
    """Workers of the test's portal, with these settings beside its own."""
    settings = {key: ckan_config[key] for key in _SHARED} | {f"govdata.harvest.{key}": own[key] for key in own}
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    ini = place / "workers.ini"
    ini.write_text(f"[app:main]\nuse = config:{ckan_config['__file__']}\n{lines}", "utf-8")
    found = Workers(ini)
    try:
        yield found
    finally:
        found.end()


class OwnRedis:
    """A Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0?socket_timeout=600"

    def start(self) -> None:
        """Returns when it answers."""
        command = [str(program()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < until
            time.sleep(0.05)

    def kill(self) -> None:
        """Gone, with all that stood in it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def own_redis(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRedis]:
    """The portal of this test on a Redis of its own."""
    server = OwnRedis()
    server.start()
    monkeypatch.setitem(ckan_config, "ckan.redis.url", server.url)
    monkeypatch.setattr(ckan_redis, "_connection_pool", None)
    monkeypatch.setattr(jobs, "_queues", {})
    try:
        yield server
    finally:
        server.kill()
