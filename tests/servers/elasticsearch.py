"""Starts nodes of Elasticsearch for tests and benchmarks, on addresses of their own, and stops them.

    python -m tests.servers.elasticsearch [--port PORT] [--for PID]

runs one node until it is interrupted, or until the process PID has ended. Tests ask `address()`: what
GOVDATA_ELASTICSEARCH_URL names, or a node that is started once, however many processes share the tests.
"""

from __future__ import annotations

import argparse
import atexit
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from . import elasticsearch_home
from .elasticsearch_home import Unavailable

GIVEN = "GOVDATA_ELASTICSEARCH_URL"
# A small machine: no second compiler, memory taken as it is needed. Benchmarks start nodes with the usual flags.
SMALL = "-XX:TieredStopAtLevel=1 -XX:-AlwaysPreTouch"
ALONE = {"discovery.type": "single-node"}
_OLDEST_JAVA = 17


def address() -> str:
    """The address of a server for tests. Raises Unavailable with the reason where there is none."""
    given = os.environ.get(GIVEN)
    if given:
        return given
    java_home()
    # pytest-xdist's processes are children of the one that leads them, and that one ends last.
    owner = os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()
    note = Path(tempfile.gettempdir()) / f"govdata-elasticsearch-of-{owner}"
    with note.open("a+") as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        shared.seek(0)
        said = shared.read() or _start_for(owner)
        shared.truncate(0)
        shared.write(said)
    if not said.startswith("http"):
        raise Unavailable(said)
    return said


def _start_for(owner: int) -> str:
    """The address of a node that runs for as long as its owner, or why there is none."""
    command = [sys.executable, "-m", __name__, "--for", str(owner)]
    folder = Path(__file__).parents[2]
    node = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert node.stdout is not None
    return node.stdout.readline().strip() or "it did not start"


def java_home() -> Path:
    """The folder of a Java that is new enough. Raises Unavailable."""
    program = shutil.which("java", path=f"{os.environ.get('JAVA_HOME', '')}/bin:{os.environ.get('PATH', '')}")
    if program is None:
        raise Unavailable(
            f"no Java is here: install the package openjdk-17-jre-headless, or name a running server in {GIVEN}"
        )
    said = subprocess.run([program, "-version"], capture_output=True, text=True).stderr
    version = said.partition('"')[2].partition('"')[0]
    if not version.partition(".")[0].isdigit() or int(version.partition(".")[0]) < _OLDEST_JAVA:
        raise Unavailable(f"Java {version} is too old, Elasticsearch needs {_OLDEST_JAVA}; {GIVEN} can name a server")
    return Path(program).resolve().parents[1]


