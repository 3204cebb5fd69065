"""A second place to test in, beside the one that an ini names: fresh databases, another Redis number, folders of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa
from ckan.cli import CKANConfigLoader

CKAN = [str(Path(sys.executable).with_name("ckan"))]
_REDIS_NUMBERS = 16
_INI = """[DEFAULT]
debug = false
[app:main]
use = config:{base}
sqlalchemy.url = {main}
ckan.datastore.write_url = {rows}
ckan.datastore.read_url = {reader}
ckan.redis.url = {redis}
smtp.server = 127.0.0.1:{mail}
ckan.storage_path = {folder}/storage
govdata.search.index_path = {folder}/index
"""


@dataclass(frozen=True)
class Place:
    """The ini that describes it, and its two databases."""

    ini: Path
    main: sa.URL
    rows: sa.URL

    def drop(self) -> None:
        """Take the databases away again."""
        for url in (self.main, self.rows):
            with _server_wide(url).connect() as server:
                server.execute(sa.text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))


def make_place(base: Path, name: str, number: int, folder: Path) -> Place:
    """Make the place `name` beside that of the ini `base`; `number` keeps its Redis and mail apart from others' (1 to 15)."""
    settings = dict(CKANConfigLoader(str(base)).get_config())
    main, rows = (_fresh(settings[key], name) for key in ("sqlalchemy.url", "ckan.datastore.write_url"))
    reader = sa.make_url(settings["ckan.datastore.read_url"]).set(database=rows.database)
    for kind in ("storage", "index"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    ini = folder / f"{name}.ini"
    ini.write_text(
        _INI.format(
            base=base.resolve(), main=as_text(main), rows=as_text(rows), reader=as_text(reader), folder=folder,
            redis=_other_number(settings["ckan.redis.url"], number).replace("%", "%%"), mail=6675 + number,
        ),
        encoding="utf-8",
    )  # fmt: skip
    grant(ini, rows)
    return Place(ini, main, rows)


def _fresh(text: str, name: str) -> sa.URL:
    url = sa.make_url(text)
    own = url.set(database=f"{url.database}_{name}")
    with _server_wide(url).connect() as server:
        server.execute(sa.text(f'DROP DATABASE IF EXISTS "{own.database}" WITH (FORCE)'))
        server.execute(sa.text(f'CREATE DATABASE "{own.database}"'))
    return own


def _other_number(redis: str, number: int) -> str:
    address = urlsplit(redis)
    own = int(address.path.strip("/") or 0)
    return urlunsplit(address._replace(path=f"/{(own + number) % _REDIS_NUMBERS}"))


def _server_wide(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")


def as_text(url: sa.URL) -> str:
    """The address as an ini holds it, password included."""
    return url.render_as_string(hide_password=False).replace("%", "%%")


def run(*command: str) -> str:
    """What the command printed. Raises RuntimeError with its last words where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def grant(ini: Path, rows: sa.URL) -> None:
    """Let the DataStore's reader read; the statements are CKAN's own, made for psql, whose own commands are left out."""
    statements = run(*CKAN, "-c", str(ini), "datastore", "set-permissions")
    lines = [line for line in statements.splitlines() if not line.startswith("\\")]
    with sa.create_engine(rows, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.connection.cursor().execute("\n".join(lines))
