"""What an agency gets when shared data is supplied: leave to take it, for as long as it applied for (YZ-22)."""

from __future__ import annotations

from ...access.domain import Mode
from ...access.granting import grant_by_sharing
from ...columns import now
from ...rules.working_days import day_in_shanghai
from ..life.domain import midnight, months_after
from .domain import Kind
from .model import Application


def give(command: str, row: Application) -> None:
    """Follow an application: with its supply the agency has the data."""
    if row.kind != Kind.SHARING.value or command not in ("supply", "obtain") or row.applicant_agency is None:
        return
    content = row.content
    last = months_after(day_in_shanghai(now()), int(content["months"]))
    modes = [Mode(mode) for mode in content["modes"]]
    agency, items = row.applicant_agency, content["items"]
    grant_by_sharing(row.package_id, agency, row.id, midnight(last), "portal", modes=modes, items=items)
