"""Names of files, who gets a replaced version, and how long its bytes are kept."""

from __future__ import annotations

import datetime

import pytest

from ckanext.govdata.access.domain import Reason
from ckanext.govdata.holdings.domain import NAME_LIMIT, CannotHold, kept_until, may_have_replaced, plain_name

DAY = datetime.timedelta(days=1)
MOMENT = datetime.datetime(2026, 11, 28)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("泊位.csv", "泊位.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\数据\\泊位.csv", "泊位.csv"),
        ("a/b\x00\n.csv", "b.csv"),
        ("...", None),
        ("/", None),
        ("", None),
        ("x" * 300 + ".csv", "x" * (NAME_LIMIT - 4) + ".csv"),
    ],
)
def test_a_name_is_a_name_and_no_way_to_elsewhere(given: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(CannotHold):
            plain_name(given)
    else:
        assert plain_name(given) == name


@pytest.mark.requirement("LYG-26")
@pytest.mark.parametrize("received", [True, False])
@pytest.mark.parametrize("closed_since", [True, False])
@pytest.mark.parametrize("reason", list(Reason))
def test_a_replaced_version_goes_to_nobody_who_does_not_have_it(
    reason: Reason, received: bool, closed_since: bool
) -> None:
    may = may_have_replaced(reason, received=received, closed_since=closed_since)
    assert may is (reason in (Reason.OWN_AGENCY, Reason.INSPECTION) or (received and not closed_since))


@pytest.mark.requirement("LYG-21")
def test_bytes_are_kept_as_long_as_the_ledger_can_say_who_received_them() -> None:
    assert kept_until(MOMENT, None, 183 * DAY, 366 * DAY) == MOMENT + 183 * DAY
    assert kept_until(MOMENT, MOMENT - 400 * DAY, 183 * DAY, 366 * DAY) == MOMENT + 183 * DAY
    assert kept_until(MOMENT, MOMENT + 10 * DAY, 183 * DAY, 366 * DAY) == MOMENT + 376 * DAY
