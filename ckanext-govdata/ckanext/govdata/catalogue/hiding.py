"""Entries that somebody may not see answer that person exactly as entries that never existed.

CKAN says "not authorised" of a private dataset and "not found" of none, and so tells the two apart. Here an action that
names an entry the asker may not see is carried out with an id that names nothing: whatever CKAN then answers, it answers
of nothing, and only the id that was asked is put back into its words.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from .visibility import labels_of_dataset, labels_of_user

Find = Callable[[str], "model.Package | None"]


def is_hidden_from(package: model.Package, user: Any) -> bool:
    """Whether the very existence of the entry must not show to this user (None for visitors): none of the labels is theirs."""
    return not set(labels_of_dataset(package)) & set(labels_of_user(user))


def asker(context: Context) -> Any:
    """The user in whose name an action is asked; None for visitors."""
    name = context.get("user")
    return context.get("auth_user_obj") or (model.User.by_name(name) if name else None)


def sees_everything(context: Context) -> bool:
    """CKAN asks no permission of the portal's own acts and of the administrator (metadata alone: bytes have their gate)."""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))


def _package(reference: str) -> model.Package | None:
    return model.Package.get(reference)


def _of_resource(reference: str) -> model.Package | None:
    resource = model.Resource.get(reference)
    return resource.package if resource else None


def _of_table(reference: str) -> model.Package | None:
    """The entry of a table of the DataStore, which can also be named by an alias."""
    from ckanext.datastore.backend import DatastoreBackend  # only where the plugin is on

    found = _of_resource(reference)
    if found is not None:
        return found
    _, resource_id = DatastoreBackend.get_active_backend().resource_id_from_alias(reference)
    if resource_id:
        return _of_resource(resource_id)
    _look_for_a_file_of_nothing()
    return None


def _of_view(reference: str) -> model.Package | None:
    view = model.ResourceView.get(reference)
    if view is None:
        _look_for_a_file_of_nothing()
        return None
    return _of_resource(view.resource_id)


def _look_for_a_file_of_nothing() -> None:
    """The work that a file and its entry would have made, so that a hidden one is not told by time."""
    for _ in range(2):
        model.Session.get(model.Package, str(uuid.uuid4()))


def _look_as_long_as_for_nothing(find: Find, reference: str, package: model.Package) -> None:
    """What is found at once makes the work of what is not: no name, or no alias, of it is there either."""
    if find is _package and reference == package.id:
        model.Package.by_name(str(uuid.uuid4()))
    if find is _of_table and len(reference) == len(package.id):  # by its id, not by an alias
        _look_for_a_file_of_nothing()


def _of_activity(reference: str) -> model.Package | None:
    from ckanext.activity.model import Activity  # only where the plugin is on

    activity = Activity.get(reference)
    return _package(activity.object_id) if activity and activity.object_id else None


def _package_or_resource(reference: str) -> model.Package | None:
    return _package(reference) or _of_resource(reference)


def _fields(find: Find, *names: str) -> dict[str, Find]:
    return dict.fromkeys(names, find)


_ENTRY = _fields(_package, "id", "name_or_id")
_FILE = _fields(_of_resource, "id")
_VIEW = _fields(_of_view, "id")
_TABLE = _fields(_of_table, "resource_id", "id")
_RELATION = _fields(_package, "id", "id2", "subject", "object")
_ENTRY_OR_NAME = _fields(_package, "id", "name")

