"""`./govdata test`: pytest with its own PostgreSQL and Redis in `var/test`, and a browser where one can be had."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

from ckanext.govdata.installation import libmagic
from ckanext.govdata.installation.layout import Layout, project_home
from ckanext.govdata.installation.messages import compile_stale
from ckanext.govdata.installation.portal import Portal
from ckanext.govdata.installation.postgres import DATASTORE, MAIN, OWNER, READER, Postgres
from ckanext.govdata.installation.redis_server import RedisServer
from ckanext.govdata.installation.services import FORGETFUL, running
from ckanext.govdata.installation.state import write_private
from ckanext.govdata.installation.supervisor import environment
from ckanext.govdata.installation.words import tell

#: More of them would quarrel about PostgreSQL's connections.
_PROCESSES = 4
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Programs:
    """Debian's packages that some tests need, whether they are here, and which tests those are."""

    packages: tuple[str, ...]
    here: Callable[[], bool]
    tests: str
    tests_zh: str


# libatomic1: the node program inside playwright needs it, and a small Debian has none.
_PROGRAMS = (
    Programs(
        ("chromium", "fonts-wqy-microhei", "libatomic1"),
        lambda: any(map(shutil.which, _BROWSERS)) and bool(find_library("atomic")),
        "the browser tests",
        "浏览器测试",
    ),
    Programs(
        ("poppler-utils",),
        lambda: bool(shutil.which("pdfsig")),
        "a second program's opinion on signatures (pdfsig)",
        "另一程序对签名的检验 (pdfsig)",
    ),
)


def test(options: argparse.Namespace) -> int:
    """Run the tests; pytest's exit code is the command's."""
    began = time.monotonic()
    provide_programs()
    compile_stale(project_home())
    portal = Portal(Layout(project_home() / "var" / "test"))
    tell("Starting PostgreSQL and Redis for the tests ...", "正在为测试启动 PostgreSQL 和 Redis……")
    with running(portal, FORGETFUL) as (postgres, redis):
        postgres.permit_datastore()
        postgres.trust_tests()
        ini = write_ini(portal.layout, postgres, redis)
        full = ["GOVDATA_TEST_ALL"] if options.all else []
        command = [sys.executable, "-m", "pytest", f"--ckan-ini={ini}", *shared(options.arguments)]
        code = subprocess.run(command, env=test_environment(portal, postgres, full), cwd=project_home()).returncode
    tell(f"Tests took {time.monotonic() - began:.0f} s.", f"测试用时 {time.monotonic() - began:.0f} 秒。")
    return code


def shared(arguments: list[str]) -> list[str]:
    """The whole suite is shared among a few processes, file by file; a run that names what it wants is not."""
    if any(
        argument.startswith(("-n", "--pdb", "-p")) or "::" in argument or argument.endswith(".py")
        for argument in arguments
    ):
        return arguments
    return ["-n", str(min(os.cpu_count() or 1, _PROCESSES)), "--dist", "loadfile", *arguments]


def test_environment(portal: Portal, postgres: Postgres, switches: list[str]) -> dict[str, str]:
    """The environment of tests and benchmarks: libmagic at hand, PostgreSQL's client programs on the path."""
    libmagic.ensure()
    variables = environment(portal.layout)
    variables.pop("CKAN_INI")
    path = f"{variables.get('PATH', os.defpath)}:{postgres.programs.folder}"
    return variables | {"PATH": path} | dict.fromkeys(switches, "1")


def write_ini(layout: Layout, postgres: Postgres, redis: RedisServer) -> Path:
    """Write the ini of the tests: `config/test.ini` with the addresses of the services that run now."""
    ini = layout.data / "test.ini"
    settings = {
        "use": f"config:{project_home() / 'config' / 'test.ini'}",
        "sqlalchemy.url": postgres.url(OWNER, MAIN),
        "ckan.datastore.write_url": postgres.url(OWNER, DATASTORE),
        "ckan.datastore.read_url": postgres.url(READER, DATASTORE),
        "ckan.redis.url": redis.url,
        "ckan.storage_path": str(layout.storage),
        "govdata.search.index_path": str(layout.index),
    }
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings.items()]
    write_private(ini, "\n".join(["[DEFAULT]", "debug = false", "[app:main]", *lines, ""]))
    return ini


def provide_programs() -> None:
    """Install Debian's packages that tests need where they are missing and that is possible; otherwise say what is skipped."""
    missing = [one for one in _PROGRAMS if not one.here()]
    if not missing:
        return
    packages = [package for one in missing for package in one.packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        for one in missing:
            command = f"apt-get install {' '.join(one.packages)}"
            tell(
                f"Skipped, for {one.packages[0]} is not here: {one.tests}. Root can install it: {command}",
                f"本机没有 {one.packages[0]}, 将跳过{one.tests_zh}。管理员可安装: {command}",
            )
        return
    tell(f"Installing {' '.join(packages)} for the tests ...", f"正在安装测试所需的 {' '.join(packages)}……")
    last = _install(packages)
    for one in missing:
        if not one.here():
            tell(
                f"{one.packages[0]} could not be installed; skipped: {one.tests}. {last}",
                f"未能安装 {one.packages[0]}, 将跳过{one.tests_zh}。{last}",
            )


def _install(packages: list[str]) -> str:
    """What apt said last where it failed, else nothing."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages], ["clean"]):
        given = ["apt-get", *command]
        answer = subprocess.run(given, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if answer.returncode:
            return "".join(answer.stderr.strip().splitlines()[-1:])
    return ""
