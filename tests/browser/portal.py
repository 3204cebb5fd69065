"""A portal of its own for the browser: two databases, an index and a folder that nobody else uses, and a server on them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

PAGE = 5
_CKAN = [str(Path(sys.executable).with_name("ckan"))]
_SETTINGS = """[DEFAULT]
debug = false
[app:main]
use = config:{base}
ckan.site_id = govdata_browser
ckan.site_url = {url}
ckan.site_title = 江海市公共数据开放平台
ckan.locale_default = zh_Hans_CN
ckan.locales_offered = zh_Hans_CN en
ckan.auth.create_user_via_web = false
ckan.auth.create_unowned_dataset = false
ckan.views.default_views =
ckan.datasets_per_page = {page}
WTF_CSRF_ENABLED = true
WTF_CSRF_SECRET_KEY = only-for-the-browser-tests
testing = false
sqlalchemy.url = {main}
ckan.datastore.write_url = {rows}
ckan.datastore.read_url = {read}
ckan.storage_path = {folder}/storage
govdata.search.index_path = {folder}/index
govdata.footer.sponsor = 江海市大数据局
govdata.footer.operator = 江海市信息中心
govdata.footer.icp = 苏ICP备00000000号
govdata.footer.police = 苏公网安备00000000000000号
govdata.footer.site_identifier = 0000000000
govdata.footer.contact = 0000-0000000
govdata.footer.email = data@jianghai.example
"""


@dataclass
class Portal:
    """A running portal: its address, its settings file, its process."""

    url: str
    ini: Path
    process: subprocess.Popen[bytes]
    databases: tuple[sa.URL, sa.URL]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _server_wide(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")


def make_databases(main: str, rows: str) -> tuple[sa.URL, sa.URL]:
    """Fresh databases beside the two that the tests' settings name, on the same servers."""
    made = []
    for text in (main, rows):
        url = sa.make_url(text)
        own = url.set(database=f"{url.database}_browser")
        with _server_wide(url).connect() as server:
            server.execute(sa.text(f'DROP DATABASE IF EXISTS "{own.database}" WITH (FORCE)'))
            server.execute(sa.text(f'CREATE DATABASE "{own.database}"'))
        made.append(own)
    return made[0], made[1]


def drop_databases(databases: tuple[sa.URL, sa.URL]) -> None:
    for url in databases:
        with _server_wide(url).connect() as server:
            server.execute(sa.text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def _grant(ini: Path, rows: sa.URL) -> None:
    """Let the DataStore's reader read; the statements are CKAN's own, made for psql, whose own commands are left out."""
    statements = _run(*_CKAN, "-c", str(ini), "datastore", "set-permissions")
    lines = [line for line in statements.splitlines() if not line.startswith("\\")]
    with sa.create_engine(rows, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.connection.cursor().execute("\n".join(lines))


def start(base_ini: Path, settings: dict[str, str], folder: Path) -> Portal:
    """Make the databases, fill them with the sample city, serve them; returns when the home page answers."""
    databases = make_databases(settings["sqlalchemy.url"], settings["ckan.datastore.write_url"])
    url = f"http://127.0.0.1:{free_port()}"
    reader = sa.make_url(settings["ckan.datastore.read_url"]).set(database=databases[1].database)
    ini = folder / "browser.ini"
    ini.write_text(
        _SETTINGS.format(
            base=base_ini,
            page=PAGE,
            url=url,
            main=_text(databases[0]),
            rows=_text(databases[1]),
            read=_text(reader),
            folder=folder,
        ),
        encoding="utf-8",
    )
    for name in ("storage", "index"):
        (folder / name).mkdir()
    _run(*_CKAN, "-c", str(ini), "db", "init")
    _run(*_CKAN, "-c", str(ini), "db", "pending-migrations", "--apply")
    _grant(ini, databases[1])
    _run(sys.executable, str(Path(__file__).with_name("sample_city.py")), str(ini))
    log = (folder / "server.log").open("wb")
    serve = [
        *_CKAN,
        "-c",
        str(ini),
        "run",
        "--host",
        "127.0.0.1",
        "--port",
        url.rsplit(":", 1)[1],
        "--disable-reloader",
    ]
    process = subprocess.Popen(serve, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    portal = Portal(url, ini, process, databases)
    _wait(portal, folder / "server.log")
    return portal


def _wait(portal: Portal, log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and portal.process.poll() is None:
        try:
            with urllib.request.urlopen(portal.url + "/", timeout=20) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the home page answers {error.code}:\n{log.read_text()[-4000:]}") from error
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"the portal did not come up:\n{log.read_text()[-4000:]}")


def stop(portal: Portal) -> None:
    portal.process.terminate()
    portal.process.wait(timeout=20)
    drop_databases(portal.databases)