# Which argument of which of CKAN's actions names an entry. A test holds this table against every action of the portal.
READING: Mapping[str, Mapping[str, Find]] = {
    "package_show": _ENTRY,
    "package_relationships_list": _RELATION,
    "package_collaborator_list": _ENTRY,
    "resource_show": _FILE,
    "resource_view_list": _FILE,
    "resource_view_show": _VIEW,
    "dataset_follower_count": _ENTRY,
    "dataset_follower_list": _ENTRY,
    "am_following_dataset": _ENTRY,
    "task_status_show": _fields(_package_or_resource, "entity_id"),
    "file_owner_scan": _fields(_package_or_resource, "owner_id"),
}
WRITING: Mapping[str, Mapping[str, Find]] = {
    "package_update": _ENTRY_OR_NAME,
    "package_patch": _ENTRY_OR_NAME,
    "package_delete": _ENTRY,
    "dataset_purge": _ENTRY,
    "package_resource_reorder": _ENTRY,
    "package_owner_org_update": _ENTRY,
    "package_relationship_create": _RELATION,
    "package_relationship_update": _RELATION,
    "package_relationship_delete": _RELATION,
    "package_collaborator_create": _ENTRY,
    "package_collaborator_delete": _ENTRY,
    "resource_create": _fields(_package, "package_id"),
    "resource_update": _FILE,
    "resource_patch": _FILE,
    "resource_delete": _FILE,
    "resource_view_create": _fields(_of_resource, "resource_id"),
    "resource_view_update": _VIEW,
    "resource_view_delete": _VIEW,
    "resource_view_reorder": _fields(_of_resource, "id"),
    "follow_dataset": _ENTRY,
    "unfollow_dataset": _ENTRY,
    "member_create": _fields(_package, "object"),
    "member_delete": _fields(_package, "object"),
}
# The same for actions of other plugins, which exist only where that plugin is on.
OF_PLUGINS: Mapping[str, tuple[Mapping[str, Mapping[str, Find]], Mapping[str, Mapping[str, Find]]]] = {
    "activity": (
        {
            "package_activity_list": _ENTRY,
            "activity_show": _fields(_of_activity, "id"),
            "activity_data_show": _fields(_of_activity, "id"),
            "activity_diff": _fields(_of_activity, "id"),
        },
        {},
    ),
    "datastore": (
        {"datastore_info": _TABLE, "datastore_search": _TABLE},
        dict.fromkeys(
            (
                "datastore_create",
                "datastore_upsert",
                "datastore_delete",
                "datastore_records_delete",
                "datastore_run_triggers",
            ),
            _TABLE,
        ),
    ),
    "dcat": ({"dcat_dataset_show": _ENTRY}, {}),
}
# Permissions that pages ask by themselves, before they have called the action of the same name.
_ASKED_ALONE = (
    "package_show",
    "package_update",
    "package_patch",
    "package_delete",
    "resource_create",
    "resource_show",
    "resource_update",
    "resource_patch",
    "resource_delete",
    "resource_view_list",
    "resource_view_create",
    "resource_view_update",
)


class _Absent:
    """The arguments of an action with ids of nothing in place of hidden ones, and the way back for what CKAN says."""

    def __init__(self, context: Context, data_dict: DataDict, fields: Mapping[str, Find]) -> None:
        self.data_dict = data_dict
        self._asked: dict[str, str] = {}
        user: Any = None
        for field, find in fields.items():
            value = data_dict.get(field)
            if not isinstance(value, str) or not value:
                continue
            package = find(value)
            user = user or asker(context)
            # Asked of nothing too, so that a hidden entry makes no more work than none, and is not told by time.
            labels_of_user(user)
            if package is not None and is_hidden_from(package, user):
                _look_as_long_as_for_nothing(find, value, package)
                self._asked[self._nothing(field)] = value

    def _nothing(self, field: str) -> str:
        nothing = str(uuid.uuid4())
        self.data_dict = {**self.data_dict, field: nothing}
        return nothing

    def __bool__(self) -> bool:
        return bool(self._asked)

    def in_words_of_the_asker(self, value: Any) -> Any:
        """Put the ids that were asked back into what CKAN said of nothing."""
        if isinstance(value, str):
            for nothing, asked in self._asked.items():
                value = value.replace(nothing, asked)
        elif isinstance(value, dict):
            return {key: self.in_words_of_the_asker(part) for key, part in value.items()}
        elif isinstance(value, list):
            return [self.in_words_of_the_asker(part) for part in value]
        return value


