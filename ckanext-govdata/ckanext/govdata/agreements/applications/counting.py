"""How many working days an answer took, as the register shows it."""

from __future__ import annotations

import datetime

from ...clocks.days import calendar
from ...rules.working_days import day_in_shanghai

_DAY = datetime.timedelta(days=1)


def working_days(received_at: datetime.datetime | None, until: datetime.datetime) -> int | None:
    """Working days after the day of receipt, up to and with the last day. Moments are UTC without a zone."""
    if received_at is None:
        return None
    days, table = 0, calendar()
    day, last = day_in_shanghai(received_at), day_in_shanghai(until)
    while day < last:
        day += _DAY
        days += table.kind(day)[0].counted
    return days
