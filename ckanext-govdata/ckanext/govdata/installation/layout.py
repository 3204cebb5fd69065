"""Where things lie: the project's folder, and the data folder of one portal."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "GOVDATA_HOME"
INSTANCE_VARIABLE = "GOVDATA_INSTANCE"


def project_home() -> Path:
    """The folder that holds `./govdata` and `var/`: given by the script, else the current folder."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.cwd()).absolute()


def config_folder() -> Path:
    """The folder with the ini files: `config/` of a source tree, else what the wheel installed beside itself."""
    in_source = project_home() / "config"
    if (in_source / "portal.ini").exists():
        return in_source
    return Path(sys.prefix) / "share" / "ckanext-govdata" / "config"


@dataclass(frozen=True)
class Layout:
    """The data folder of one portal. Everything that the portal writes lies under `data`."""

    data: Path

    @property
    def run(self) -> Path:
        """Files that mean something only while the portal runs."""
        return self.data / "run"

    @property
    def log(self) -> Path:
        """Log files, one a process, rotated."""
        return self.data / "log"

    @property
    def postgres(self) -> Path:
        """The folder given to PostgreSQL; the cluster lies in it."""
        return self.data / "postgres"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.postgres / "cluster"

    @property
    def redis(self) -> Path:
        """Redis' configuration and its append-only file."""
        return self.data / "redis"

    @property
    def storage(self) -> Path:
        """CKAN's `ckan.storage_path`: uploaded files."""
        return self.data / "storage"

    @property
    def index(self) -> Path:
        """The search index; it can be rebuilt from the database."""
        return self.data / "index"

    @property
    def ledger(self) -> Path:
        """Keys and signed checkpoints of the ledger; apart from the database, so kept apart in a backup too."""
        return self.data / "ledger"

    @property
    def parties_keys(self) -> Path:
        """What parties' identity numbers are sealed with; apart from the database, so kept apart in a backup too."""
        return self.data / "parties.keys"

    @property
    def tracing_key(self) -> Path:
        """What the marks in deliveries are made with; kept apart in a backup too."""
        return self.data / "tracing.key"

    @property
    def agreements(self) -> Path:
        """Keys and certificates that seal agreements; apart from the database, so kept apart in a backup too."""
        return self.data / "agreements"

    @property
    def ini(self) -> Path:
        """The ini that the owner may edit; made once, never overwritten. It stands on top of `generated_ini`."""
        return self.data / "ckan.ini"

    @property
    def generated_ini(self) -> Path:
        """The ini with addresses and secrets, written anew at each start."""
        return self.run / "generated.ini"

    @property
    def state(self) -> Path:
        """Secrets, ports and how far the first start came (`state.Record`)."""
        return self.data / "state.json"

    @property
    def sign_ins(self) -> Path:
        """The first sign-ins, readable by the owner only."""
        return self.data / "sign-ins.txt"

    def make(self) -> None:
        """Make the folders. Others may pass through `data` (PostgreSQL's user must) but read nothing."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o711)
        for folder in (self.run, self.log, self.redis, self.storage, self.index):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)


def layout_of(data: str | None) -> Layout:
    """The layout for a folder named on the command line, or for `var/` in the project's folder."""
    return Layout(Path(data).absolute() if data else project_home() / "var")
