"""The wheel in an empty environment, with the ini of production on other services, serves what the source tree serves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckanext.govdata.installation.layout import Layout
from ckanext.govdata.installation.machine import end_processes, wait_until
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.postgres import DATASTORE, MAIN, OWNER, READER
from ckanext.govdata.installation.services import running

from .instance import HOME, Instance, free_port

PAGES = [
    "/",
    "/en/",
    "/dataset/",
    "/organization/",
    "/about",
    "/user/login",
    "/negative-list",
    "/dataset/none",
    "/api/3",
]
UV = next(
    (path for path in (Path(sys.prefix) / "bin" / "uv", shutil.which("uv")) if path and Path(path).exists()), None
)

pytestmark = pytest.mark.skipif(UV is None, reason="uv builds the wheel; ./govdata test brings it")


def _uv(*words: str | Path, cache: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")}
    variables = {**clean, "UV_CACHE_DIR": str(cache), "UV_PYTHON": sys.executable}
    answer = subprocess.run([str(UV), *map(str, words)], cwd=HOME, env=variables, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment made as docs/installation.md says: locked packages by their hashes, then the wheel alone."""
    folder = tmp_path_factory.mktemp("wheel")
    cache, venv, requirements = folder / "cache", folder / "opt govdata", folder / "requirements.txt"
    words = ["--frozen", "--no-emit-project", "--no-default-groups", "--format", "requirements.txt"]
    _uv("export", "--quiet", *words, "--output-file", requirements, cache=cache)
    _uv("build", "--wheel", "--out-dir", folder / "dist", cache=cache)
    _uv("venv", venv, cache=cache)
    python = venv / "bin" / "python"
    _uv("pip", "install", "--python", python, "--no-deps", "--require-hashes", "-r", requirements, cache=cache)
    [wheel] = (folder / "dist").glob("*.whl")
    _uv("pip", "install", "--python", python, "--no-deps", wheel, cache=cache)
    shutil.rmtree(cache)
    return venv


@pytest.fixture(scope="module")
def production(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The installed portal, running on its own database under the gunicorn settings that the wheel brought."""
    folder = tmp_path_factory.mktemp("production")
    server = Instance(folder / "services")
    server.port = free_port()
    share = environment / "share" / "ckanext-govdata" / "config"
    with running(Portal(Layout(server.data))) as (postgres, redis):
        postgres.permit_datastore()
        given = {
            "use": f"config:{share / 'portal.ini'}",
            "ckan.site_url": f"http://127.0.0.1:{server.port}",
            "sqlalchemy.url": postgres.url(OWNER, MAIN),
            "ckan.datastore.write_url": postgres.url(OWNER, DATASTORE),
            "ckan.datastore.read_url": postgres.url(READER, DATASTORE),
            "ckan.redis.url": redis.url,
            **{
                key: str(folder / key)
                for key in ("ckan.storage_path", "ckan.webassets.path", "govdata.search.index_path")
            },
        }
        ini = folder / "portal.ini"
        ini.write_text(_filled((share / "production.ini").read_text(encoding="utf-8"), given), encoding="utf-8")
        python = str(environment / "bin" / "python")
        variables = {"PATH": os.environ["PATH"], "CKAN_INI": str(ini), "GOVDATA_BIND": f"127.0.0.1:{server.port}"}
        upgrade = [python, "-m", "ckanext.govdata.installation.ckan_command", "db", "upgrade"]
        done = subprocess.run(upgrade, cwd=folder, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        with (folder / "web.log").open("w") as log:
            command = [python, "-m", "gunicorn", "-c", str(share / "deploy" / "gunicorn.conf.py")]
            web = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
        try:
            assert wait_until(lambda: _answers(server), 90), (folder / "web.log").read_text()
            yield server
        finally:
            end_processes([web.pid], patience=15)
            web.wait()


def _filled(text: str, given: dict[str, str]) -> str:
    for key, value in given.items():
        text, count = re.subn(rf"(?m)^{re.escape(key)} = .*$", lambda _, line=f"{key} = {value}": line, text)
        assert count == 1, f"production.ini has no line for {key}"
    return text.replace("CHANGE-ME", "0123456789abcdef0123456789abcdef")


def _answers(server: Instance) -> bool:
    try:
        return server.page("/")[0] == 200
    except OSError:
        return False


def _words(page: str) -> str:
    """What a reader sees: no markup, no scripts."""
    return " ".join(re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", page).split())


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_the_same_as_from_the_source_tree(production: Instance, instance: Instance, path: str) -> None:
    installed, from_source = production.page(path), instance.page(path)
    assert installed[0] == from_source[0]
    empty = _words(installed[1]).replace(f"127.0.0.1:{production.port}", "HOST")
    if path not in ("/organization/", "/negative-list", "/", "/en/", "/dataset/"):  # these name what the other holds
        assert empty == _words(from_source[1]).replace(f"127.0.0.1:{instance.port}", "HOST")
    title = re.compile(r"(?s)<title>(.*?)</title>")
    assert title.findall(installed[1]) == title.findall(from_source[1])


def test_style_scripts_and_pictures_of_the_face_are_served(production: Instance) -> None:
    page = production.page("/")[1]
    links = set(re.findall(r'(?:href|src)="(/[^"#]+\.(?:css|js|svg|png|ico)[^"]*)"', page))
    assert any("govdata" in link for link in links)
    for link in links:
        with urllib.request.urlopen(f"http://127.0.0.1:{production.port}{link}", timeout=30) as response:
            assert response.status == 200 and response.read(), link


def test_pages_speak_chinese_and_english(production: Instance) -> None:
    assert 'lang="zh' in production.page("/")[1]
    assert 'lang="en' in production.page("/en/")[1]


def test_the_rule_packs_are_inside(production: Instance) -> None:
    status, text = production.page("/api/3/action/govdata_city_show")
    assert status == 200 and "lianyungang" in text


def test_no_setting_of_production_is_left_without_a_line(environment: Path) -> None:
    text = (environment / "share" / "ckanext-govdata" / "config" / "production.ini").read_text(encoding="utf-8")
    for key in ("govdata.city", "SECRET_KEY", "SESSION_COOKIE_SECURE = true", "REMEMBER_COOKIE_SECURE = true"):
        assert key in text
