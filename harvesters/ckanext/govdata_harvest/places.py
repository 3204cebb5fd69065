"""Under which organisation each row goes: one that is named, or one for each provider that the list names."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import uuid4

from ckan import model
from ckan.plugins import toolkit as tk

from .agencies import key_of, slug_of, title_of
from .readers import ListError


class Place(Protocol):
    """Gives each entry its owner."""

    slug: str
    title: str
    created: list[str]

    def place(self, entry: dict[str, Any], name: str) -> dict[str, Any]:
        """The entry with its owner; `name` is the provider as the row names it."""
        ...


UNNAMED = "未注明提供单位"


class OneAgency:
    """All rows under one agency; the row's own word for its provider is kept as the responsible unit."""

    def __init__(self, slug: str) -> None:
        group = model.Group.get(slug)
        if group is None or not group.is_organization or group.state != "active":
            raise ListError("agency_unknown", detail=slug)
        self.slug, self.title, self._id = group.name, group.title or group.name, group.id
        self.created: list[str] = []

    def place(self, entry: dict[str, Any], name: str) -> dict[str, Any]:
        """The entry with its owner."""
        placed = {**entry, "owner_org": self._id}
        if name and key_of(name) != key_of(self.title):
            placed.setdefault("contact_unit", name)
        return placed


class AgenciesOfTheList:
    """One organisation for each provider's name; names that differ in white space, width or 【】 are one.

    `created` names those that were made, or would be where nothing is written.
    """

    slug, title = "", ""

    def __init__(self, user: str, writing: bool) -> None:
        groups = model.Session.query(model.Group.id, model.Group.name, model.Group.title)
        rows = groups.filter(model.Group.is_organization.is_(True), model.Group.state == "active").order_by(
            model.Group.created.desc()
        )
        self._ids: dict[str, str] = {key_of(title or name): group_id for group_id, name, title in rows}
        self._user, self._writing = user, writing
        self.created: list[str] = []

    def place(self, entry: dict[str, Any], name: str) -> dict[str, Any]:
        """The entry with its owner; one whose provider is not named stays a draft, because no agency answers for it."""
        placed = {**entry, "owner_org": self._id(name or UNNAMED)}
        return placed if name else {**placed, "publication": "draft"}

    def _id(self, name: str) -> str:
        key = key_of(name)
        if key not in self._ids:
            title = title_of(name)
            self.created.append(title)
            self._ids[key] = _create(title, self._user) if self._writing else slug_of(title)
        return self._ids[key]


def _create(title: str, user: str) -> str:
    slug = slug_of(title)
    # A deleted organisation keeps its address.
    taken = model.Group.by_name(slug) is not None
    made = tk.get_action("organization_create")(
        {"ignore_auth": True, "user": user},
        {"name": f"{slug}-{uuid4().hex[:4]}" if taken else slug, "title": title},
    )
    return str(made["id"])
