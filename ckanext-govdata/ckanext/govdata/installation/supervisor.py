"""The processes of one portal under `supervisor`: its configuration, starting it, talking to it."""

import os
import shlex
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from ckanext.govdata.installation.layout import HOME_VARIABLE, INSTANCE_VARIABLE, Layout, project_home
from ckanext.govdata.installation.machine import alive, wait_until
from ckanext.govdata.installation.words import Refusal

SERVICES = ("postgres", "redis")
PROGRAMS = (*SERVICES, "web", "worker", "sequencer")
_LONGEST_SOCKET = 100
#: A process that ends sooner has failed to start: supervisor says BACKOFF, and `up` tells why.
_SETTLED = {"postgres": 1, "redis": 1, "web": 10, "worker": 10, "sequencer": 5}
_STOP = {
    "postgres": ("INT", 60),
    "redis": ("TERM", 20),
    "web": ("TERM", 20),
    "worker": ("TERM", 20),
    "sequencer": ("TERM", 20),
}


def environment(layout: Layout) -> dict[str, str]:
    """The environment of every child: marked as this portal's, free of variables that would override the ini."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CKAN_", "PG"))}
    return clean | {
        INSTANCE_VARIABLE: str(layout.data),
        HOME_VARIABLE: str(project_home()),
        "CKAN_INI": str(layout.ini),
        "PYTHONUTF8": "1",
    }


def socket_path(layout: Layout) -> Path:
    """Where supervisor listens: in the data folder, or, where that path is too long for a socket, in a private short one."""
    near = layout.run / "supervisor.sock"
    if len(os.fsencode(near)) <= _LONGEST_SOCKET:
        return near
    pointer = layout.run / "socket-folder"
    folder = Path(pointer.read_text()) if pointer.exists() else None
    if folder is None or not folder.is_dir() or folder.stat().st_uid != os.geteuid():
        folder = Path(tempfile.mkdtemp(prefix="govdata-", dir="/tmp"))
        pointer.write_text(str(folder))
    return folder / "supervisor.sock"


def _quoted(text: str | Path) -> str:
    return str(text).replace("%", "%%")


def configuration(layout: Layout, commands: Mapping[str, list[str]]) -> str:
    """The whole text of supervisor's ini. Services start with it; the others are started once the database is ready."""
    sock = _quoted(socket_path(layout))
    parts = [
        "[supervisord]",
        f"logfile = {_quoted(layout.log / 'supervisor.log')}",
        "logfile_maxbytes = 2MB\nlogfile_backups = 2\nsilent = true\nnodaemon = true",
        f"pidfile = {_quoted(layout.run / 'supervisor.pid')}",
        f"childlogdir = {_quoted(layout.log)}\ndirectory = /",
        *(["user = root"] if os.geteuid() == 0 else []),
        f"[unix_http_server]\nfile = {sock}\nchmod = 0600",
        f"[supervisorctl]\nserverurl = unix://{sock}",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for name in PROGRAMS:
        parts.append(_program(layout, name, commands[name]))
    return "\n".join(parts) + "\n"


def _program(layout: Layout, name: str, command: list[str]) -> str:
    signal, patience = _STOP[name]
    return "\n".join(
        [
            f"[program:{name}]",
            f"command = {_quoted(shlex.join(command))}",
            f"autostart = {'true' if name in SERVICES else 'false'}",
            f"autorestart = true\nstartsecs = {_SETTLED[name]}\nstartretries = 1000",
            f"priority = {10 if name in SERVICES else 20}",
            f"stopsignal = {signal}\nstopwaitsecs = {patience}",
            # One signal to PostgreSQL's parent lets it end its own; the others end with their whole group.
            "killasgroup = true",
            f"stdout_logfile = {_quoted(layout.log / name)}.log",
            "redirect_stderr = true\nstdout_logfile_maxbytes = 5MB\nstdout_logfile_backups = 2",
        ]
    )


class Supervisor:
    """The supervisor of one portal, running or not."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.file = layout.run / "supervisor.conf"

    @property
    def pid(self) -> int | None:
        """The process id of the running supervisor of this portal, or None."""
        try:
            pid = int((self.layout.run / "supervisor.pid").read_text())
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        mine = f"{INSTANCE_VARIABLE}={self.layout.data}".encode() in variables
        return pid if mine and alive(pid) else None

    def start(self) -> None:
        """Start supervisor in the background, in a session of its own, and return when it answers."""
        log = (self.layout.log / "supervisor.out").open("w")
        with log:
            child = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env=environment(self.layout),
            )
        if not wait_until(lambda: child.poll() is not None or self.answers(), 15.0) or child.poll() is not None:
            text = (self.layout.log / "supervisor.out").read_text(errors="replace")[-1000:]
            raise Refusal(f"supervisor does not start: {text}", f"supervisor 未能启动: {text}")

    def rpc(self) -> Any:
        """supervisor's own interface (`supervisor.startProcess(...)` and so on)."""
        transport = SupervisorTransport(None, None, f"unix://{socket_path(self.layout)}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def answers(self) -> bool:
        """True if supervisor runs and answers."""
        try:
            return self.rpc().getState()["statename"] == "RUNNING"
        except (OSError, xmlrpc.client.Error):
            return False

    def states(self) -> dict[str, dict[str, Any]]:
        """What supervisor knows of each process."""
        return {row["name"]: row for row in self.rpc().getAllProcessInfo()}

    def ensure_running(self, name: str) -> None:
        """Start one process if it does not run."""
        if self.states()[name]["statename"] not in ("RUNNING", "STARTING"):
            try:
                self.rpc().startProcess(name, False)
            except xmlrpc.client.Fault as fault:
                if "ALREADY_STARTED" not in fault.faultString:
                    raise

    def stop(self) -> None:
        """Stop everything: web and worker first, then the services; return when all has ended."""
        pid = self.pid
        if pid is None:
            return
        if self.answers():
            self.rpc().shutdown()
        else:
            os.kill(pid, 15)
        wait_until(lambda: not alive(pid), 90.0)
