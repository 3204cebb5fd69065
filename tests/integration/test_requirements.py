"""The table of requirements and tests is current, and no test names a requirement that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.requirements import CITIES, PAGE, collect, listed, page

# What applications and agreements are asked for, and the articles whose numbers and words differ from city to city.
APPLICATIONS = (
    "LYG-10", "YZ-22", "LYG-19", "DCF-25", "YZ-27", "LYG-24", "YZ-31", "GY-c6", "YZ-28", "GY-c5", "LYG-18", "YZ-19", "YZ-20",
    "YZ-21", "YZ-23", "DCF-19", "DCF-20", "GY-c4",
)  # fmt: skip
DIFFERING = (
    "YZ-27", "LYG-9", "DCF-24", "LYG-19", "DCF-25", "YZ-22", "YZ-25", "LYG-20", "GY-c5", "YZ-12", "DCF-16", "GY-c2", "ZB-10",
    "YZ-20", "LYG-7", "DCF-22", "DCF-19", "ZB-13", "YZ-21", "GY-c6", "YZ-14", "LYG-12", "DCF-15", "DCF-23",
)  # fmt: skip


def test_the_table_of_requirements_says_what_the_tests_prove(request: pytest.FixtureRequest) -> None:
    proofs = collect(Path(request.config.getoption("ckan_ini")))
    assert set(proofs) - set(listed()) == set(), "these identifiers stand in no rule: mend the mark or the list"
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(proofs), (
        "docs/requirements.md is behind the tests: python -m tests.requirements --ckan-ini INI"
    )


def test_the_list_names_each_requirement_once() -> None:
    assert len(listed()) == len(set(listed())) > 70


@pytest.mark.parametrize("identifier", [*dict.fromkeys((*APPLICATIONS, *DIFFERING))])
def test_what_differs_from_city_to_city_is_tried_in_each_of_them(
    request: pytest.FixtureRequest, identifier: str
) -> None:
    proofs = collect(Path(request.config.getoption("ckan_ini")))[identifier]
    assert {city for cities in proofs.values() for city in cities} == set(CITIES)
