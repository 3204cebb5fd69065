"""The stage of the matrix: a person in each role, an entry of each kind, and a word planted in each of an entry's places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action
from werkzeug.datastructures import FileStorage

PLUGINS = (
    "govdata_theme govdata_harvest govdata govdata_search scheming_datasets activity datastore text_view image_view "
    "datatables_view resource_proxy stats tracking dcat"
)
ROLES = (
    "visitor",
    "data_user",
    "other_officer",
    "member",
    "publisher",
    "decider",
    "operator",
    "authority",
    "administrator",
)
_OWN = {"member", "publisher", "decider"}
_SUPERVISORS = {"operator", "authority", "administrator"}
_INSIDE = _OWN | _SUPERVISORS

# Kind of entry -> who may see its metadata. The order is that in which they are made.
KINDS: dict[str, set[str]] = {
    "unconditional": set(ROLES),
    "conditional": set(ROLES),
    "not_open_not_shared": _INSIDE,
    "held_unknown_tier": _INSIDE,
    "basis_outstanding": _INSIDE,
    "in_review": _INSIDE,
    "draft": _INSIDE,
    "closed_later": _INSIDE | {"other_officer"},
    "not_open_shared": _INSIDE | {"other_officer"},
    "not_open_released": _INSIDE | {"other_officer"},
}
PUBLIC = ("unconditional", "conditional")
SHARED = ("closed_later", "not_open_shared", "not_open_released")
CLOSED = tuple(kind for kind in KINDS if kind not in PUBLIC)
_NOT_OPEN = {"open_tier": "not_open", "open_basis": "某市数据管理办法第七条", "open_exception": "internal_affairs"}
_FIELDS: dict[str, dict[str, Any]] = {
    "unconditional": {"open_tier": "unconditional"},
    "conditional": {"open_tier": "conditional", "open_conditions": "承诺用途"},
    "not_open_not_shared": {**_NOT_OPEN, "sharing_tier": "not_shared"},
    "held_unknown_tier": {"tier_word": "开放网站"},
    "basis_outstanding": {**_NOT_OPEN, "open_basis": ""},
    "in_review": {"open_tier": "unconditional"},
    "draft": {"open_tier": "unconditional", "private": True},
    "closed_later": {**_NOT_OPEN, "open_tier": "unconditional"},
    "not_open_shared": {**_NOT_OPEN, "sharing_tier": "conditional"},
    "not_open_released": {**_NOT_OPEN, "sharing_tier": "conditional"},
}


@dataclass
class Entry:
    """An entry with the ids of its parts and the words that tell of it wherever they turn up."""

    kind: str
    id: str
    name: str
    file: str
    link: str
    view: str

    @property
    def word(self) -> str:
        return word_of(self.kind)

    @property
    def telling(self) -> set[str]:
        """Whatever of these turns up in an answer tells that the entry exists."""
        word = self.word
        return {word, self.id, self.name, self.file, self.link, self.view, f"tag{word}", f"fmt{word}", f"row{word}"}


def word_of(kind: str) -> str:
    return "zq" + kind.replace("_", "") + "x"


@dataclass
class Scene:
    people: dict[str, dict[str, Any] | None]
    agency: dict[str, Any]
    other_agency: dict[str, Any]
    group: dict[str, Any]
    entries: dict[str, Entry] = field(default_factory=dict)

    def headers(self, role: str) -> dict[str, str]:
        person = self.people[role]
        return {"Authorization": person["token"]} if person else {}

    def context(self, role: str) -> Any:
        """A fresh context in which an action is asked in this role's name, as the API makes it."""
        person = self.people[role]
        user = model.User.get(person["id"]) if person else model.AnonymousUser()
        return {"user": user.name if person else "", "auth_user_obj": user, "ignore_auth": False}

    def hidden_from(self, role: str) -> list[Entry]:
        return [entry for kind, entry in self.entries.items() if role not in KINDS[kind]]


