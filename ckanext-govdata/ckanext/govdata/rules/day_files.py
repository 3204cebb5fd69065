"""Reads the days of a year's notice out of a file; everything that is wrong is told at once, each with its line."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from .errors import DayProblem, InvalidPackError, RepeatedDayProblem, UnknownKeyProblem, WrongTypeProblem
from .fields import Fields
from .located import Located, Mapping, Reader, Scalar, Sequence
from .working_days import HOLIDAYS, YearNotice

SEED = Path(__file__).parent / "days" / "seed.yaml"
NOTICE_KEYS = ("year", "version", "source", "issued", "off", "work")
_DAY = r"(\d{4}-\d\d-\d\d)"
_LONGEST = 31
_EARLIEST, _LATEST = 2000, 2100


@cache
def seeded() -> tuple[YearNotice, ...]:
    """The years that come with the portal."""
    return tuple(read_notices(SEED))


def read_notices(path: Path) -> list[YearNotice]:
    """The notices of a file: one year, or several under `years`. Raises RulePackError."""
    reader = Reader(path)
    root = reader.read()
    notices: list[YearNotice | None] = []
    if isinstance(root, Mapping) and "years" in root.entries:
        fields = Fields(reader, root)
        fields.only(("years",))
        notices = [_notice(reader, item) for item in fields.items("years")]
    elif root is not None or not reader.problems:
        notices = [_notice(reader, root)]
    if reader.problems:
        raise InvalidPackError(sorted(reader.problems, key=lambda problem: problem.line))
    return [notice for notice in notices if notice]


def _notice(reader: Reader, node: Located | None) -> YearNotice | None:
    if not isinstance(node, Mapping):
        facts = {"key": reader.name, "value": "…", "expected": "a mapping of keys", "expected_zh": "键值结构"}
        reader.report(WrongTypeProblem, node.line if node else 1, **facts)
        return None
    fields = Fields(reader, node)
    fields.only(NOTICE_KEYS)
    year, version, source = fields.whole("year"), fields.whole("version"), fields.text("source")
    fields.where = str(year or "")
    if year is not None and not _EARLIEST <= year <= _LATEST:
        facts = {"expected": f"between {_EARLIEST} and {_LATEST}", "expected_zh": f"{_EARLIEST} 至 {_LATEST} 之间"}
        fields.report(WrongTypeProblem, "year", key="year", value=year, **facts)
        return None
    off = _days(fields, "off", year)
    work = _days(fields, "work", year, required=False)
    for day in sorted(off.keys() & work.keys()):
        fields.report(RepeatedDayProblem, "work", day=day)
    _worked_days_are_weekends(fields, work)
    issued = fields.day("issued")
    if year is None or version is None or source is None:
        return None
    return YearNotice(year, version, source, off, work, issued)


def _days(fields: Fields, key: str, year: int | None, required: bool = True) -> dict[date, str]:
    """The days under `off` or `work`: for each holiday a list of days or of spans such as 2026-02-15/2026-02-23."""
    found: dict[date, str] = {}
    mapping = fields.sub(key, required)
    for holiday, node in mapping.entries.items() if mapping else ():
        if holiday not in HOLIDAYS:
            fields.reader.report(UnknownKeyProblem, node.line, f"{fields.where} {key}", key=holiday, known=HOLIDAYS)
            continue
        for item in node.items if isinstance(node, Sequence) else (node,):
            for day in _span(fields, item, f"{fields.where} {key} {holiday}", year):
                if day in found:
                    fields.reader.report(RepeatedDayProblem, item.line, f"{fields.where} {key} {holiday}", day=day)
                found[day] = holiday
    return found


def _span(fields: Fields, item: Located, where: str, year: int | None) -> list[date]:
    written = item.written if isinstance(item, Scalar) else "…"
    matched = re.fullmatch(rf"{_DAY}(?:/{_DAY})?", written)
    try:
        first = date.fromisoformat(matched[1]) if matched else None
        last = date.fromisoformat(matched[2] or matched[1]) if matched else None
    except ValueError:
        first = last = None
    if first is None or last is None or not timedelta() <= last - first < timedelta(days=_LONGEST):
        fields.reader.report(DayProblem, item.line, where, value=written)
        return []
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if year is not None and any(day.year != year and (day.year, day.month) != (year - 1, 12) for day in days):
        fields.reader.report(DayProblem, item.line, where, value=written)
    return days


def _worked_days_are_weekends(fields: Fields, work: dict[date, str]) -> None:
    for day in sorted(work):
        if day.weekday() < 5:
            fields.report(DayProblem, "work", value=f"{day:%Y-%m-%d %A}")
