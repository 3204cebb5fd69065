"""When what changed is told."""

from __future__ import annotations

import datetime

from ckanext.govdata_harvest.jobs.domain import announcement_due


def test_the_week_is_announced_on_mondays_from_eight_in_shanghai() -> None:
    assert announcement_due(datetime.datetime(2026, 11, 23, 0, 0)) == "2026-11-23"
    assert announcement_due(datetime.datetime(2026, 11, 22, 23, 59)) is None
    assert announcement_due(datetime.datetime(2026, 11, 24, 2, 0)) is None
