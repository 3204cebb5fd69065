"""Lists as hostile as they come, the truth known: nothing opens that the truth does not open, and nothing known is lost."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.govdata_harvest.deciding import Decided, Verdict
from ckanext.govdata_harvest.readers import ListError

from .conftest import Decide
from .hostile import GRIDS, KINDS, OPEN, Truth, file_of, truth_of

CI, LONG = 60, 2_000
_SETTINGS = {
    "deadline": None,
    "print_blob": True,
    "database": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
_CASE = given(seed=st.integers(0, 2**32 - 1), kinds=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)))


def _check(decided: Decide, seed: int, kinds: tuple[str, str]) -> None:
    chance = Random(seed)
    truth = truth_of(chance)
    first, second = (decided(file_of(truth, kind, chance)) for kind in kinds)
    for found in (first, second):
        _opens_nothing_else(truth, found)
        _takes_all_that_is_known(truth, found)
        _adds_up(truth, found)
    _keeps_identity(truth, first, second, kinds)


def _taken(found: list[Decided]) -> dict[str, Decided]:
    return {row.entry["title"]: row for row in found if row.verdict is Verdict.TAKEN}


def _opens_nothing_else(truth: Truth, found: list[Decided]) -> None:
    right = {entry.title: "" if entry.secret else entry.tier() for entry in truth.entries}
    wrong = [row.entry["title"] for row in found if row.tier == OPEN and right.get(row.entry["title"]) != OPEN]
    assert not wrong
    assert not [row for row in found if row.entry.get("title") == "隐藏的目录"]


def _takes_all_that_is_known(truth: Truth, found: list[Decided]) -> None:
    taken = _taken(found)
    for entry in truth.entries:
        if entry.secret:
            assert entry.title not in taken
        else:
            assert taken[entry.title].tier == entry.tier(), entry
            assert taken[entry.title].agency == entry.agency
            named = [item["title"] for item in taken[entry.title].entry.get("data_items", [])]
            assert named == [name for name, _, _ in entry.items]


def _adds_up(truth: Truth, found: list[Decided]) -> None:
    count = {verdict: sum(1 for row in found if row.verdict is verdict) for verdict in Verdict}
    secret = [entry.secret for entry in truth.entries]
    again = sum(1 for number in truth.twice if not secret[number])
    assert count[Verdict.TAKEN] == secret.count(False)
    assert count[Verdict.DUPLICATE] == again
    assert count[Verdict.REFUSED] == secret.count(True) + len(truth.twice) - again
    assert {row.cause for row in found if row.verdict is Verdict.REFUSED} <= {"state_secret"}
    passed = {"line_aside", "header_repeated", "sheet_hidden"}
    assert {row.cause for row in found if row.verdict is Verdict.PASSED} <= passed


def _keeps_identity(truth: Truth, first: list[Decided], second: list[Decided], kinds: tuple[str, str]) -> None:
    before, after = _taken(first), _taken(second)
    assert {title: row.key for title, row in before.items()} == {title: row.key for title, row in after.items()}
    # An item's own tier word stands in the entry's column on a sheet, and in the item in JSON.
    own = any(word for entry in truth.entries for _, _, word in entry.items)
    if not own or all(kind in GRIDS for kind in kinds):
        assert {title: row.content for title, row in before.items()} == {
            title: row.content for title, row in after.items()
        }


@pytest.mark.requirement("LYG-6", "LYG-9", "DCF-2")
@settings(max_examples=CI, derandomize=True, **_SETTINGS)
@_CASE
def test_hostile_lists_open_nothing_that_the_truth_does_not_open(
    decided: Decide, seed: int, kinds: tuple[str, str]
) -> None:
    _check(decided, seed, kinds)


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.requirement("LYG-6", "LYG-9", "DCF-2")
@settings(max_examples=int(os.environ.get("GOVDATA_HOSTILE_LISTS", LONG)), **_SETTINGS)
@_CASE
def test_two_thousand_hostile_lists(decided: Decide, seed: int, kinds: tuple[str, str]) -> None:
    _check(decided, seed, kinds)


@pytest.mark.parametrize("kind", ["json", "wrapped", "several", "xml", "xml2003", "xlsx", "xls", "ods"])
def test_a_list_that_is_cut_anywhere_is_refused_or_opens_nothing_else(
    decided: Decide, kind: str, tmp_path: Path
) -> None:
    """Text tables have no end that could be missed; the door of lists by address tells a cut transfer there."""
    for seed in range(4):
        chance = Random(seed)
        truth = truth_of(chance)
        content = file_of(truth, kind, chance)
        cut = content[: chance.randint(1, len(content) - 2)]
        try:
            _opens_nothing_else(truth, decided(cut))
        except ListError as error:
            assert error.cause
