"""Which test proves which requirement of the municipal rules: from the tests' marks to docs/requirements.md.

    python -m tests.requirements --ckan-ini INI     writes docs/requirements.md anew

INI names the database of the tests, which CKAN's pytest plugin wants even for collecting; nothing is written there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "requirements.md"
LISTED = Path(__file__).with_name("requirements.yaml")
# By their keys in tests' parameters: a test that is run once for a city proves its requirement for that city.
CITIES = ("yangzhou", "lianyungang", "dongchangfu", "guiyang", "zibo")
_RULES = {"YZ": "Yangzhou", "LYG": "Lianyungang", "DCF": "Dongchangfu", "GY": "Guiyang", "ZB": "Zibo"}

# Requirement to test to the cities that the test names in its parameters; none for a test of one city or of all alike.
Proofs = Mapping[str, Mapping[str, list[str]]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements-to", default=None, help="where the marks of the collected tests are written")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Loaded with `-p`: write requirement -> tests of everything that was collected."""
    target = session.config.getoption("--requirements-to")
    if target is None:
        return
    found: dict[str, dict[str, set[str]]] = {}
    for item in session.items:
        name, cities = item.nodeid.split("[")[0], _cities_of(item)
        for mark in item.iter_markers("requirement"):
            for requirement in mark.args:
                found.setdefault(requirement, {}).setdefault(name, set()).update(cities)
    marks = {
        requirement: {name: [city for city in CITIES if city in tests[name]] for name in sorted(tests)}
        for requirement, tests in found.items()
    }
    Path(target).write_text(json.dumps(marks), encoding="utf-8")


def _cities_of(item: pytest.Item) -> set[str]:
    """The cities among a test's parameters."""
    given = getattr(item, "callspec", None)
    return {value for value in given.params.values() if isinstance(value, str) and value in CITIES} if given else set()


@cache
def collect(ini: Path) -> Proofs:
    """Collect all tests in a process of its own. Raises RuntimeError when one of their modules cannot be imported."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "marks.json"
        options = ["-q", "--collect-only", f"--ckan-ini={ini.resolve()}", f"--requirements-to={target}", "tests"]
        command = [sys.executable, "-m", "pytest", "-p", "tests.requirements", *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode or not target.exists():
            raise RuntimeError(f"the tests could not be collected:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return dict(json.loads(target.read_text(encoding="utf-8")))


def listed() -> list[str]:
    """The identifiers of all requirements, in the order of rules and articles."""
    by_rule = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return [identifier for identifiers in by_rule.values() for identifier in identifiers]


def page(proofs: Proofs) -> str:
    """The text of docs/requirements.md."""
    known = listed()
    lines = [
        "# Requirements and their tests",
        "",
        "Each requirement of the municipal rules with the tests that prove it. Written by `python -m tests.requirements`;",
        "a test fails when it is behind the code. An identifier is rule and article, for Guiyang rule and chapter.",
        "Behind a test stand the cities that it is run in, where it is run by city.",
        f"Proven so far: {sum(bool(proofs.get(identifier)) for identifier in known)} of {len(known)}.",
    ]
    rule = ""
    for identifier in known:
        if identifier.split("-")[0] != rule:
            rule = identifier.split("-")[0]
            lines += ["", f"## {_RULES[rule]}", "", "| requirement | tests |", "|---|---|"]
        tests = "<br>".join(_line(name, cities) for name, cities in proofs.get(identifier, {}).items())
        lines.append(f"| {identifier} | {tests or 'none yet'} |")
    return "\n".join(lines) + "\n"


def _line(name: str, cities: list[str]) -> str:
    shown = "each city" if len(cities) == len(CITIES) else ", ".join(cities)
    return f"`{name.removeprefix('tests/')}`" + (f" ({shown})" if shown else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ckan-ini", type=Path, default=ROOT / "config" / "test.ini")
    PAGE.write_text(page(collect(parser.parse_args().ckan_ini)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
