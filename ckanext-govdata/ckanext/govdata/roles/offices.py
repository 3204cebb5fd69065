"""Terms of office that run out: authority and operator have officers until a last day too (LYG-35)."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan import model

from ..columns import now
from .model import Officer


def terms(ended: bool = False) -> list[tuple[Officer, model.User | None]]:
    """Terms of office with whoever holds them, those that ended too or not, in the order of appointment."""
    query = sa.select(Officer, model.User).outerjoin(model.User, model.User.id == Officer.user_id)  # type: ignore[arg-type]
    query = query if ended else query.where(Officer.ended_at.is_(None))
    return [(term, user) for term, user in model.Session.execute(query.order_by(Officer.appointed_at))]


def end_over(today: datetime.date) -> list[str]:
    """End the terms whose last day has passed; gives the ids of those who held them."""
    terms = sa.select(Officer).where(Officer.ended_at.is_(None), Officer.until < today).with_for_update()
    rows = list(model.Session.scalars(terms))
    for row in rows:
        row.ended_at, row.ended_by = now(), "portal"
    gone = [row.user_id for row in rows]
    model.Session.commit()
    return gone
