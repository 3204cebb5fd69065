"""Requests for data found: the public list with filters, those that are alike, and the figures; few statements each."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import ARRAY

from ...workflow.model import Case
from .domain import PUBLIC, Order, grams, likeness
from .model import DataRequest

_ALIKE = 0.34
_CANDIDATES = 50
_ORDERS: dict[str, tuple[Any, ...]] = {
    Order.VOICES.value: (DataRequest.voices.desc(), DataRequest.filed_at.desc(), DataRequest.number),
    Order.NEWEST.value: (DataRequest.filed_at.desc(), DataRequest.number),
    Order.PROMISED.value: (DataRequest.promised.asc().nulls_last(), DataRequest.filed_at.desc(), DataRequest.number),
}
Found = tuple[DataRequest, Case]


def _all() -> sa.Select[Any]:
    return sa.select(DataRequest, Case).join(Case, Case.id == DataRequest.case_id)


def by_number(number: str) -> Found | None:
    """A request with its case; None where there is none."""
    row = model.Session.execute(_all().where(DataRequest.number == number.strip().upper())).first()
    return (row[0], row[1]) if row else None


def goes_on_in(row: DataRequest) -> Found | None:
    """The request to which one was joined, with its case; None for one that was not."""
    found = model.Session.execute(_all().where(DataRequest.case_id == row.into)).first() if row.into else None
    return (found[0], found[1]) if found else None


def find(
    q: str = "", state: str = "", agency: str = "", order: str = "", limit: int = 20, offset: int = 0, mine: str = ""
) -> tuple[int, Sequence[Found]]:
    """How many there are, and a page. `mine` is an account whose own ones are wanted, shown to the public or not."""
    found = _all().where(Case.opened_by == mine) if mine else _all().where(Case.state.in_(PUBLIC))
    if state:
        found = found.where(Case.state == state)
    if agency:
        found = found.where(Case.agency == agency)
    for word in q.split()[:8]:
        found = found.where(
            DataRequest.title.icontains(word, autoescape=True) | DataRequest.text.icontains(word, autoescape=True)
        )
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = found.order_by(*_ORDERS.get(order, _ORDERS[Order.VOICES.value])).limit(limit).offset(offset)
    return count, [(row[0], row[1]) for row in model.Session.execute(page)]


def promised_of_cases() -> sa.Subquery:
    """For lists of cases: of each request that is agreed `case_id` and `due_day`, the day that the agency named."""
    named = sa.select(DataRequest.case_id, DataRequest.promised.label("due_day")).join(
        Case, Case.id == DataRequest.case_id
    )
    return named.where(Case.state == "agreed").subquery("promised")


def alike(text: str, limit: int, but: str = "") -> list[tuple[float, DataRequest, Case]]:
    """Public requests that ask for something similar, the most similar first."""
    wanted = grams(text)
    if not wanted:
        return []
    shared = _shared(wanted)
    found = _all().join(shared, shared.c.case_id == DataRequest.case_id)
    found = found.where(Case.state.in_(PUBLIC), DataRequest.case_id != but)
    near = model.Session.execute(found.order_by(shared.c.number.desc(), DataRequest.voices.desc()).limit(_CANDIDATES))
    rated = [(likeness(wanted, row.grams), row, case) for row, case in near]
    rated = [one for one in rated if one[0] >= _ALIKE]
    return sorted(rated, key=lambda one: (-one[0], -one[1].voices, one[1].number))[:limit]


def _shared(wanted: Sequence[str]) -> sa.Subquery:
    """Of each request that shares a piece `case_id` and the `number` of those: counted at once, not request by request."""
    asked = sa.cast(wanted, ARRAY(sa.UnicodeText))
    pieces = sa.select(DataRequest.case_id, sa.func.unnest(DataRequest.grams).label("piece"))
    near = pieces.where(DataRequest.grams.op("&&")(asked)).subquery()
    counted = sa.select(near.c.case_id, sa.func.count().label("number")).where(near.c.piece == sa.any_(asked))
    return counted.group_by(near.c.case_id).subquery("shared")


def figures(since: datetime.datetime | None = None, until: datetime.datetime | None = None) -> dict[str, Any]:
    """How many requests were filed in that time, how they stand, and how they were answered."""
    found = sa.select(
        Case.state,
        sa.func.count(),
        sa.func.sum(DataRequest.voices),
        sa.func.count().filter(DataRequest.late.is_(False)),
        sa.func.count().filter(DataRequest.answered_at.is_not(None)),
    ).join(DataRequest, DataRequest.case_id == Case.id)
    if since is not None:
        found = found.where(DataRequest.filed_at >= since)
    if until is not None:
        found = found.where(DataRequest.filed_at < until)
    rows = [tuple(row) for row in model.Session.execute(found.group_by(Case.state))]
    states = {str(state): int(count) for state, count, *_ in rows}
    return {
        "filed": sum(states.values()),
        "shown": sum(states.get(state, 0) for state in PUBLIC),
        "states": states,
        "voices": sum(int(row[2] or 0) for row in rows if row[0] in PUBLIC),
        "in_time": sum(int(row[3]) for row in rows),
        "answered": sum(int(row[4]) for row in rows),
    }
