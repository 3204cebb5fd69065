"""A portal of a test's own, started by the real command in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from ckanext.govdata.installation.layout import HOME_VARIABLE, INSTANCE_VARIABLE, Layout
from ckanext.govdata.installation.machine import end_processes, instance_processes
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.supervisor import environment

HOME = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Instance:
    """One portal; `govdata(...)` is the command, `api(...)` its HTTP door."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.token = ""

    @property
    def portal(self) -> Portal:
        return Portal(Layout(self.data))

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The command, running."""
        clean = {name: value for name, value in os.environ.items() if name not in (INSTANCE_VARIABLE, "CKAN_INI")}
        return subprocess.Popen(
            [sys.executable, "-m", "ckanext.govdata.installation", *words],
            env={**clean, HOME_VARIABLE: str(HOME), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd="/",
        )

    def govdata(self, *words: str, expected: int = 0) -> str:
        """Run the command to its end and give what it printed."""
        child = self.start(*words)
        output = child.communicate(timeout=300)[0]
        assert child.returncode == expected, output
        return output

    def status(self) -> str:
        """What the command says now, whether all is well or not."""
        return self.start("status", "--data", str(self.data)).communicate(timeout=300)[0]

    def up(self, *words: str) -> str:
        return self.govdata("up", "--data", str(self.data), "--port", str(self.port), "--no-demo", "--detach", *words)

    def down(self) -> str:
        return self.govdata("down", "--data", str(self.data))

    def ckan(self, *words: str) -> str:
        return self.govdata("ckan", "--data", str(self.data), *words)

    def run(self, module: str, *words: str) -> None:
        """A module of the tests, in this portal's environment."""
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(
            command, env=environment(Layout(self.data)), cwd=HOME, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def page(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def sign_in_by_token(self) -> None:
        """Give the administrator an API token, as one would on the command line."""
        self.token = self.ckan("user", "token", "add", "-q", "admin", "test").strip().splitlines()[-1].strip()

    def api(self, action: str, **data: Any) -> Any:
        """Call an action as the administrator; raises OSError where the portal does not answer or refuses."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/3/action/{action}",
            data=json.dumps(data).encode(),
            headers={"Authorization": self.token, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)["result"]

    def pid(self, name: str) -> int:
        return int(self.portal.supervisor.states()[name]["pid"])

    def kill_everything(self) -> None:
        """kill -9 of every process of this portal, PostgreSQL's among them, at one moment."""
        pids = set(instance_processes(self.data))
        pid_file = self.data / "postgres" / "cluster" / "postmaster.pid"
        if pid_file.exists():
            pids.add(int(pid_file.read_text().split()[0]))
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def clear(self) -> None:
        """Leave nothing running."""
        self.govdata("down", "--data", str(self.data))
        end_processes(instance_processes(self.data), patience=1)


class Writer(threading.Thread):
    """Makes datasets one after another and remembers those that the portal said it has."""

    def __init__(self, instance: Instance, prefix: str) -> None:
        super().__init__(daemon=True)
        self.instance, self.prefix = instance, prefix
        self.committed: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            name = f"{self.prefix}-{number}"
            number += 1
            try:
                self.instance.api(
                    "package_create",
                    name=name,
                    title="公共停车场名录",
                    owner_org="jiaotongju",
                    open_tier="unconditional",
                )
            except (OSError, ValueError):
                self.ending.wait(0.05)  # killed under it: this one was never acknowledged
            else:
                self.committed.append(name)

    def finish(self) -> list[str]:
        self.ending.set()
        self.join(60)
        return self.committed