def people_of_all_roles() -> Scene:
    """Two agencies and a person in each role, each with an API token."""
    agency = factories.Organization(name="jiaotongju", title="交通运输局")
    other = factories.Organization(name="weijianwei", title="卫生健康委员会")
    group = factories.Group(name="zhuti", title="主题")
    posts = {
        "data_user": (None, ""),
        "other_officer": (other, "admin"),
        "member": (agency, "member"),
        "publisher": (agency, "editor"),
        "decider": (agency, "admin"),
        "operator": (None, ""),
        "authority": (None, ""),
    }
    people: dict[str, dict[str, Any] | None] = {"visitor": None}
    for role, (place, capacity) in posts.items():
        person = factories.User(name=role.replace("_", "-"))
        if place:
            call_action("organization_member_create", id=place["id"], username=person["name"], role=capacity)
        people[role] = person
    people["administrator"] = factories.Sysadmin(name="administrator")
    for person in filter(None, people.values()):
        person["token"] = call_action("api_token_create", user=person["name"], name="matrix")["token"]
    for role in ("operator", "authority"):
        call_action("govdata_officer_appoint", {"user": "administrator"}, user=role, role=role)
    call_action("group_member_create", id=group["id"], username="publisher", role="editor")
    return Scene(people, agency, other, group)


def add_entry(scene: Scene, kind: str) -> Entry:
    """Make an entry of this kind with a file, its rows, a link, a view, a tag and a format, all named by its word."""
    word = word_of(kind)
    context = _own(scene, "publisher" if kind == "in_review" else "administrator")
    fields = {
        "name": f"name{word}",
        "title": f"目录{word}",
        "notes": f"摘要{word}",
        "owner_org": scene.agency["id"],
        "tags": [{"name": f"tag{word}"}],
        "groups": [{"name": scene.group["name"]}],
        "data_items": [{"name": f"item{word}", "title": f"数据项{word}"}],
        **_FIELDS[kind],
    }
    package = tk.get_action("package_create")(context(), fields)
    file = _upload(context(), package["id"], word)
    link = tk.get_action("resource_create")(
        context(), {"package_id": package["id"], "url": f"https://link{word}.example/data.csv", "name": f"link{word}"}
    )
    _rows(file["id"], word)
    view = tk.get_action("resource_view_create")(
        context(), {"resource_id": file["id"], "view_type": "text_view", "title": f"view{word}"}
    )
    tk.get_action("package_patch")(context(), {"id": package["id"], "notes": f"摘要二{word}"})
    entry = Entry(kind, package["id"], f"name{word}", file["id"], link["id"], view["id"])
    scene.entries[kind] = entry
    _settle(scene, entry)
    return entry


def _own(scene: Scene, role: str) -> Callable[[], Any]:
    """Contexts in this person's name; the administrator's acts need no review."""
    return lambda: scene.context(role)


def _upload(context: Any, package_id: str, word: str) -> dict[str, Any]:
    upload = FileStorage(BytesIO(f"名称\nrow{word}\n".encode()), f"file{word}.csv")
    fields = {"package_id": package_id, "name": f"file{word}", "format": f"fmt{word}", "upload": upload, "url": "f"}
    return tk.get_action("resource_create")(context, fields)


def _rows(resource_id: str, word: str) -> None:
    call_action(
        "datastore_create",
        {"user": "administrator"},
        resource_id=resource_id,
        force=True,
        aliases=f"alias{word}{resource_id[:8]}",
        fields=[{"id": "名称", "type": "text"}],
        records=[{"名称": f"row{word}"}],
    )


def _settle(scene: Scene, entry: Entry) -> None:
    """One of the entries was public for a while, and has followers from that time."""
    if entry.kind == "closed_later":
        for role in ("data_user", "other_officer"):
            tk.get_action("follow_dataset")(scene.context(role), {"id": entry.id})
        tk.get_action("govdata_tier_change_propose")(
            scene.context("publisher"), {"id": entry.id, "open_tier": "not_open", "reason": "涉及内部事务"}
        )


def release(scene: Scene) -> None:
    """The agency's decider puts one of its closed entries into the negative list."""
    entry = scene.entries["not_open_released"]
    tk.get_action("govdata_release")(scene.context("decider"), {"id": entry.id, "released": True})
