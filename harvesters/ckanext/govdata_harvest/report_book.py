"""The report as a workbook: what is to be done, grouped by cause, and the list's own rows with what became of each."""

from __future__ import annotations

import io
import re
from typing import Any

import sqlalchemy as sa
from ckan import model
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from .source_model import HarvestJob, HarvestPlanned
from .words import say

_COLOURS = {"refused": "FFF4CCCC", "held": "FFFFF2CC", "note": "FFE8F0FE"}
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def workbook(job: HarvestJob, language: str) -> bytes:
    """The report of a run, as XLSX."""
    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    problems = book.create_sheet(say("book", "problems", language))
    _problems(problems, job.report, language)
    rows = book.create_sheet(say("book", "rows", language))
    _rows(rows, job, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Any, names: tuple[str, ...], widths: tuple[int, ...], language: str) -> None:
    sheet.append([say("book", name, language) for name in names])
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.cell(1, place).font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _problems(sheet: Any, report: dict[str, Any], language: str) -> None:
    names = ("level", "cause", "count", "sheet", "row", "cell", "column", "value")
    _head(sheet, names, (10, 60, 8, 16, 8, 8, 20, 40), language)
    for problem in report["problems"]:
        first = True
        for example in problem["examples"] or [{}]:
            sheet.append(
                [
                    say("levels", problem["level"], language) if first else "",
                    say("causes", problem["cause"], language) if first else "",
                    problem["count"] if first else "",
                    *(plain(example.get(name)) for name in ("sheet", "row", "cell", "column", "value")),
                ]
            )
            sheet.cell(sheet.max_row, 1).fill = _fill(problem["level"])
            first = False


def _rows(sheet: Any, job: HarvestJob, language: str) -> None:
    """The rows of the plan; those that somebody has to act on are coloured."""
    _head(sheet, ("row", "sheet", "title", "act", "tier", "cause"), (8, 16, 50, 12, 16, 70), language)
    found = sa.select(HarvestPlanned).where(HarvestPlanned.job_id == job.id).order_by(HarvestPlanned.row)
    for planned in model.Session.scalars(found.execution_options(yield_per=500)):
        causes = "; ".join(say("causes", cause, language) for cause in planned.causes)
        act = say("book", planned.state, language) if planned.state in ("left_out", "moved", "failed") else ""
        sheet.append(
            [
                planned.row or "",
                plain(planned.sheet),
                plain(planned.title),
                act or say("counts", planned.act, language),
                say("counts", planned.tier or "tier_held", language),
                plain(causes or planned.note),
            ]
        )
        if planned.causes or planned.note:
            for place in range(1, 7):
                sheet.cell(sheet.max_row, place).fill = _fill("held" if planned.causes else "refused")


def _fill(level: str) -> PatternFill:
    return PatternFill("solid", fgColor=_COLOURS[level])


def plain(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula, and none refuses."""
    if not isinstance(value, str):
        return value if value is not None else ""
    text = _NOT_IN_CELLS.sub("", value)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