@dataclass
class Node:
    """One node with a folder of its own under the temporary folder."""

    port: int
    transport: int
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    heap: str = "512m"
    flags: str = SMALL
    process: subprocess.Popen[bytes] | None = None
    trust: ssl.SSLContext | None = None
    """Where the node answers by https: what its certificate is checked with."""

    @property
    def url(self) -> str:
        return f"{'https' if self.trust else 'http'}://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        config = self.folder / "config"
        (config / "jvm.options.d").mkdir(parents=True, exist_ok=True)
        source = elasticsearch_home.home() / "config"
        shutil.copy(source / "log4j2.properties", config)
        options = (source / "jvm.options").read_text(encoding="utf-8").splitlines()
        kept = [line for line in options if not line.startswith("-Xlog:gc")]
        (config / "jvm.options").write_text("\n".join(kept) + "\n", encoding="utf-8")
        (config / "jvm.options.d" / "heap.options").write_text(f"-Xms{self.heap}\n-Xmx{self.heap}\n", encoding="utf-8")
        lines = [f"{name}: {value}" for name, value in (self._settings() | self.settings).items()]
        (config / "elasticsearch.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self.folder / "tmp").mkdir(exist_ok=True)

    def _settings(self) -> dict[str, str]:
        return {
            "cluster.name": "govdata-tests",
            "node.name": f"node-{self.port}",
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": str(self.transport),
            "xpack.security.enabled": "false",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }

    def start(self) -> None:
        """Start the node without waiting. It ends with this process, however that ends."""
        home = elasticsearch_home.home()
        # Nothing of this process's environment: the server takes many variables for its own.
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "HOSTNAME": "localhost",
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_JAVA_HOME": str(java_home()),
            "ES_JAVA_OPTS": self.flags,
        }
        command = [*_footing(self.folder), str(home / "bin" / "elasticsearch"), "-p", str(self.folder / "pid")]
        with (self.folder / "console.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self, seconds: float = 600, nodes: int = 1) -> None:
        """Wait until the cluster answers and has so many nodes. Raises Unavailable."""
        until = time.monotonic() + seconds
        asked = f"{self.url}/_cluster/health?wait_for_status=yellow&wait_for_nodes=%3E%3D{nodes}&timeout=1s"
        while time.monotonic() < until:
            if self._answers(asked):
                return
            if self.process is None or self.process.poll() is not None:
                break
            time.sleep(0.3)
        end = (self.folder / "console.log").read_text(errors="replace")[-2000:]
        self.stop()
        raise Unavailable(f"Elasticsearch did not start on {self.url}: {end}")

    def _answers(self, asked: str) -> bool:
        try:
            with urlopen(asked, timeout=10, context=self.trust) as answer:
                return not json.load(answer)["timed_out"]
        except HTTPError as error:
            # It is there, and knows whom it does not know.
            return error.code == 401
        except (OSError, ValueError):
            return False

    def kill(self) -> None:
        """End the node like a power cut."""
        pid = self.folder / "pid"
        if pid.exists():
            with suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGKILL)
        self._end(signal.SIGKILL)
        pid.unlink(missing_ok=True)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_nodes(count: int, heap: str = "512m", flags: str = SMALL) -> list[Node]:
    """Start a cluster and wait until it is one; it ends with this process. Raises Unavailable."""
    java_home()
    elasticsearch_home.home()
    ports = _free_ports(2 * count)
    nodes = [
        Node(ports[2 * at], ports[2 * at + 1], Path(tempfile.mkdtemp(prefix="govdata-es-")), heap=heap, flags=flags)
        for at in range(count)
    ]
    if count == 1:
        nodes[0].settings = dict(ALONE)
    else:
        seeds = ", ".join(f'"127.0.0.1:{node.transport}"' for node in nodes)
        names = ", ".join(f"node-{node.port}" for node in nodes)
        for node in nodes:
            node.settings = {"discovery.seed_hosts": f"[{seeds}]", "cluster.initial_master_nodes": f"[{names}]"}
    for node in nodes:
        atexit.register(node.remove)
        node.prepare()
        node.start()
    for node in nodes:
        node.wait(nodes=count)
    return nodes


def prepared_node() -> Node:
    """A node that is not started yet, for settings and files of the caller's own; it ends with this process."""
    http, transport = _free_ports(2)
    node = Node(http, transport, Path(tempfile.mkdtemp(prefix="govdata-es-")), settings=dict(ALONE))
    atexit.register(node.remove)
    return node


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _footing(folder: Path) -> list[str]:
    """Words before the command: bound to this process's life, and as root with another user's rights, since root is refused."""
    bound = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    if os.geteuid() != 0:
        return bound
    if not bound:
        raise Unavailable("Elasticsearch does not run as root, and setpriv (package util-linux) is missing")
    user = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *bound[1:]]


def main() -> None:
    """Run one node, say where it answers (or why it does not run), and stop it in time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--for", type=int, dest="owner", metavar="PID")
    chosen = parser.parse_args()
    try:
        java_home()
        node = prepared_node()
        node.port = chosen.port or node.port
        node.prepare()
        node.start()
        node.wait()
    except Unavailable as reason:
        print(" ".join(str(reason).split()), flush=True)
        sys.exit(1)
    print(node.url, flush=True)
    with suppress(KeyboardInterrupt):
        while chosen.owner is None or Path(f"/proc/{chosen.owner}").exists():
            time.sleep(1)
    if chosen.owner:
        (Path(tempfile.gettempdir()) / f"govdata-elasticsearch-of-{chosen.owner}").unlink(missing_ok=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
