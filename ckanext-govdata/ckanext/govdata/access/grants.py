"""Grants as they stand in the tables: those that concern a visitor and a dataset, and the day's use under them."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ..columns import now
from ..roles.actors import actor_of_user
from .domain import GrantFacts, Kind, Mode, State
from .model import Grant, GrantUse
from .parties.standing import parties_of

_ZONE = ZoneInfo("Asia/Shanghai")


def grants_for(user_id: str | None, package_id: str) -> tuple[GrantFacts, ...]:
    """Every grant of this dataset to this user or to a party that the user acts for, in whatever state."""
    if user_id is None:
        return ()
    granted = list(model.Session.scalars(sa.select(Grant).where(Grant.package_id == package_id)))
    if not granted:
        return ()
    agencies = _agencies_of(user_id) if any(row.agency_id for row in granted) else frozenset()
    # An ended membership, a block: asked anew each time, and counted from the moment they are committed.
    blocked = {party.id: party.blocked for party in parties_of(user_id)}
    own = [row for row in granted if row.user_id == user_id or row.party_id in blocked or row.agency_id in agencies]
    return tuple(_facts(row, blocked.get(row.party_id or "", False)) for row in own)


def _agencies_of(user_id: str) -> frozenset[str]:
    """The agencies whose people somebody belongs to."""
    return actor_of_user(model.User.get(user_id)).agencies


def _facts(row: Grant, party_blocked: bool) -> GrantFacts:
    return GrantFacts(
        id=row.id,
        kind=Kind(row.kind),
        state=State(row.state),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        modes=frozenset(Mode(mode) for mode in row.modes),
        items=frozenset(row.items),
        files=frozenset(row.files),
        addresses=tuple(row.addresses),
        quota=row.quota,
        used_today=used_today(row.id) if row.quota is not None else 0,
        party_blocked=party_blocked,
    )


def used_today(grant_id: str) -> int:
    """Deliveries under a grant on the present day in Shanghai."""
    row = model.Session.get(GrantUse, (grant_id, _today()), populate_existing=True)
    return row.count if row else 0


def take_one(grant_id: str, quota: int) -> bool:
    """Count one delivery, committed by itself before the bytes leave; False when the day's are used up.

    One statement decides, so that no number of requests at once gets more than the quota.
    """
    table: Any = GrantUse.__table__
    first = insert(table).values(grant_id=grant_id, day=_today(), count=1)
    again = first.on_conflict_do_update(
        index_elements=[table.c.grant_id, table.c.day], set_={"count": table.c.count + 1}, where=table.c.count < quota
    )
    if quota < 1:
        return False
    with model.meta.engine.begin() as connection:  # pyright: ignore[reportOptionalMemberAccess]
        return connection.execute(again.returning(table.c.count)).first() is not None


def _today() -> datetime.date:
    return datetime.datetime.now(_ZONE).date()


def grant_of(grant_id: str) -> Grant | None:
    """A grant by its id."""
    return model.Session.get(Grant, grant_id)


def is_over(row: Grant) -> bool:
    """Whether a grant gives nothing any more, whatever is decided."""
    return row.state in (State.REVOKED.value, State.REFUSED.value) or row.ends_at <= now()


def shared_with(package_id: str, agencies: Collection[str]) -> str | None:
    """The first of these agencies that has the dataset now by sharing (YZ-22); None where none has."""
    running = sa.select(Grant.agency_id).where(
        Grant.package_id == package_id,
        Grant.kind == Kind.SHARING.value,
        Grant.state == State.RUNNING.value,
        Grant.ends_at > now(),
        Grant.agency_id.in_(list(agencies)),
    )
    return model.Session.scalars(running.order_by(Grant.agency_id)).first()


def last_end_of(package_id: str) -> datetime.datetime | None:
    """When the last grant of a dataset ends, or ended; None where there was none."""
    return model.Session.scalar(sa.select(sa.func.max(Grant.ends_at)).where(Grant.package_id == package_id))
