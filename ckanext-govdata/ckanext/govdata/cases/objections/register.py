"""The public register of objections; with those that alleged a leak, once their dataset is shut or found to be without one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ...access.gate import is_absent_for
from ...workflow.model import Case
from ..withdrawal import reports
from . import showing
from .model import Objection


def find(user: Any, package_id: str, state: str, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """How many there are of a dataset or of all, in a state or in any, and a page of their lines, the newest first."""
    own = sa.select(Objection.case_id, Objection.package_id, Objection.filed_at, Case.state)
    own = own.join(Case, Case.id == Objection.case_id)
    every = sa.union_all(own, reports.settled()).subquery()
    published = sa.select(model.Package.id).where(model.Package.private.is_(False), model.Package.state == "active")
    found = sa.select(every.c.case_id, every.c.package_id).where(every.c.package_id.in_(published))
    found = found.where(every.c.package_id == package_id) if package_id else found
    found = found.where(every.c.state == state) if state else found
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    order = found.order_by(every.c.filed_at.desc(), every.c.case_id).limit(limit).offset(offset)
    page = [row.tuple() for row in model.Session.execute(order)]
    # Held, so that what follows finds them in the session and asks for none of them one by one.
    held = _held([case for case, _ in page], {package for _, package in page})
    lines = [_line(case) for case, package in page if not is_absent_for(model.Package.get(package), user)]
    del held
    return count, lines


def _held(case_ids: list[str], package_ids: set[str]) -> list[Any]:
    """What the lines are made of, in one statement a table; the cases by which datasets were shut too."""
    reported = reports.held(case_ids)
    filed = model.Session.scalars(sa.select(Objection).where(Objection.case_id.in_(case_ids)))
    own = model.Session.scalars(sa.select(Case).where(Case.id.in_([*case_ids, *(row.case_id for row in reported)])))
    packages = model.Session.scalars(sa.select(model.Package).where(model.Package.id.in_(package_ids)))
    return [*reported, *filed, *own, *packages]


def _line(case_id: str) -> dict[str, Any]:
    row = model.Session.get(Objection, case_id)
    if row is None:
        return reports.line(case_id)
    return showing.public(row, model.Session.get_one(Case, case_id))
