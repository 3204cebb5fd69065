"""Lists of cases: by machine, state, agency, party and person, the newest first, in pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from . import registry
from .model import Case


@dataclass(frozen=True)
class Wanted:
    """Which cases. None asks for nothing; an empty collection finds nothing. `mine` is a user who opened or handles them,
    `parties` are those of that user: a case is found by either."""

    machines: Collection[str]
    states: Collection[str] | None = None
    is_open: bool | None = None
    agencies: Collection[str] | None = None
    dataset: str | None = None
    mine: str | None = None
    parties: Collection[str] | None = None
    officer: str | None = None
    ids: Collection[str] | None = None


def statement(wanted: Wanted) -> sa.Select[Any]:
    """The cases as a statement that a room joins its own tables to."""
    found = sa.select(Case).where(Case.machine.in_(list(wanted.machines)))
    for column, values in ((Case.state, wanted.states), (Case.agency, wanted.agencies), (Case.id, wanted.ids)):
        if values is not None:
            found = found.where(column.in_(list(values)))
    if wanted.is_open is not None:
        found = found.where(_is_open(wanted.machines) if wanted.is_open else sa.not_(_is_open(wanted.machines)))
    if wanted.dataset is not None:
        found = found.where(Case.dataset == wanted.dataset)
    if wanted.officer is not None:
        found = found.where(Case.officer == wanted.officer)
    if wanted.mine is not None or wanted.parties is not None:
        found = found.where(sa.or_(Case.opened_by == wanted.mine, Case.party.in_(list(wanted.parties or ()))))
    return found


def find(wanted: Wanted, limit: int, offset: int = 0) -> tuple[int, Sequence[Case]]:
    """How many there are, and a page of them, the newest first."""
    found = statement(wanted)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = found.order_by(Case.opened_at.desc(), Case.id).limit(limit).offset(offset)
    return count, model.Session.scalars(page).all()


def _is_open(machines: Collection[str]) -> sa.ColumnElement[bool]:
    pairs = [(name, state) for name in machines for state in registry.machine(name).open]
    return sa.tuple_(Case.machine, Case.state).in_(pairs)
