"""`./govdata backup FILE`: the whole portal in one file, its keys in a second one."""

import argparse
import json
import os
import subprocess
import tarfile
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ckanext.govdata.installation import ledger
from ckanext.govdata.installation.layout import layout_of
from ckanext.govdata.installation.portal import Portal, version
from ckanext.govdata.installation.postgres import DATASTORE, MAIN, Postgres
from ckanext.govdata.installation.state import DATA_SECRETS, write_private
from ckanext.govdata.installation.words import Refusal, tell

FORMAT = 1
MANIFEST = "manifest.json"
DUMPS = {MAIN: "portal.dump", DATASTORE: "datastore.dump"}
STORAGE, OWNERS_INI, LEDGER = "storage", "ckan.ini", "ledger"


def keys_file(file: Path) -> Path:
    """Where the keys that belong to a backup lie."""
    return file.with_name(file.name + ".keys")


def backup(options: argparse.Namespace) -> int:
    """Write the backup of a running portal. The file appears under its name only when it is whole."""
    began = time.monotonic()
    portal, file = Portal(layout_of(options.data)), Path(options.file).absolute()
    if portal.supervisor.pid is None:
        raise Refusal(
            "The portal does not run, and a backup needs its database. First: ./govdata up --detach",
            "门户没有运行, 而备份需要数据库。请先运行: ./govdata up --detach",
        )
    if not file.parent.is_dir():
        raise Refusal(f"The folder {file.parent} does not exist.", f"目录 {file.parent} 不存在。")
    postgres, _ = portal.services()
    postgres.wait_ready()
    ledger.note_backup(postgres)
    signed = ledger.kept_apart(portal.layout)
    # Databases first: a file uploaded meanwhile is then too many in the backup, never too few.
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".govdata-backup-") as folder:
        for database, name in DUMPS.items():
            tell(f"Copying database {database} ...", f"正在备份数据库 {database}……")
            dump(postgres, database, Path(folder) / name)
        Path(folder, MANIFEST).write_text(json.dumps(manifest(portal, postgres), indent=1), encoding="utf-8")
        tell("Copying files ...", "正在备份文件……")
        _pack(portal, Path(folder), file)
    record = portal.record
    keys: dict[str, Any] = {
        "secrets": {name: record.secrets[name] for name in DATA_SECRETS},
        "passwords": record.passwords,
    }
    keys["ledger"] = signed
    if portal.layout.parties_keys.exists():
        keys["parties"] = portal.layout.parties_keys.read_text(encoding="utf-8")
    if portal.layout.agreements.exists():
        keys["agreements"] = files_of(portal.layout.agreements)
    if portal.layout.tracing_key.exists():
        keys["tracing"] = portal.layout.tracing_key.read_text(encoding="ascii")
    write_private(keys_file(file), json.dumps(keys, indent=1) + "\n")
    size, seconds = file.stat().st_size / 1e6, time.monotonic() - began
    tell(f"{file}: {size:.1f} MB in {seconds:.1f} s.", f"{file}: {size:.1f} MB, 用时 {seconds:.1f} 秒。")
    tell(f"The keys are in {keys_file(file)}; keep them apart.", f"密钥在 {keys_file(file)}, 请与备份分开保管。")
    return 0


def files_of(folder: Path) -> dict[str, str]:
    """Keys and certificates of a folder, by their place in it."""
    found = [*sorted(folder.rglob("*.key")), *sorted(folder.rglob("*.crt"))]
    return {str(path.relative_to(folder)): path.read_text(encoding="ascii") for path in found}


def manifest(portal: Portal, postgres: Postgres) -> dict[str, Any]:
    """What a restore must know before it touches anything."""
    made = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return {
        "format": FORMAT,
        "version": version(),
        "postgres": postgres.programs.major,
        "made": made,
        "city": portal.record.city,
    }


def dump(postgres: Postgres, database: str, file: Path) -> None:
    """Dump one database in PostgreSQL's own compressed form, a consistent moment of it."""
    answer = subprocess.run(
        [postgres.programs["pg_dump"], "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", database],
        env=client_environment(postgres),
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise Refusal(f"pg_dump failed: {answer.stderr}", f"pg_dump 出错: {answer.stderr}")


def client_environment(postgres: Postgres) -> dict[str, str]:
    """How PostgreSQL's client programs find the portal's server; the password stands in no command line."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.record.ports["postgres"])}
    return clean | address | {"PGUSER": "postgres", "PGPASSWORD": postgres.record.secrets["postgres"]}


def _pack(portal: Portal, folder: Path, file: Path) -> None:
    unfinished = folder / "backup.tar.gz"
    with tarfile.open(unfinished, "w:gz", compresslevel=3) as archive:
        archive.add(folder / MANIFEST, MANIFEST)
        for name in DUMPS.values():
            archive.add(folder / name, name)
        archive.add(portal.layout.ini, OWNERS_INI)
        archive.add(portal.layout.storage, STORAGE)
        for name in ledger.PUBLIC:
            if (portal.layout.ledger / name).exists():
                archive.add(portal.layout.ledger / name, f"{LEDGER}/{name}")
    unfinished.chmod(0o600)
    unfinished.replace(file)
