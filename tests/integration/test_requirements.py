"""The table of requirements and tests is current, and no test names a requirement that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.requirements import PAGE, collect, listed, page


def test_the_table_of_requirements_says_what_the_tests_prove(request: pytest.FixtureRequest) -> None:
    proofs = collect(Path(request.config.getoption("ckan_ini")))
    assert set(proofs) - set(listed()) == set(), "these identifiers stand in no rule: mend the mark or the list"
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(proofs), (
        "docs/requirements.md is behind the tests: python -m tests.requirements --ckan-ini INI"
    )


def test_the_list_names_each_requirement_once() -> None:
    assert len(listed()) == len(set(listed())) > 70
