"""`./govdata bench [NAME]`: run the benchmarks of `tests/bench` and write a table of each with machine and versions.

A benchmark is a module `tests/bench/NAME.py` with a function `main() -> Iterable[Mapping[str, object]]`: one row a mapping.
It runs in a process of its own, with the addresses of its PostgreSQL and Redis in the ini that `CKAN_INI` names.
"""

import argparse
import importlib
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ckanext.govdata.installation.layout import Layout, project_home
from ckanext.govdata.installation.portal import Portal, version
from ckanext.govdata.installation.services import FORGETFUL, running
from ckanext.govdata.installation.testing import test_environment, write_ini
from ckanext.govdata.installation.words import Refusal, tell


def benchmarks() -> dict[str, Path]:
    """The benchmarks there are, by name."""
    folder = project_home() / "tests" / "bench"
    return {
        path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith(("_", "test_", "conftest"))
    }


def bench(options: argparse.Namespace) -> int:
    """Run one benchmark, or all; a failing one makes the exit code 1."""
    found = benchmarks()
    if options.name and options.name not in found:
        known = ", ".join(found) or "-"
        raise Refusal(
            f"There is no benchmark '{options.name}'. There are: {known}",
            f"没有名为“{options.name}”的测量。现有: {known}",
        )
    if not found:
        raise Refusal("There are no benchmarks in tests/bench.", "tests/bench 中没有测量程序。")
    names = [options.name] if options.name else list(found)
    portal = Portal(Layout(project_home() / "var" / "bench"))
    codes = []
    with running(portal, FORGETFUL) as (postgres, redis):
        postgres.permit_datastore()
        postgres.trust_tests()
        ini = write_ini(portal.layout, postgres, redis)
        for name in names:
            tell(f"Measuring {name} ...", f"正在测量 {name}……")
            command = [
                sys.executable,
                "-m",
                "ckanext.govdata.installation.bench",
                str(found[name]),
                str(portal.layout.data),
            ]
            variables = test_environment(portal, postgres, []) | {
                "CKAN_INI": str(ini),
                "PYTHONPATH": str(project_home()),
            }
            codes.append(subprocess.run(command, env=variables, cwd=project_home()).returncode)
    return 1 if any(codes) else 0


def table(name: str, rows: Iterable[Mapping[str, object]]) -> str:
    """The rows as a Markdown table under a line that says where and with what it was measured."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    packages = ("ckan", "tantivy", "sqlalchemy", "redis")
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
    moment = datetime.now().astimezone().isoformat(" ", "minutes")
    return "\n".join(
        [
            f"# {name}",
            "",
            f"{moment}; {machine()}; ckanext-govdata {version()}, Python {platform.python_version()}, {versions}",
            "",
            "| " + " | ".join(columns) + " |",
            "|" + "---|" * len(columns),
            *("| " + " | ".join(_cell(row.get(column, "")) for column in columns) + " |" for row in rows),
            "",
        ]
    )


def machine() -> str:
    """The machine in one phrase: processor, cores, memory, system."""
    information = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    model = next((line.partition(":")[2].strip() for line in information if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return f"{model}, {os.cpu_count()} cores, {memory} GiB, {platform.system()} {platform.release()}"


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def read(name: str) -> Any:
    """A benchmark's module; by its package, since dataclasses look their module up by name."""
    # The package before CKAN's command line is imported, which puts its own folder first, tests of its own in it.
    importlib.import_module("tests.bench")
    return importlib.import_module(f"tests.bench.{name}")


def main() -> None:
    """Run the benchmark file given, print its table and keep it in the data folder."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    module = read(file.stem)
    text = table(file.stem, module.main())
    (folder / f"{file.stem}.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
