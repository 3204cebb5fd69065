"""CKAN's own tests of search and of reading datasets, with every plugin of the portal on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..beside import make_place
from .runner import ALL_MODULES, ALL_PLUGINS, HERE, QUERIES, TIERS, exceptions, judge, run


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("modules", "least"), [((QUERIES,), 20), (ALL_MODULES, 300)], ids=["queries", "search and reading"]
)
def test_ckans_own_tests_pass_with_all_plugins_on_but_for_the_listed_ones(
    pytestconfig: pytest.Config, tmp_path: Path, modules: tuple[str, ...], least: int
) -> None:
    place = make_place(Path(str(pytestconfig.getoption("--ckan-ini"))), "conformance", 2, tmp_path)
    every = exceptions() | exceptions(HERE / "exceptions_all_plugins.yaml")
    listed = {name: cause for name, cause in every.items() if name.startswith(ALL_MODULES)}
    try:
        outcome = run(place.ini, "tantivy", ALL_PLUGINS, modules, (TIERS,))
    finally:
        place.drop()
    verdict = judge(outcome, listed)
    print(f"CKAN's own tests with {ALL_PLUGINS}: {outcome}")
    assert len(outcome.passed) > least, "CKAN's tests did not run"
    assert verdict.good, f"not listed: {verdict.unlisted}; listed but passed: {verdict.stale}"
    assert len(listed) <= 20
