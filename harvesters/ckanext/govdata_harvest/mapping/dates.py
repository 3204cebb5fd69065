"""Dates as lists write them, as ISO dates; a date that cannot be one is none."""

from __future__ import annotations

import datetime
import re

from .text import one_line

_CHINA = datetime.timezone(datetime.timedelta(hours=8))
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*日?)?(?![\d])")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:\d{6})?(?!\d)")
_YEAR = re.compile(r"(?<!\d)(\d{4})\s*年?(?![\d-])")
_FIRST, _LAST = 1900, 2199


def date_of(value: object) -> str:
    """The ISO date in a cell: written out, compact, or in seconds or milliseconds since 1970 (China's day); else empty."""
    if isinstance(value, bool) or value is None:
        return ""
    text = one_line(value)
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return _moment(int(text) / (1000 if len(text) == 13 else 1))
    found = _DAY.search(text)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3] or 1))
    found = _COMPACT.search(text)
    return _date(int(found[1]), int(found[2]), int(found[3])) if found else ""


def range_of(value: object) -> tuple[str, str]:
    """Start and end of a span of time such as `2025/04/27-2026/01/01`; one date alone is both."""
    text = one_line(value)
    days = [_date(int(found[1]), int(found[2]), int(found[3] or 1)) for found in _DAY.finditer(text)]
    days = [day for day in days if day]
    if days:
        return days[0], days[-1]
    years = [int(found[1]) for found in _YEAR.finditer(text) if _FIRST <= int(found[1]) <= _LAST]
    return (f"{years[0]}-01-01", f"{years[-1]}-12-31") if years else ("", "")


def _moment(seconds: float) -> str:
    try:
        day = datetime.datetime.fromtimestamp(seconds, _CHINA).date()
    except (ValueError, OverflowError, OSError):
        return ""
    return _date(day.year, day.month, day.day)


def _date(year: int, month: int, day: int) -> str:
    if not _FIRST < year <= _LAST:
        return ""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return ""
