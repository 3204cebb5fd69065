"""The ledger of a portal under `./govdata`: guarded by the database from the first start on, its keys in a folder apart."""

import time
from pathlib import Path
from typing import Any

from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.postgres import MAIN, OWNER, Postgres
from ckanext.govdata.installation.settings import setting
from ckanext.govdata.installation.state import Record, write_private
from ckanext.govdata.ledger import strict
from ckanext.govdata.ledger.keeping import note_keeping
from ckanext.govdata.ledger.keys import Folder

#: What is public of the folder: it goes into a backup beside the database. The rest is kept with the keys.
PUBLIC = ("log.vkey", "old.vkeys")
_APART = (*PUBLIC, "log.key", "anchors")


def write_address(layout: Layout, record: Record, postgres: Postgres) -> None:
    """Tell the sequencer where the database is at this start; before the first one's end it has no role there yet."""
    folder = Folder(layout.ledger)
    url = _url(record, postgres)
    if record.prepared and folder.keeper_url not in (None, url):
        folder.write_keeper_url(url)


def _url(record: Record, postgres: Postgres) -> str:
    keeper, password = strict.keeper_of(MAIN), record.secrets["ledger_keeper"]
    return f"postgresql://{keeper}:{password}@127.0.0.1:{postgres.record.ports['postgres']}/{MAIN}"


def guard(layout: Layout, record: Record, postgres: Postgres) -> None:
    """Put the ledger into strict mode and make its key where there is none; may be repeated."""
    folder = Folder(layout.ledger)
    connection = _superuser(postgres)
    try:
        strict.setup(connection, OWNER, record.secrets["ledger_keeper"])
        note_keeping(connection, "ledger-guarded")
        if not (layout.ledger / "log.key").exists():
            key = folder.make_key(_origin(layout))
            note_keeping(connection, "ledger-key-made", {"govdata.ledger.key": key.encode()})
    finally:
        connection.close()
    folder.write_keeper_url(_url(record, postgres))


def _superuser(postgres: Postgres) -> Any:
    connection = postgres.connect(MAIN)
    connection.autocommit = False
    return connection


def _origin(layout: Layout) -> str:
    """The log's name, by the same rule as `config.ledger_origin`."""
    site = setting(layout.ini, "ckan.site_url").split("://", 1)[-1].rstrip("/")
    return setting(layout.ini, "govdata.ledger.origin") or f"{site}/ledger"


def kept_apart(layout: Layout) -> dict[str, str]:
    """The folder's files that belong beside the keys, not beside the database. Read them before the database is dumped:
    a checkpoint that the dump does not reach would make the restored log look cut off.
    """
    files = {name: layout.ledger / name for name in _APART}
    return {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.exists()}


def put_back(layout: Layout, files: dict[str, str]) -> None:
    """Make the folder of a restored portal."""
    layout.ledger.mkdir(exist_ok=True)
    layout.ledger.chmod(0o700)
    for name in _APART:
        if name in files:
            write_private(layout.ledger / name, files[name])


def set_aside(layout: Layout) -> Path | None:
    """Move the ledger's folder out of the way of a restore: its checkpoints are evidence and are not deleted."""
    if not layout.ledger.exists():
        return None
    aside = layout.ledger.with_name(f"ledger.before-{time.strftime('%Y%m%dT%H%M%S')}")
    layout.ledger.rename(aside)
    return aside


def note_restore(postgres: Postgres, described: dict[str, Any], aside: Path | None) -> None:
    """Record in the restored log that it was restored, and what the replaced portal had signed last."""
    fields: dict[str, Any] = {"govdata.backup.made": described["made"], "govdata.backup.version": described["version"]}
    last = Folder(aside).last_anchor() if aside else None
    if last:
        fields |= {"govdata.backup.replaced_size": last[0].size, "govdata.backup.replaced_root": last[0].root.hex()}
    connection = _superuser(postgres)
    try:
        note_keeping(connection, "portal-restored", fields)
    finally:
        connection.close()


def note_backup(postgres: Postgres) -> None:
    """Record that the portal was copied: whoever holds the copy holds the data."""
    connection = _superuser(postgres)
    try:
        note_keeping(connection, "portal-backed-up")
    finally:
        connection.close()
