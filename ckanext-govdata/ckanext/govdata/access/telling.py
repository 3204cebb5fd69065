"""Word to the agency whose data is inspected: a notice to its deciders, in the language of whoever reads it (LYG-33)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ckan import model

from ..notices.recipients import user
from ..notices.telling import tell
from .domain import State
from .model import Grant

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_TEXTS: Mapping[str, str] = {
    State.REQUESTED.value: "inspection_requested",
    State.RUNNING.value: "inspection_allowed",
    State.REFUSED.value: "inspection_refused",
}


def tell_agency(row: Grant, by: str) -> None:
    """Tell the agency's deciders of an inspection's request or decision, in the caller's transaction; `by` knows already.

    Reasons are read on the grant's page, where they are purged when their time is over.
    """
    package = model.Session.get(model.Package, row.package_id)
    if package is None or not package.owner_org:
        return
    until = row.ends_at.replace(tzinfo=datetime.timezone.utc).astimezone(_SHANGHAI).date().isoformat()
    facts = {"title": package.title or package.name, "until": until}
    recipients = [user(one) for one in _deciders(package.owner_org)]
    tell(recipients, _TEXTS[row.state], facts, link=f"/grants/{row.id}", about=row.id, but=[by])


def _deciders(agency_id: str) -> list[str]:
    member = model.Member
    posts = model.Session.query(member.table_id).filter(
        member.group_id == agency_id,
        member.table_name == "user",
        member.capacity == "admin",
        member.state == "active",
    )
    return [str(user_id) for (user_id,) in posts]
