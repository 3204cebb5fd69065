"""Places in organisations that a person's claims give: given at sign-in, and taken back when the claim is gone."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from .factors import keeping
from .mapping import Facts, Membership
from .oidc.provider import Provider

log = logging.getLogger(__name__)


def site_user() -> str:
    """The account in whose name this plugin writes."""
    return str(tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def given(user: model.User, provider: Provider, facts: Facts) -> frozenset[Membership]:
    """The places that the claims give here; a provider that is not trusted gives them only to who has a second factor."""
    return facts.memberships if provider.trusted or keeping.enrolled(user.id) else frozenset()


def bring_up_to_date(
    user: model.User, before: Iterable[Mapping[str, str]], wished: frozenset[Membership]
) -> list[dict[str, str]]:
    """Take back what was given before and is wished no more, give what is new; gives what stands now.

    A place that somebody else gave is not touched: neither taken back nor, where it is the same, counted as ours.
    """
    had = {Membership(one["organization"], one["capacity"]) for one in before}
    for lost in sorted(had - wished):
        if _capacity(user, lost.organization) == lost.capacity:
            _act("organization_member_delete", user, lost.organization)
    stands = had & wished
    for new in sorted(wished - had):
        if _give(user, new):
            stands.add(new)
    return [{"organization": one.organization, "capacity": one.capacity} for one in sorted(stands)]


def _give(user: model.User, new: Membership) -> bool:
    group = model.Group.get(new.organization)
    if group is None or not group.is_organization or group.state != model.State.ACTIVE:
        log.warning("claims name the organisation %r, which is not there", new.organization)
        return False
    if _capacity(user, new.organization) is not None:
        return False
    _act("organization_member_create", user, new.organization, role=new.capacity)
    return True


def _capacity(user: model.User, organization: str) -> str | None:
    group = model.Group.get(organization)
    if group is None:
        return None
    row = model.Session.query(model.Member).filter_by(
        group_id=group.id, table_name="user", table_id=user.id, state=model.State.ACTIVE
    )
    found = row.first()
    return found.capacity if found else None


def _act(action: str, user: model.User, organization: str, **more: Any) -> None:
    context: Context = {"ignore_auth": True, "user": site_user()}
    tk.get_action(action)(context, {"id": organization, "username": user.name, **more})
