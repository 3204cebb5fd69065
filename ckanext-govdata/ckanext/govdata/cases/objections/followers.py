"""Those who follow a dataset hear of its changes, corrections and withdrawal: in the portal, and by mail where they want so.

Following is CKAN's own (`follow_dataset`); what CKAN lacks on a portal without its dashboard's mails is the word itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ...access.gate import is_absent_for
from ...access.switch import shuttings
from ...columns import now
from ...notices import recipients
from ...notices.telling import tell

_PERIOD = datetime.timedelta(days=2)


def tell_followers(package_id: str, text: str, facts: Mapping[str, Any], link: str, key: str) -> int:
    """Tell those who follow a dataset, in the caller's transaction; whoever has this `key` already is not told again."""
    following = sa.select(model.UserFollowingDataset.follower_id).where(
        model.UserFollowingDataset.object_id == package_id
    )
    package = model.Session.get(model.Package, package_id)
    people = [model.User.get(one) for one in model.Session.scalars(following)]
    # Whoever may not see the dataset any more is told nothing of it.
    to = [recipients.user(one.id) for one in people if one is not None and not is_absent_for(package, one)]
    return tell(to, text, facts, link=link, about=package_id, key=key)


def tell_of_changes() -> int:
    """Tell followers of what has changed lately, once a day and dataset; commits. Returns how many notices went out."""
    times = shuttings()
    shut = sa.select(times.c.package_id).where(times.c.opened_at.is_(None))
    followed = sa.select(model.UserFollowingDataset.object_id)
    changed = sa.select(model.Package).where(
        model.Package.id.in_(followed),
        model.Package.id.not_in(shut),
        model.Package.state == "active",
        model.Package.metadata_modified > now() - _PERIOD,
    )
    count = 0
    for package in model.Session.scalars(changed):
        day = package.metadata_modified.date().isoformat()
        facts = {"title": package.title or package.name, "day": day}
        count += tell_followers(
            package.id, "dataset_changed", facts, f"/dataset/{package.name}", f"changed:{package.id}:{day}"
        )
    model.Session.commit()
    return count
