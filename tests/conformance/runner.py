"""Runs CKAN's own tests, which ship in its wheel, on our search, and holds their outcome against the listed exceptions.

    python -m tests.conformance.runner --ckan-ini INI [--engine tantivy] [--plugins "govdata_search"] [MODULE ...]
    python -m tests.conformance.runner --ckan-ini INI --all-plugins [MODULE ...]
    python -m tests.conformance.runner --ckan-ini INI --extension NAME

INI names database and Redis of the tests; the database is emptied. Without MODULE those run that use search; `ckan.tests`
is all of them. `--engine elasticsearch` needs GOVDATA_ELASTICSEARCH_URL.
Ends with 1 when a test fails that is not listed, or a listed one passes.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import secrets
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ckan
import yaml
from elasticsearch import Elasticsearch

from ..servers.elasticsearch import GIVEN

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
SITE_PACKAGES = Path(ckan.__file__).parents[1]
STANDINS = "tests.conformance.standins"
# ckanext is a namespace: without the last option each module of tests would be there twice, by two names.
_APART = ["-c", os.devnull, f"--rootdir={SITE_PACKAGES}", "-o", "consider_namespace_packages=true"]
# Gives the datasets of CKAN's tests a tier, where the catalogue is on.
TIERS = "tests.conformance.tiers"
_INI_LINES = "govdata.search.engine = {engine}"
_CLUSTER_LINES = f"""{_INI_LINES}
govdata.search.elasticsearch.url = {{url}}
govdata.search.elasticsearch.index = {{index}}"""
_LOCALES = (
    "ckan.locale_order = en pt_BR ja it cs_CZ ca es fr el sv sr sr@latin no sk fi ru de pl nl bg ko_KR hu sa sl lv"
)
_MAILS = "ckan.activity_streams_email_notifications = true"
_HARVESTERS = "harvest ckan_harvester test_harvester test_harvester2 test_action_harvester"
ALL_PLUGINS = (
    "govdata_theme govdata_harvest govdata govdata_search scheming_datasets activity datastore datatables_view text_view "
    "image_view resource_proxy"
)
QUERIES = "ckan.tests.lib.search.test_query"
# What has to pass with all plugins on; they stand in for each other's pages, which the other modules look at.
ALL_MODULES = ("ckan.tests.lib.search", "ckan.tests.logic.action.test_get")
MODULES = (
    "ckan.tests.lib.search",
    "ckan.tests.logic.action.test_get",
    "ckan.tests.logic.action.test_create",
    "ckan.tests.logic.action.test_update",
    "ckan.tests.logic.action.test_delete",
    "ckan.tests.logic.action.test_patch",
    "ckan.tests.controllers.test_package",
)


@dataclass(frozen=True)
class Extension:
    """An extension's own tests: what of its test.ini they count on, and how many of them have to pass."""

    module: str
    enough: int
    plugins: str = ""
    settings: str = ""
    helpers: tuple[str, ...] = ()


# The first four come with CKAN.
EXTENSIONS = {
    "activity": Extension("ckanext.activity.tests", 290, settings=_MAILS),
    "stats": Extension("ckanext.stats.tests", 10),
    "tracking": Extension("ckanext.tracking.tests", 13, helpers=("tests.conformance.tracking",)),
    "multilingual": Extension("ckanext.multilingual.tests", 4, settings=_LOCALES),
    "dcat": Extension("ckanext.dcat.tests", 330, "dcat", "ckanext.dcat.enable_content_negotiation = true"),
    "harvest": Extension("ckanext.harvest.tests", 103, _HARVESTERS, "ckan.harvest.timeout = 5"),
}


@dataclass
class Outcome:
    """The names of tests by what became of them."""

    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


@dataclass(frozen=True)
class Verdict:
    """Where the outcome differs from what the exceptions say."""

    unlisted: list[str]
    """Failed without being listed."""
    stale: list[str]
    """Listed, and passed all the same."""

    @property
    def good(self) -> bool:
        return not self.unlisted and not self.stale


def exceptions(path: Path = HERE / "exceptions.yaml") -> dict[str, str]:
    """The listed tests with their causes. Raises ValueError for an entry without a cause."""
    listed = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    lacking = [entry.get("name") for entry in listed if not entry.get("cause")]
    if lacking:
        raise ValueError(f"{path.name}: no cause given for {', '.join(map(str, lacking))}")
    return {entry["name"]: entry["cause"] for entry in listed}


def judge(outcome: Outcome, listed: dict[str, str]) -> Verdict:
    def is_listed(name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, _literal(pattern)) for pattern in listed)

    stale = [p for p in listed if not p.endswith("*") and p in outcome.passed]
    return Verdict(sorted(name for name in outcome.failed if not is_listed(name)), sorted(stale))


