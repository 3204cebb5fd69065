"""Every change of tier on record, in the transaction that makes it (LYG-7, YZ-29)."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.types import Context

from ..columns import now
from .model import TierChange
from .tier_change import TierChangeStatus

PORTAL = "portal"


def record_tier_step(context: Context, package_id: str) -> None:
    """Write the step that the judge noted in the context, unless a decided proposal stands for it already."""
    step: Any = context.pop("govdata_tier_step", None)  # pyright: ignore[reportCallIssue]
    if step is None or step[0] == step[1] or context.get("govdata_decided_tier") is not None:
        return
    model.Session.add(applied_step(package_id, step[0], step[1], step[2], acting(context)))


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


def acting(context: Context) -> str:
    """The id of the person who acts, or `portal` where the portal itself does."""
    user: Any = context.get("auth_user_obj")
    if user is not None and getattr(user, "id", None):
        return str(user.id)
    found = model.User.get(context.get("user") or "")
    return found.id if found else PORTAL
