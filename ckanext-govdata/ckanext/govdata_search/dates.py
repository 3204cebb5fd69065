"""Solr's dates: one canonical writing, and date math such as NOW/DAY-7DAYS."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from dateutil.relativedelta import relativedelta

from .errors import QuerySyntaxError

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2}(?![\dA-Z]))?"
)
_STEP = re.compile(r"(?P<sign>[+\-/])(?P<count>\d*)(?P<unit>[A-Z]+)")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND")
_ALIASES = {"DATE": "DAY", "MILLI": "MILLISECOND", "MILLIS": "MILLISECOND"}
_FIRST = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}


def canonical(moment: datetime) -> str:
    """Always 24 characters in UTC with milliseconds, so that the order of the text is the order of time."""
    moment = moment.astimezone(timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z".rjust(24, "0")


def read(text: str) -> datetime | None:
    """The moment that an ISO date means (UTC unless it says otherwise; midnight unless it gives a time); None if it is none."""
    match = _ISO.fullmatch(text.strip())
    if not match:
        return None
    part = match.groupdict()
    micro = int((part["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(
            int(part["year"]), int(part["month"] or 1), int(part["day"] or 1),
            int(part["hour"] or 0), int(part["minute"] or 0), int(part["second"] or 0), micro, tzinfo=timezone.utc,
        )  # fmt: skip
        return moment - _offset(part["zone"])
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z"):
        return timedelta()
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


def as_stored(text: str) -> str:
    """A date as results give it back: in UTC, as it came, but no finer than milliseconds."""
    moment = None if text.endswith("Z") else read(text)
    text = canonical(moment).replace(".000Z", "Z") if moment else text
    return re.sub(r"(\.\d{3})\d+", r"\1", text)


def span(text: str, now: datetime) -> tuple[str, str]:
    """The first and the last millisecond of a query's date: one without a time means its whole day, month or year.

    Raises QuerySyntaxError as `evaluate` does.
    """
    first = evaluate(text, now)
    match, moment = _ISO.fullmatch(text.strip()), read(text)
    if match is None or moment is None or match["hour"]:
        return first, first
    unit = "day" if match["day"] else "month" if match["month"] else "year"
    try:
        # A month is counted where it is one: its end may be another day of the month in UTC.
        there = moment + _offset(match["zone"])
        return first, canonical(_moved(_moved(there, 1, unit) - _offset(match["zone"]), -1, "millisecond"))
    except (ValueError, OverflowError):
        return first, canonical(datetime.max.replace(tzinfo=timezone.utc))


def evaluate(text: str, now: datetime) -> str:
    """The canonical date of a query's bound, such as `2026-01-01T00:00:00Z+1MONTH` or `NOW/DAY`.

    Raises QuerySyntaxError when it is no date, or goes beyond the years 1 to 9999.
    """
    base, math = _split(text.strip())
    moment = now if base == "NOW" else read(base)
    if moment is None:
        raise QuerySyntaxError(f"Invalid Date String: '{text}'")
    try:
        for step in _steps(math, text):
            moment = _stepped(moment, step)
        return canonical(moment)
    except (ValueError, OverflowError) as error:
        raise QuerySyntaxError(f"Invalid Date String: '{text}'") from error


def _split(text: str) -> tuple[str, str]:
    if text.startswith("NOW"):
        return "NOW", text[3:]
    match = _ISO.match(text)
    return (match.group(), text[match.end() :]) if match else (text, "")


def _steps(math: str, text: str) -> list[re.Match[str]]:
    steps = list(_STEP.finditer(math))
    if "".join(step.group() for step in steps) != math:
        raise QuerySyntaxError(f"Invalid Date Math String: '{text}'")
    return steps


def _stepped(moment: datetime, step: re.Match[str]) -> datetime:
    unit = _ALIASES.get(step["unit"].removesuffix("S"), step["unit"].removesuffix("S"))
    unit = _ALIASES.get(step["unit"], unit)
    if unit not in _UNITS or (step["sign"] == "/") == bool(step["count"]):
        raise QuerySyntaxError(f"Invalid Date Math String: '{step.group()}'")
    if step["sign"] == "/":
        return _floor(moment, unit)
    count = int(step["count"]) * (-1 if step["sign"] == "-" else 1)
    return _moved(moment, count, unit.lower())


def _moved(moment: datetime, count: int, unit: str) -> datetime:
    if unit == "millisecond":
        return moment + timedelta(milliseconds=count)
    return moment + relativedelta(**{f"{unit}s": count})  # pyright: ignore[reportArgumentType]


def _floor(moment: datetime, unit: str) -> datetime:
    if unit == "MILLISECOND":
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    finer = [name.lower() for name in _UNITS[_UNITS.index(unit) + 1 : -1]] + ["microsecond"]
    return moment.replace(**{name: _FIRST[name] for name in finer})  # pyright: ignore[reportArgumentType]
