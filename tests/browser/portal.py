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

from ..beside import CKAN, Place, make_place, run

PAGE = 5
PLUGINS = (
    "govdata_theme govdata_harvest govdata govdata_login scheming_datasets govdata_search activity datastore "
    "datatables_view text_view image_view"
)
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
# As portal.ini has it.
ckan.plugins = {plugins}
SESSION_TYPE = redis
govdata.officers.second_factor = false
govdata.login.registration = mail phone
govdata.confirm.purposes =
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
    place: Place


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(base_ini: Path, folder: Path) -> Portal:
    """Make the databases, fill them with the sample city, serve them; returns when the home page answers."""
    place = make_place(base_ini, "browser", 1, folder)
    url = f"http://127.0.0.1:{free_port()}"
    ini = folder / "portal.ini"
    ini.write_text(_SETTINGS.format(base=place.ini, page=PAGE, url=url, plugins=PLUGINS), encoding="utf-8")
    run(*CKAN, "-c", str(ini), "db", "init")
    run(*CKAN, "-c", str(ini), "db", "pending-migrations", "--apply")
    run(sys.executable, str(Path(__file__).with_name("sample_city.py")), str(ini))
    return _serve(url, ini, place, folder / "server.log")


def beside(portal: Portal, city: str) -> Portal:
    """A second server before the same databases, by another city's rules, that asks for second factors as a portal does."""
    url = f"http://127.0.0.1:{free_port()}"
    kept = [line for line in portal.ini.read_text(encoding="utf-8").splitlines() if not line.startswith(_OTHERWISE)]
    ini = portal.ini.with_name(f"{city}.ini")
    ini.write_text("\n".join([*kept, f"ckan.site_url = {url}", f"govdata.city = {city}", ""]), encoding="utf-8")
    return _serve(url, ini, portal.place, portal.ini.with_name(f"{city}.log"))


_OTHERWISE = ("ckan.site_url", "govdata.officers.second_factor", "govdata.confirm.purposes")


def _serve(url: str, ini: Path, place: Place, log: Path) -> Portal:
    port = url.rsplit(":", 1)[1]
    serve = [*CKAN, "-c", str(ini), "run", "--host", "127.0.0.1", "--port", port, "--disable-reloader"]
    with log.open("wb") as out:
        process = subprocess.Popen(serve, stdout=out, stderr=out, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    portal = Portal(url, ini, process, place)
    _wait(portal, log)
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
    halt(portal)
    portal.place.drop()


def halt(portal: Portal) -> None:
    """End the server alone; its databases stay."""
    portal.process.terminate()
    portal.process.wait(timeout=20)
