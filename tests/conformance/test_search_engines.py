"""The tests of CKAN and of extensions that come with it, on our engines; those that use search always, all in the long run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..beside import Place, make_place
from ..servers.elasticsearch import GIVEN
from .runner import EXTENSIONS, HERE, MODULES, QUERIES, Outcome, exceptions, judge, run, run_extension

ALONE = "govdata_search"
# What 2.12.0's wheel holds, and how many of them have to pass.
ALL_OF_CKAN, ENOUGH = 2_624, 2_594


@pytest.fixture
def place(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Place]:
    made = make_place(Path(str(pytestconfig.getoption("--ckan-ini"))), "engines", 3, tmp_path)
    yield made
    made.drop()


@pytest.fixture
def cluster(elasticsearch: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(os.environ, GIVEN, elasticsearch)
    return elasticsearch


def check(outcome: Outcome, least: int, listed: dict[str, str] | None = None) -> None:
    verdict = judge(outcome, exceptions() if listed is None else listed)
    print(f"CKAN's own tests: {outcome}")
    assert len(outcome.passed) >= least, f"only {outcome}"
    assert verdict.good, f"not listed: {verdict.unlisted}; listed but passed: {verdict.stale}"


@pytest.mark.timeout(900)
def test_ckans_tests_of_search_pass_on_tantivy(place: Place) -> None:
    check(run(place.ini, "tantivy", ALONE, ("ckan.tests.lib.search",)), 100)


@pytest.mark.timeout(900)
def test_ckans_tests_of_queries_pass_on_elasticsearch(place: Place, cluster: str) -> None:
    check(run(place.ini, "elasticsearch", ALONE, (QUERIES,)), 20)


@pytest.mark.long
@pytest.mark.timeout(3 * 3600)
def test_all_of_ckans_tests_pass_on_tantivy_but_for_the_listed_ones(place: Place) -> None:
    outcome = run(place.ini, "tantivy", ALONE, ("ckan.tests",))
    assert len(outcome.passed | outcome.failed | outcome.skipped) == ALL_OF_CKAN
    check(outcome, ENOUGH)


@pytest.mark.long
@pytest.mark.timeout(3 * 3600)
def test_ckans_tests_that_use_search_pass_on_elasticsearch(place: Place, cluster: str) -> None:
    check(run(place.ini, "elasticsearch", ALONE, MODULES), 800)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", EXTENSIONS)
def test_the_tests_of_extensions_pass_on_tantivy_but_for_the_listed_ones(place: Place, name: str) -> None:
    extension = EXTENSIONS[name]
    check(run_extension(place.ini, extension), extension.enough, exceptions(HERE / "exceptions_extensions.yaml"))
