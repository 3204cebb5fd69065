"""A portal with people for all tests of a file; terms, days and notices are emptied before each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.once import once

TABLES = (
    "govdata_clock_event", "govdata_clock", "govdata_day_notice", "govdata_notice_delivery", "govdata_notice",
    "govdata_notice_contact",
)  # fmt: skip


@pytest.fixture
def staff(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """People in each role, made once for the file."""
    return once(request, "people", TABLES)
