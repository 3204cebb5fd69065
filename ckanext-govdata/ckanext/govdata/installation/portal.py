"""One portal put together: its services, its files, its supervisor; what `up`, `down`, `status` and `backup` share."""

import hashlib
import importlib.metadata
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from ckanext.govdata.installation import ini, ledger, state
from ckanext.govdata.installation.layout import Layout, config_folder, project_home
from ckanext.govdata.installation.machine import end_processes, instance_processes, settle_port
from ckanext.govdata.installation.postgres import Postgres
from ckanext.govdata.installation.privileges import bound_to_parent
from ckanext.govdata.installation.redis_server import RedisServer
from ckanext.govdata.installation.state import Record, write_private
from ckanext.govdata.installation.supervisor import Supervisor, configuration
from ckanext.govdata.installation.words import Refusal

WEB_PORT = 5000
_MODULE = "ckanext.govdata.installation"


def version() -> str:
    """The version of this software."""
    return importlib.metadata.version("ckanext-govdata")


def code_key() -> str:
    """Changes whenever tables may have to: with the version, CKAN's, and each migration of ours."""
    digest = hashlib.sha256(f"{version()} {importlib.metadata.version('ckan')}".encode())
    for folder in ("ckanext-govdata", "harvesters", "themes"):
        for path in sorted((project_home() / folder).glob("ckanext/*/migration/*/versions/*.py")):
            digest.update(path.name.encode())
    return digest.hexdigest()[:16]


class Portal:
    """The portal of one data folder."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.record: Record = state.load(layout.state)
        self.supervisor = Supervisor(layout)

    @property
    def address(self) -> str:
        """Where the portal answers."""
        return f"http://127.0.0.1:{self.record.ports.get('web', WEB_PORT)}/"

    @property
    def prepared(self) -> bool:
        """True once the last step of a first start is done, for this version of the software."""
        return self.record.prepared == code_key()

    def refuse_strangers_folder(self) -> None:
        """Refuse a data folder that another user made: its files could not be read or would change hands."""
        ini.refuse_odd_folder(self.layout.data)
        if self.layout.data.exists() and self.layout.data.stat().st_uid not in (os.geteuid(),):
            owner = self.layout.data.stat().st_uid
            raise Refusal(
                f"{self.layout.data} belongs to the user with number {owner}. Run the command as that user, "
                "or choose another folder with --data DIR.",
                f"{self.layout.data} 属于编号为 {owner} 的用户。请用该用户运行, 或用 --data DIR 另选目录。",
            )

    def save(self) -> None:
        """Keep the record."""
        state.save(self.layout.state, self.record)

    def settle_ports(self) -> None:
        """Give PostgreSQL and Redis ports that are free now."""
        for name in ("postgres", "redis"):
            self.record.ports[name] = settle_port(self.record.ports.get(name), self.layout.data, name)
        self.record.complete()
        self.save()

    def services(self, extra: dict[str, str] | None = None) -> tuple[Postgres, RedisServer]:
        """The two services, their folders made, nothing started; which Redis writes the file is on record before it does."""
        postgres = Postgres(self.layout, self.record, extra)
        redis = RedisServer(self.layout, self.record)
        redis.write_settings()
        self.save()
        return postgres, redis

    def write_files(self, postgres: Postgres, redis: RedisServer) -> bool:
        """Write the ini files and supervisor's; tells whether a running portal would have to start anew."""
        changed = ini.write(self.layout, ini.addresses(self.layout, self.record, postgres, redis))
        python = sys.executable
        web = [
            *bound_to_parent("TERM"), python, "-m", "gunicorn", "-c", str(config_folder() / "deploy" / "gunicorn.conf.py"),
            "--bind", f"127.0.0.1:{self.record.ports['web']}", f"{_MODULE}.wsgi:application",
        ]  # fmt: skip
        worker = [*bound_to_parent("TERM"), python, "-m", f"{_MODULE}.worker"]
        sequencer = [*bound_to_parent("TERM"), python, "-m", f"{_MODULE}.sequencer"]
        services = {"postgres": postgres.command(), "redis": redis.command()}
        commands = {**services, "web": web, "worker": worker, "sequencer": sequencer}
        ledger.write_address(self.layout, self.record, postgres)
        text = configuration(self.layout, commands)
        changed |= not self.supervisor.file.exists() or self.supervisor.file.read_text(encoding="utf-8") != text
        write_private(self.supervisor.file, text)
        return changed

    def end_leftovers(self, postgres: Postgres) -> None:
        """End what a killed supervisor left behind. Bound to their parent, they are ending already."""
        postgres.forget_dead_server()
        end_processes(instance_processes(self.layout.data), patience=10.0)

    def answers(self, path: str = "", timeout: float = 20.0) -> int:
        """The HTTP status of a page of the running portal, or 0 where nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=timeout) as response:  # noqa: S310  (own address)
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def log_tail(self, name: str, lines: int = 15) -> str:
        """The end of a process' log."""
        path: Path = self.layout.log / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""
