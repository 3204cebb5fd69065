"""The ledger's sequencer as a process of its own, without CKAN: `python -m ...installation.sequencer`, CKAN_INI set.

It does what `ckan govdata ledger run` does, in a sixth of the memory.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg2

from ckanext.govdata.installation.settings import setting
from ckanext.govdata.ledger.errors import LedgerError
from ckanext.govdata.ledger.keys import Folder
from ckanext.govdata.ledger.service import Service

_CHECKPOINT_MINUTES = "10"


def folder_of(ini: Path) -> Path:
    """The ledger's folder, by the same rule as `config.ledger_folder`."""
    given = setting(ini, "govdata.ledger.path")
    return Path(given) if given else ini.resolve().parent / "ledger"


def checkpoint_seconds(ini: Path) -> float:
    """Seconds between two signed checkpoints, by the same rule as `config.ledger_checkpoint_seconds`."""
    return max(1, int(setting(ini, "govdata.ledger.checkpoint_minutes", _CHECKPOINT_MINUTES))) * 60.0


def main() -> int:
    """Sequence, sign and purge until told to stop. Ends with 1 where the log is not the one that was signed."""
    ini = Path(os.environ["CKAN_INI"])
    folder = Folder(folder_of(ini))
    portal = setting(ini, "sqlalchemy.url").replace("postgresql+psycopg2://", "postgresql://")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def connect() -> psycopg2.extensions.connection:
        keepalives: dict[str, Any] = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
        url = folder.keeper_url or portal
        return psycopg2.connect(url, connect_timeout=10, application_name="govdata_ledger", **keepalives)

    def tell(line: str) -> None:
        print(line, flush=True)

    try:
        Service(connect, folder, checkpoint_seconds(ini), tell).run(lambda: not stop.is_set())
    except LedgerError as error:
        tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
