"""The cases of a desk by due day, and the figures of a year; few statements, whatever the number of cases."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ...clocks import keeping as clocks
from ...workflow import registry
from ...workflow.model import Case
from ..requests.finding import promised_of_cases
from .domain import KINDS, NEVER

Seen = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True)
class Wanted:
    """Filters: a kind, a state, an agency, `due` (`overdue`, `week`), words of the subject, an officer, settled ones too."""

    kind: str = ""
    state: str = ""
    agency: str = ""
    due: str = ""
    q: str = ""
    officer: str = ""
    settled_too: bool = False


def find(seen: Seen, wanted: Wanted, today: datetime.date, limit: int, offset: int) -> tuple[int, list[sa.Row[Any]]]:
    """How many there are, and a page of `(case, due day)`, what is due first coming first."""
    due, promised = clocks.due_of_cases(), promised_of_cases()
    day = sa.func.coalesce(due.c.due_day, promised.c.due_day)
    conditions = [_on_desk(seen, wanted.kind)]
    if not wanted.settled_too:
        conditions.append(sa.or_(_waits(), due.c.due_day.is_not(None)))
    for column, value in ((Case.state, wanted.state), (Case.agency, wanted.agency), (Case.officer, wanted.officer)):
        conditions += [column == value] if value else []
    if wanted.q:
        words = (Case.subject, model.Package.title)
        conditions.append(sa.or_(*(column.icontains(wanted.q, autoescape=True) for column in words)))
    if wanted.due:
        until = today if wanted.due == "overdue" else today + datetime.timedelta(days=8)
        conditions.append(day < until)

    def joined(found: sa.Select[Any]) -> sa.Select[Any]:
        found = found.outerjoin(due, due.c.case_id == Case.id)
        found = found.outerjoin(promised, promised.c.case_id == Case.id)
        return found.outerjoin(model.Package, model.Package.id == Case.dataset).where(*conditions)

    # Each join brings one row or none: where no condition needs them, they do not change how many cases there are.
    plain = wanted.settled_too and not wanted.q and not wanted.due
    counted = sa.select(sa.func.count()).select_from(Case)
    count = model.Session.scalar(counted.where(*conditions) if plain else joined(counted)) or 0
    first = joined(sa.select(Case.id, day.label("due"), model.Package.name, model.Package.title))
    rows = first.order_by(day.asc().nulls_last(), Case.opened_at, Case.id).limit(limit).offset(offset).subquery()
    page = sa.select(Case, rows.c.due, rows.c.name, rows.c.title).join(rows, rows.c.id == Case.id)
    return count, list(model.Session.execute(page.order_by(rows.c.due.asc().nulls_last(), Case.opened_at, Case.id)))


def _on_desk(seen: Seen, kind: str) -> sa.ColumnElement[bool]:
    chosen = {name: agencies for name, agencies in seen.items() if not kind or name == kind}
    every = [name for name, agencies in chosen.items() if agencies is None]
    own = [
        sa.and_(Case.machine == name, Case.agency.in_(agencies))
        for name, agencies in chosen.items()
        if agencies is not None
    ]
    never = sa.tuple_(Case.machine, Case.state).in_(NEVER)
    return sa.and_(sa.or_(Case.machine.in_(every), *own), sa.not_(never))


def _waits() -> sa.ColumnElement[bool]:
    pairs = [
        (name, state)
        for name, kind in KINDS.items()
        for state in (kind.waits_in or sorted(registry.machine(name).open))
    ]
    return sa.tuple_(Case.machine, Case.state).in_(pairs)


def figures(seen: Seen, since: datetime.datetime, until: datetime.datetime) -> list[dict[str, Any]]:
    """Of each kind: how many were opened in that time, how many of those are settled, and the mean days these took."""
    final = [
        (name, state)
        for name, kind in KINDS.items()
        for state in (*sorted(registry.machine(name).final), *kind.settled_in)
    ]
    settled = sa.tuple_(Case.machine, Case.state).in_(final)
    days = sa.func.extract("epoch", Case.moved_at - Case.opened_at) / 86_400
    found = (
        sa.select(
            Case.machine,
            sa.func.count(),
            sa.func.count().filter(settled),
            sa.func.avg(days).filter(settled),
            Case.state,
        )
        .where(_on_desk(seen, ""), Case.opened_at >= since, Case.opened_at < until)
        .group_by(Case.machine, Case.state)
    )
    rows: dict[str, dict[str, Any]] = {}
    for machine, count, over, mean, state in model.Session.execute(found):
        row = rows.setdefault(machine, {"kind": machine, "opened": 0, "settled": 0, "days": 0.0, "states": {}})
        row["opened"] += count
        row["settled"] += over
        row["days"] += float(mean or 0) * over
        row["states"][state] = count
    for row in rows.values():
        row["days"] = round(row["days"] / row["settled"], 1) if row["settled"] else None
    return [rows[name] for name in KINDS if name in rows]