def hiding_action(fields: Mapping[str, Find], *, reading: bool) -> Callable[..., Any]:
    """A chained action that carries itself out on nothing where it names an entry hidden from the asker."""

    @tk.chained_action
    def hiding(next_action: Callable[..., Any], context: Context, data_dict: DataDict) -> Any:
        if sees_everything(context):
            return next_action(context, data_dict)
        absent = _Absent(context, data_dict, fields)
        if not absent:
            return next_action(context, data_dict)
        try:
            return absent.in_words_of_the_asker(next_action(context, absent.data_dict))
        except tk.ValidationError as error:
            error.error_dict = absent.in_words_of_the_asker(error.error_dict)
            raise
        except (tk.ObjectNotFound, tk.NotAuthorized) as error:
            error.message = absent.in_words_of_the_asker(error.message)
            error.args = (error.message,)
            raise

    if reading:
        hiding.side_effect_free = True  # type: ignore[attr-defined]
    return hiding


def _hiding_auth(name: str, fields: Mapping[str, Find], *, reading: bool) -> Callable[..., AuthResult]:
    """A chained permission that knows nothing of an entry hidden from the asker; for pages that ask it by itself."""

    @tk.chained_auth_function
    def hiding(next_auth: Callable[..., AuthResult], context: Context, data_dict: DataDict | None) -> AuthResult:
        if _Absent(context, data_dict or {}, fields):
            raise tk.ObjectNotFound()
        return next_auth(context, data_dict)

    hiding.__name__ = name
    # CKAN looks for this on the outermost function: without it a page without a user object is denied what all may read.
    return tk.auth_allow_anonymous_access(hiding) if reading else hiding


def permissions() -> dict[str, Callable[..., AuthResult]]:
    """The chained permissions over CKAN's own."""
    fields = {**READING, **WRITING}
    return {name: _hiding_auth(name, fields[name], reading=name in READING) for name in _ASKED_ALONE}


def permissions_over_plugin(plugin: str) -> dict[str, Callable[..., AuthResult]]:
    """The chained permissions over those of another plugin."""
    name = "package_activity_list"
    return {name: _hiding_auth(name, _ENTRY, reading=True)} if plugin == "activity" else {}


def actions() -> dict[str, Callable[..., Any]]:
    """The chained actions over CKAN's own."""
    return _actions_over(READING, WRITING)


def actions_over_plugin(plugin: str) -> dict[str, Callable[..., Any]]:
    """The chained actions over those of another plugin."""
    return _actions_over(*OF_PLUGINS.get(plugin, ({}, {})))


def _actions_over(
    reading: Mapping[str, Mapping[str, Find]], writing: Mapping[str, Mapping[str, Find]]
) -> dict[str, Callable[..., Any]]:
    found = {name: hiding_action(fields, reading=True) for name, fields in reading.items()}
    return {**found, **{name: hiding_action(fields, reading=False) for name, fields in writing.items()}}


_HOMES = ("ckan.logic.action.get", "ckan.logic.action.create", "ckan.logic.action.update", "ckan.logic.action.patch")
_MORE_HOMES = ("ckan.logic.action.delete", "ckan.logic.action.file", "ckanext.activity.logic.action")
_PLUGIN_HOMES = ("ckanext.datastore.logic.action", "ckanext.dcat.logic")


def with_their_help(chained: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Give chained actions the words of those they stand before: the API's help shows the outermost function's."""
    homes = [sys.modules[home] for home in (*_HOMES, *_MORE_HOMES, *_PLUGIN_HOMES) if home in sys.modules]
    for name, action in chained.items():
        words = next((getattr(home, name).__doc__ for home in homes if hasattr(home, name)), None)
        action.__dict__["__doc__"] = words  # CKAN copies what stands in __dict__ to the function it shows
    return chained
