"""One agreement at a time of a party on a dataset: another one follows it before its end, or begins when it is over."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from ..applications.model import Application
from .model import Agreement

STANDING = ("effective", "noticed", "suspended")


def beside(row: Agreement) -> Agreement | None:
    """The last agreement of the same party on the same data that stands, and whose term meets that of `row`."""
    rows = sa.select(Agreement).where(
        Agreement.party_id == row.party_id,
        Agreement.package_id == row.package_id,
        Agreement.id.not_in([one for one in (row.id, row.supersedes) if one]),
        Agreement.state.in_(STANDING),
        Agreement.starts_at < row.ends_at,
        Agreement.ends_at > row.starts_at,
    )
    return model.Session.scalars(rows.order_by(Agreement.ends_at.desc())).first()


def may_follow(application: Application, before: str) -> bool:
    """Whether an agreement on this application can follow that one: the same party's own on the same data, still standing."""
    row = model.Session.get(Agreement, before)
    if row is None or row.state not in STANDING:
        return False
    return (row.party_id, row.package_id) == (application.party_id, application.package_id)