def _literal(pattern: str) -> str:
    """Only a `*` at the end is a wildcard; the brackets of parametrised names are themselves."""
    return pattern.replace("[", "[[]")


def read_report(path: Path) -> Outcome:
    outcome = Outcome()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case}
        place = (
            outcome.failed
            if kinds & {"failure", "error"}
            else outcome.skipped
            if "skipped" in kinds
            else outcome.passed
        )
        place.add(name.split("site-packages.")[-1])
    outcome.passed -= outcome.failed
    return outcome


def run_extension(base: Path, extension: Extension) -> Outcome:
    """Run the tests of one extension by themselves, on tantivy, with its plugins beside our search."""
    ours = f"{_INI_LINES.format(engine='tantivy')}\n{extension.settings}"
    return _run(
        base, ours, f"govdata_search {extension.plugins}".strip(), (extension.module,), extension.helpers, apart=True
    )


def run(base: Path, engine: str, plugins: str, modules: tuple[str, ...], helpers: tuple[str, ...] = ()) -> Outcome:
    """Run CKAN's tests in a process of their own with an ini, folders and an index of their own."""
    if engine != "elasticsearch":
        return _run(base, _INI_LINES.format(engine=engine), plugins, modules, helpers)
    url, index = os.environ[GIVEN], f"conformance-{secrets.token_hex(4)}"
    try:
        return _run(base, _CLUSTER_LINES.format(engine=engine, url=url, index=index), plugins, modules, helpers)
    finally:
        with Elasticsearch(url) as client:
            made = list(client.indices.get(index=f"{index}-*"))
            if made:
                client.indices.delete(index=made)


def _run(
    base: Path, engine: str, plugins: str, modules: tuple[str, ...], helpers: tuple[str, ...], apart: bool = False
) -> Outcome:
    """`apart`: without our settings of pytest and our tests' conftest.py, which it finds below the folder it starts in."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        ini = Path(folder) / "ckan.ini"
        text = (HERE / "ckan.ini.in").read_text(encoding="utf-8")
        ini.write_text(
            text.format(base=base.resolve(), engine=engine, plugins=plugins, folder=folder), encoding="utf-8"
        )
        report = Path(folder) / "report.xml"
        command = Path(sys.executable).with_name("ckan")
        # What another site left behind, its site user for one, would be counted by CKAN's tests.
        for step in (["clean", "--yes"], ["init"]):
            subprocess.run([command, "-c", ini, "db", *step], check=True, capture_output=True)
        options = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", "--tb=short", "--disable-warnings"]
        options += _APART if apart else []
        options += [option for helper in (STANDINS, *helpers) for option in ("-p", helper)]
        reading = [f"--ckan-ini={ini}", f"--junitxml={report}"]
        tests = [sys.executable, "-m", "pytest", *options, *reading, "--pyargs", *modules]
        where: dict[str, Any] = {"cwd": folder, "env": os.environ | {"PYTHONPATH": str(PROJECT)}} if apart else {}
        subprocess.run(tests, check=False, **where)
        return read_report(report)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ckan-ini", type=Path, required=True)
    parser.add_argument("--engine", default="tantivy")
    parser.add_argument("--plugins", default="govdata_search")
    parser.add_argument("--all-plugins", action="store_true")
    parser.add_argument("--extension", choices=EXTENSIONS, help="the tests of this extension, on tantivy")
    parser.add_argument("modules", nargs="*")
    chosen = parser.parse_args(arguments)
    listed = exceptions()
    if chosen.extension:
        plugins, outcome = chosen.extension, run_extension(chosen.ckan_ini, EXTENSIONS[chosen.extension])
        listed = exceptions(HERE / "exceptions_extensions.yaml")
    elif chosen.all_plugins:
        plugins = ALL_PLUGINS
        outcome = run(chosen.ckan_ini, chosen.engine, plugins, tuple(chosen.modules) or ALL_MODULES, (TIERS,))
        listed |= exceptions(HERE / "exceptions_all_plugins.yaml")
    else:
        plugins = chosen.plugins
        outcome = run(chosen.ckan_ini, chosen.engine, plugins, tuple(chosen.modules) or MODULES)
    verdict = judge(outcome, listed)
    print(f"\nCKAN's own tests with {plugins} on {chosen.engine}: {outcome}")
    for title, names in (("not listed", verdict.unlisted), ("listed but passed", verdict.stale)):
        for name in names:
            print(f"{title}: {name}")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
