"""Lists that CKAN makes by SQL over every dataset there is, narrowed to what the asker may see.

Tags, formats, members of a group and the order of organisations by size would tell that a hidden entry exists, and what of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.dictization.model_dictize import get_group_dataset_counts
from ckan.lib.plugins import get_permission_labels
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..roles.actors import actor_of_user
from ..roles.domain import Permission, permits
from .hiding import asker, sees_everything

Next = Callable[..., Any]
_ALL = {"limit": 1_000_000, "offset": 0}


def seen_by(context: Context) -> Any:
    """An SQL condition on `package`: public, of the asker's agency, or anything for supervisors and the administrator.

    It never lets through what the permission labels hide; entries shared among officers (YZ-22) are left to search.
    """
    actor = actor_of_user(asker(context))
    if sees_everything(context) or permits(actor, Permission.CATALOGUE_READ_UNPUBLISHED).allowed:
        return sa.true()
    public = sa.and_(model.Package.private.is_(False), model.Package.state == "active")
    return sa.or_(public, model.Package.owner_org.in_(actor.agencies))


def _tags_seen(context: Context) -> Any:
    """Ids of the tags on entries that the asker may see; a tag of a vocabulary was chosen by nobody's entry."""
    used = (
        sa.select(model.PackageTag.tag_id)
        .join(model.Package, model.Package.id == model.PackageTag.package_id)
        .where(model.PackageTag.state == "active", seen_by(context))
    )
    return sa.or_(model.Tag.vocabulary_id.is_not(None), model.Tag.id.in_(used))


@tk.chained_action
@tk.side_effect_free
def tag_search(next_action: Next, context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Tags by words: those of visible entries, counted as such."""
    everything = next_action(context, {**data_dict, **_ALL})
    tags = _only_seen_tags(context, everything["results"])
    return {"count": len(tags), "results": _page(tags, data_dict)}


@tk.chained_action
@tk.side_effect_free
def tag_list(next_action: Next, context: Context, data_dict: DataDict) -> list[Any]:
    """Tags: those of visible entries."""
    tags = next_action(context, {**data_dict, **_ALL})
    seen = _only_seen_tags(context, tags)
    return _page(seen, data_dict) if data_dict.get("query") or data_dict.get("q") else seen


@tk.chained_action
@tk.side_effect_free
def tag_autocomplete(next_action: Next, context: Context, data_dict: DataDict) -> list[str]:
    """Tags that continue what was typed: those of visible entries."""
    tags = next_action(context, {**data_dict, **_ALL})
    return _page(_only_seen_tags(context, tags), data_dict)


@tk.chained_action
@tk.side_effect_free
def tag_show(next_action: Next, context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A tag that stands only on hidden entries answers like one that is not there."""
    shown = next_action(context, data_dict)
    if not _only_seen_tags(context, [shown["name"]]) and not shown.get("vocabulary_id"):
        raise tk.ObjectNotFound
    return shown


def _only_seen_tags(context: Context, tags: list[Any]) -> list[Any]:
    if sees_everything(context):
        return tags
    names = [tag["name"] if isinstance(tag, dict) else tag for tag in tags]
    seen = set(model.Session.scalars(sa.select(model.Tag.name).where(model.Tag.name.in_(names), _tags_seen(context))))
    return [tag for tag, name in zip(tags, names, strict=True) if name in seen]


def _page(rows: list[Any], data_dict: DataDict) -> list[Any]:
    start = int(data_dict.get("offset") or 0)
    limit = data_dict.get("limit")
    return rows[start : start + int(limit)] if limit else rows[start:]


@tk.chained_action
@tk.side_effect_free
def format_autocomplete(next_action: Next, context: Context, data_dict: DataDict) -> list[str]:
    """Formats that contain what was typed, the most used first: those of files of visible entries."""
    if sees_everything(context):
        return next_action(context, data_dict)
    tk.check_access("format_autocomplete", context, data_dict)
    file = model.Resource
    words = str(tk.get_or_bust(data_dict, "q"))
    formats = (
        sa.select(file.format)
        .join(model.Package, model.Package.id == file.package_id)
        .where(file.state == "active", seen_by(context), file.format.icontains(words, autoescape=True))
        .group_by(file.format)
        .order_by(sa.func.count(file.id).desc(), file.format)
        .limit(int(data_dict.get("limit") or 5))
    )
    return [str(found).lower() for found in model.Session.scalars(formats)]


@tk.chained_action
@tk.side_effect_free
def member_list(next_action: Next, context: Context, data_dict: DataDict) -> list[Any]:
    """Members of a group; of its datasets, the visible ones."""
    members = next_action(context, data_dict)
    if sees_everything(context):
        return members
    ids = [row[0] for row in members if row[1] == "package"]
    seen = set(model.Session.scalars(sa.select(model.Package.id).where(model.Package.id.in_(ids), seen_by(context))))
    return [row for row in members if row[1] != "package" or row[0] in seen]


def _sorted_by_size(*, organizations: bool) -> Callable[..., Any]:
    """A chained list of groups that sorts by the number of visible datasets, where CKAN sorts by all there are."""

    @tk.chained_action
    @tk.side_effect_free
    def groups(next_action: Next, context: Context, data_dict: DataDict) -> list[Any]:
        words = str(data_dict.get("sort") or data_dict.get("order_by") or "").strip().lower().split()
        if sees_everything(context) or not words or words[0].rstrip(",") not in ("packages", "package_count"):
            return next_action(context, data_dict)
        every = {key: value for key, value in data_dict.items() if key not in ("order_by", "limit", "offset")}
        names = next_action(context, {**every, "sort": "name asc", "all_fields": False})
        page = _page(_by_size(context, names, words[-1] != "asc", organizations=organizations), data_dict)
        if not tk.asbool(data_dict.get("all_fields")) or not page:
            return page
        shown = next_action(context, {**every, "sort": "name asc", "groups": page})
        return sorted(shown, key=lambda group: page.index(group["name"]))

    return groups


def _by_size(context: Context, names: list[str], descending: bool, *, organizations: bool) -> list[str]:
    """Those groups of these that have datasets the asker may see, by their number."""
    labels = get_permission_labels().get_user_dataset_labels(asker(context))
    facets = get_group_dataset_counts(fq="entity_type:package", permissions_labels=labels)
    group = model.Group
    ids = dict(model.Session.execute(sa.select(group.name, group.id).where(group.name.in_(names))).tuples().all())
    if organizations:
        sizes = {name: facets["owner_org"].get(ids[name], 0) for name in names}
    else:
        sizes = {name: facets["groups"].get(name, 0) for name in names}
    return sorted((name for name in names if sizes[name]), key=lambda name: sizes[name], reverse=descending)


ACTIONS: dict[str, Callable[..., Any]] = {
    "tag_list": tag_list,
    "tag_search": tag_search,
    "tag_autocomplete": tag_autocomplete,
    "tag_show": tag_show,
    "format_autocomplete": format_autocomplete,
    "member_list": member_list,
    "group_list": _sorted_by_size(organizations=False),
    "organization_list": _sorted_by_size(organizations=True),
}
