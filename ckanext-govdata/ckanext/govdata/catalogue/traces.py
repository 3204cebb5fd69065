"""What CKAN keeps about an entry besides the entry: activities, followers, relations; brought in line when an entry closes.

CKAN labels an activity once, when it is written, so that everybody would go on reading of an entry that has been closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ckan.plugins as p
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from .domain import KEPT_HERE, OpenTier
from .hiding import OF_PLUGINS, asker, hiding_action, sees_everything
from .standing import standing_of
from .visibility import labels_of_dataset, labels_of_user

PUBLIC = "public"


def labels_allowed_by_both(then: Iterable[str], now: Iterable[str]) -> list[str]:
    """The labels of a text written under `then`, of an entry that stands under `now`: never more than either allows."""
    before, after = set(then), set(now)
    if PUBLIC in after:
        return sorted(before)
    if PUBLIC in before:
        return sorted(after)
    return sorted(before & after)


def follow_the_entry(package_id: str, *, sealed: bool = False) -> None:
    """Bring the traces of an entry in line with its present labels and tier, in the transaction that changes the entry.

    `sealed` takes the links out of them whatever the tier.
    """
    package = model.Package.get(package_id)
    if package is None:
        return
    labels = labels_of_dataset(package)
    if p.plugin_loaded("activity"):
        _relabel_activities(package, labels, sealed or standing_of(package).tier is not OpenTier.UNCONDITIONAL)
    if PUBLIC not in labels:
        _forget_strangers(package, labels)


def _relabel_activities(package: model.Package, labels: list[str], sealed: bool) -> None:
    """Older activities lose the labels, and the links, that the entry has lost.

    Activities about views carry no labels, so that everybody reads them: those of a closed entry are deleted.
    """
    from ckanext.activity.model import Activity

    closed = PUBLIC not in labels
    if not (sealed or closed):
        return
    about = model.Session.query(Activity).filter(Activity.object_id == package.id)
    for activity in about:
        if closed and str(activity.activity_type).endswith("resource view"):
            model.Session.delete(activity)
            continue
        kept = labels_allowed_by_both(activity.permission_labels or [], labels)
        if kept != sorted(activity.permission_labels or []):
            activity.permission_labels = kept
        if sealed:
            _seal_links(activity)


def _seal_links(activity: Any) -> None:
    """Take the addresses of linked resources out of the copy of the entry that an activity keeps."""
    copy = (activity.data or {}).get("package") or {}
    links = [file for file in copy.get("resources") or [] if file.get("url") and file.get("url_type") not in KEPT_HERE]
    if not links:
        return
    sealed = {file["id"] for file in links}
    files = [{**file, "url": ""} if file.get("id") in sealed else file for file in copy["resources"]]
    activity.data = {**activity.data, "package": {**copy, "resources": files}}


def _forget_strangers(package: model.Package, labels: list[str]) -> None:
    """Who may no longer see an entry no longer follows it, and no other entry is related to it in public."""
    following = model.UserFollowingDataset
    for row in model.Session.query(following).filter(following.object_id == package.id):
        if not set(labels) & set(labels_of_user(model.User.get(row.follower_id))):
            model.Session.delete(row)
    relation = model.PackageRelationship
    related = sa.or_(relation.subject_package_id == package.id, relation.object_package_id == package.id)
    for row in model.Session.query(relation).filter(related):
        model.Session.delete(row)


@tk.chained_action
def activity_create(next_action: Callable[..., Any], context: Context, data_dict: DataDict) -> Any:
    """Keep no activity about a view of an entry that is not public: CKAN shows those to everybody."""
    if str(data_dict.get("activity_type")).endswith("resource view"):
        package = model.Package.get(str(data_dict.get("object_id")))
        if package is not None and PUBLIC not in labels_of_dataset(package):
            tk.check_access("activity_create", context, data_dict)
            return None
    return next_action(context, data_dict)


def _of_one_agency(name: str) -> Callable[..., Any]:
    """A chained bulk change of an agency's datasets that takes the agency's alone.

    CKAN leaves those of others as they are, and all the same writes an activity about each that was named.
    """

    @tk.chained_action
    def bulk(next_action: Callable[..., Any], context: Context, data_dict: DataDict) -> Any:
        tk.check_access(name, context, data_dict)
        named = {str(reference) for reference in data_dict.get("datasets") or []}
        package = model.Package
        own = sa.select(package.id).where(package.id.in_(named), package.owner_org == data_dict.get("org_id"))
        if named - set(model.Session.scalars(own)):
            raise tk.ObjectNotFound(tk._("One of these datasets is not there, or is not this agency's."))
        return next_action(context, data_dict)

    return bulk


BULK_ACTIONS: dict[str, Callable[..., Any]] = {
    name: _of_one_agency(name) for name in ("bulk_update_private", "bulk_update_public", "bulk_update_delete")
}
_diff_of_visible = hiding_action(OF_PLUGINS["activity"][0]["activity_diff"], reading=True)


@tk.chained_action
@tk.side_effect_free
def activity_diff(next_action: Callable[..., Any], context: Context, data_dict: DataDict) -> Any:
    """Compare with the version before only for those who may see that one too: it can be from before publication."""
    before = _version_before(str(data_dict.get("id") or ""))
    if before is not None and not sees_everything(context):
        mine = set(labels_of_user(asker(context)))
        if not mine & set(before.permission_labels or []):
            raise tk.ObjectNotFound
    return _diff_of_visible(next_action, context, data_dict)


def _version_before(activity_id: str) -> Any:
    from ckanext.activity.model import Activity

    activity = Activity.get(activity_id)
    if activity is None:
        return None
    earlier = (Activity.object_id == activity.object_id) & (Activity.timestamp < activity.timestamp)
    return model.Session.query(Activity).filter(earlier).order_by(Activity.timestamp.desc()).first()


ACTIONS: dict[str, Callable[..., Any]] = {"activity_create": activity_create, "activity_diff": activity_diff}
