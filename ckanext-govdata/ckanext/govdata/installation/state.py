"""What one portal remembers between starts: its secrets, its ports, its city, and how far the first start came."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ckanext.govdata.installation.words import Refusal

SECRET_NAMES = ("postgres", "ckan", "datastore_reader", "redis", "session", "csrf", "api_token", "ledger_keeper")
#: The secrets that belong to the data (signed cookies, API tokens) and go into a backup's keys file.
DATA_SECRETS = ("session", "csrf", "api_token")


@dataclass
class Record:
    """The contents of `state.json`. `prepared` is set only after the last step of the first start.

    `redis` is the program that wrote Redis' file; `passwords` are those of the first sign-ins.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    city: str = ""
    redis: str = ""
    prepared: str = ""
    demo: bool = False
    passwords: dict[str, str] = field(default_factory=dict)

    def complete(self) -> None:
        """Make the secrets that are missing; those that exist never change."""
        for name in SECRET_NAMES:
            self.secrets.setdefault(name, secrets.token_hex(24))


def load(path: Path) -> Record:
    """The record kept in `path`, or a fresh one. Refuses a file that is no longer readable rather than guessing."""
    if not path.exists():
        return Record()
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise Refusal(
            f"{path} is damaged ({error}). Put back the copy from a backup; it holds the portal's passwords.",
            f"{path} 已损坏({error})。其中保存着门户的口令, 请从备份中恢复此文件。",
        ) from error


def save(path: Path, record: Record) -> None:
    """Write the record whole or not at all, readable by the owner only."""
    write_private(path, json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n")


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, mode 0600, safe against a kill in the middle."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
