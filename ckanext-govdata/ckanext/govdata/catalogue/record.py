"""Every change of tier on record, in the transaction that makes it (LYG-7, YZ-29)."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ..columns import now
from .model import TierChange
from .standing import standing_of
from .tier_change import TierChangeStatus

PORTAL = "portal"


def note_reason(package: model.Package | None, reason: str) -> None:
    """Keep the writer's reason with the package until the change is on record.

    CKAN hands validators a copy of the context, so that what they put into it never reaches the hooks after the change.
    """
    if package is not None:
        package.govdata_tier_reason = reason  # pyright: ignore[reportAttributeAccessIssue]


def record_first_tier(context: Context, package_id: str) -> None:
    """Put the tier of a new entry on record."""
    tier = _tier(package_id)
    if tier:
        model.Session.add(applied_step(package_id, "", tier, "", acting(context)))


def record_tier_step(context: Context, package_id: str) -> None:
    """Put a change of tier on record: the present tier, where the last one on record is another.

    A decided proposal is on record already when its change is made, and so adds no second row.
    """
    model.Session.flush()
    applied = model.Session.query(TierChange.to_tier).filter(
        TierChange.package_id == package_id, TierChange.status == TierChangeStatus.APPLIED.value
    )
    last = applied.order_by(TierChange.decided_at.desc()).first()
    before, after = last[0] if last else "", _tier(package_id)
    if before != after:
        package = model.Session.get(model.Package, package_id)
        reason = str(getattr(package, "govdata_tier_reason", ""))
        model.Session.add(applied_step(package_id, before, after, reason, acting(context)))


def _tier(package_id: str) -> str:
    package = model.Session.get(model.Package, package_id)
    tier = standing_of(package).tier
    return tier.value if tier else ""


def applied_step(package_id: str, before: str, after: str, reason: str, person: str) -> TierChange:
    """A change of tier that was one person's to make: the first tier of a new entry, or a stricter one."""
    moment = now()
    return TierChange(
        package_id=package_id,
        from_tier=before,
        to_tier=after,
        reason=reason or ("first entry" if not before else ""),
        status=TierChangeStatus.APPLIED.value,
        proposed_by=person,
        proposed_at=moment,
        decided_by=person,
        decided_at=moment,
    )


def has_moved_since(package_id: str, moment: datetime.datetime) -> bool:
    """Whether a dataset came into another tier at that moment or later; its first tier is no change."""
    moved = sa.select(TierChange.id).where(
        TierChange.package_id == package_id,
        TierChange.status == TierChangeStatus.APPLIED.value,
        TierChange.from_tier != "",
        TierChange.decided_at >= moment,
    )
    return model.Session.scalar(moved.limit(1)) is not None


def acting(context: Context) -> str:
    """The id of the person who acts, or `portal` where the portal itself does."""
    user: Any = context.get("auth_user_obj")
    if user is not None and getattr(user, "id", None):
        return str(user.id)
    found = model.User.get(context.get("user") or "")
    return found.id if found else PORTAL
