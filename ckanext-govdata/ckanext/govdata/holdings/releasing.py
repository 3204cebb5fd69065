"""Letting the bytes of replaced versions go when nobody can ask about their deliveries any more."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model

from .. import config
from ..access.grants import last_end_of
from ..columns import now
from .domain import kept_until
from .files import release
from .model import FileVersion

_AT_ONCE = 500


def release_old() -> int:
    """Delete bytes whose term is over; the rows with number and digest stay. How many."""
    moment = now()
    terms = config.ledger_retention(), config.ledger_conditional_retention()
    old = (
        sa.select(FileVersion)
        .where(FileVersion.released_at.is_(None), FileVersion.replaced_at < moment - terms[0])
        .order_by(FileVersion.replaced_at)
        .limit(_AT_ONCE)
    )
    done = 0
    for row in model.Session.scalars(old).all():
        if row.replaced_at is None or kept_until(row.replaced_at, last_end_of(row.package_id), *terms) > moment:
            continue
        row.released_at = moment
        if not _again(row):
            release(row.resource_id, row.sha256)
        done += 1
    model.Session.commit()
    return done


def _again(row: FileVersion) -> bool:
    """Whether another version that is kept has the same bytes: a file that went and came back."""
    same = sa.select(FileVersion.id).where(
        FileVersion.resource_id == row.resource_id,
        FileVersion.sha256 == row.sha256,
        FileVersion.id != row.id,
        FileVersion.released_at.is_(None),
        FileVersion.replaced_at.is_not(None),
    )
    return model.Session.scalar(same.limit(1)) is not None
