"""The dataset that an application asks for: what the applicant may see of it, its data items and published conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ... import config
from .domain import Kind, Offer, Sharing, conditions_of


@dataclass(frozen=True)
class Asked:
    """A dataset as it can be applied for."""

    id: str
    name: str
    title: str
    agency: str
    agency_title: str
    open_tier: str
    sharing_tier: str
    published: bool
    offer: Offer
    item_titles: Mapping[str, str]


def asked_for(context: Context, reference: str) -> Asked:
    """The dataset, as the asker may see it. Raises ObjectNotFound, in the same words for a hidden one and for none."""
    try:
        given = tk.get_action("package_show")(_own(context), {"id": reference})
    except (tk.ObjectNotFound, tk.NotAuthorized) as error:
        raise tk.ObjectNotFound(tk._("Dataset not found.")) from error
    return _asked(given)


def _own(context: Context) -> Context:
    given: Any = context
    kept: Any = {name: given[name] for name in ("user", "auth_user_obj", "ignore_auth") if name in given}
    return kept


def _asked(given: dict[str, Any]) -> Asked:
    found = given.get("data_items") or []
    titles = {str(item.get("name")): str(item.get("title") or item.get("name")) for item in found}
    items = frozenset(titles)
    agency = given.get("organization") or {}
    return Asked(
        id=given["id"],
        name=given["name"],
        title=given.get("title") or given["name"],
        agency=given["owner_org"],
        agency_title=agency.get("title") or agency.get("name") or "",
        open_tier=given.get("open_tier") or "",
        sharing_tier=_sharing(given),
        published=given.get("publication") == "published" and given.get("state") == "active",
        item_titles=titles,
        offer=Offer(items, conditions_of(given.get("open_conditions") or "")),
    )


def _sharing(given: dict[str, Any]) -> str:
    """The kind of sharing that the entry states; a base register's is the rule's where the city has one (YZ-21)."""
    if given.get("base_register") and config.rule_pack().base_registers_unconditional:
        return Sharing.UNCONDITIONAL.value
    return given.get("sharing_tier") or ""


def refuse_kind(asked: Asked, kind: Kind) -> None:
    """Whether this can be applied for at all; else ValidationError says what can be done instead."""
    if not asked.published:
        raise tk.ValidationError({"id": [tk._("This dataset is not published, so it cannot be applied for.")]})
    if kind is Kind.OPEN and asked.open_tier != "conditional":
        words = (
            tk._("This data is open without conditions: download it without an application.")
            if asked.open_tier == "unconditional"
            else tk._("This data is not open. Ask its agency by a request for data.")
        )
        raise tk.ValidationError({"id": [words]})
    if kind is Kind.SHARING and asked.sharing_tier not in {tier.value for tier in Sharing}:
        words = tk._("The agency has not said how this data is shared. Ask the agency to state it in its catalogue.")
        raise tk.ValidationError({"id": [words]})


def agency_title(agency_id: str | None) -> str:
    """An agency's name as pages show it."""
    group = model.Session.get(model.Group, agency_id) if agency_id else None
    return (group.title or group.name) if group else ""
