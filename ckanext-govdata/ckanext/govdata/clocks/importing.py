"""Importing a year of the calendar, which moves the terms that rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from ..ledger import journal
from ..rules.day_files import read_notices
from ..rules.working_days import YearNotice
from .days import calendar
from .model import DayNotice
from .sweeping import recompute

# Held while a notice is imported, so that two imports do not recompute at once.
_LOCK = 7233_0550


class DayImportError(ValueError):
    """A notice that cannot stand beside what is known. `str()` is bilingual, as those of files are."""


@dataclass(frozen=True)
class Imported:
    """What an import did: the years that are new or corrected, those known already, how many terms moved."""

    taken: tuple[int, ...]
    known: tuple[int, ...]
    moved: int


def import_file(path: Path, by: str | None = None) -> Imported:
    """Take in the notices of a file, and compute anew every term that they move. One transaction; may be repeated.

    Raises RulePackError where the file is wrong, DayImportError where a year is held in this or a higher version with
    other days.
    """
    notices = read_notices(path)
    model.Session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    held = calendar().notices
    fresh = [notice for notice in notices if not _same(notice, held.get(notice.year))]
    for notice in fresh:
        _check(notice, held.get(notice.year))
        _keep(notice, by)
    model.Session.flush()
    moved = recompute(by) if fresh else 0
    model.Session.commit()
    taken = tuple(notice.year for notice in fresh)
    return Imported(taken, tuple(notice.year for notice in notices if notice.year not in taken), moved)


def _same(notice: YearNotice, held: YearNotice | None) -> bool:
    return held is not None and (notice.off, notice.work) == (held.off, held.work) and notice.version <= held.version


def _check(notice: YearNotice, held: YearNotice | None) -> None:
    if held is not None and notice.version <= held.version:
        year, has, next_one = notice.year, held.version, held.version + 1
        zh = f"{year} 年的日历已有第 {has} 版，内容不同。更正通知请把 version 写作 {next_one} 或更大。"
        en = f"{year} is held in version {has} with other days. Give a correction version {next_one} or more."
        raise DayImportError(f"{zh}\n{en}")


def _keep(notice: YearNotice, by: str | None) -> None:
    row = DayNotice(year=notice.year, version=notice.version, source=notice.source, issued=notice.issued)
    row.off, row.work, row.imported_by = _written(notice.off), _written(notice.work), by
    model.Session.add(row)
    fields = {"govdata.days.year": notice.year, "govdata.days.version": notice.version}
    fields |= {"govdata.days.off": sorted(row.off), "govdata.days.work": sorted(row.work)}
    journal.change("days-imported", by, {**fields, "govdata.days.source": notice.source[:300]})


def _written(days: Mapping[date, str]) -> dict[str, str]:
    return {day.isoformat(): holiday for day, holiday in days.items()}
