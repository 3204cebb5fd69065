"""What CKAN's `package_dictize` reads of its tables one dataset at a time, read for a batch of datasets at once.

The rows go through CKAN's own functions, so the outcome is the same; a test compares the two for every kind of dataset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ckan.lib.dictization as dictization
import sqlalchemy as sa
from ckan import model
from ckan.lib.dictization import model_dictize
from ckan.types import Context

from .validation import copied, shortened

Rows = dict[str, list[Any]]
_its_own = model_dictize.package_dictize


class Batch:
    """The rows of some datasets by kind and dataset. What is made of groups is kept in `shared`."""

    def __init__(self, ids: Sequence[str], shared: Shared) -> None:
        query = model.Session.query(model.Package).filter(model.Package.id.in_(ids))
        self.packages: dict[str, model.Package] = {package.id: package for package in query}
        self.shared = shared
        shared.load({package.owner_org for package in self.packages.values() if package.owner_org})
        keys = list(self.packages)
        self._resources = _rows(model.resource_table, model.resource_table.c["package_id"], keys)
        self._tags = _tags(keys)
        self._groups = _groups(keys)
        relationships = model.package_relationship_table
        self._subjects = _rows(relationships, relationships.c["subject_package_id"], keys)
        self._objects = _rows(relationships, relationships.c["object_package_id"], keys)

    def dictize(self, package: model.Package, context: Context, include_plugin_data: bool = False) -> dict[str, Any]:
        """What CKAN's own function returns for the dataset; one outside the batch is left to that."""
        if package.id not in self.packages or include_plugin_data:
            return _its_own(package, context, include_plugin_data)
        out = dictization.table_dictize(package, context)
        if out.get("title"):
            out["title"] = out["title"].strip()
        out.pop("plugin_data", None)
        out["resources"] = model_dictize.resource_list_dictize(self._resources[package.id], context)
        out["num_resources"] = len(out["resources"])
        out["tags"] = dictization.obj_list_dictize(self._tags[package.id], context, lambda tag: tag["name"])
        out["num_tags"] = len(out["tags"])
        for tag in out["tags"]:
            tag["display_name"] = tag["name"]
        out["extras"] = [{"key": key, "value": value} for key, value in (out["extras"] or {}).items()]
        context["with_capacity"] = False
        out["groups"] = self.shared.groups(self._groups[package.id], context)
        out["organization"] = self.shared.organization(package.owner_org)
        out["relationships_as_subject"] = dictization.obj_list_dictize(self._subjects[package.id], context)
        out["relationships_as_object"] = dictization.obj_list_dictize(self._objects[package.id], context)
        _add_what_the_object_knows(out, package)
        return out


class Shared:
    """Organizations and groups as dictionaries: those of a batch are read anew, and a row that stayed as it was is made once."""

    def __init__(self) -> None:
        self._organizations: dict[str, dict[str, Any]] = {}
        self._groups: dict[str, dict[str, Any]] = {}

    def load(self, ids: set[str]) -> None:
        """Read the organizations of a batch; what an earlier one read may have changed since."""
        table = model.group_table
        query = sa.select(table).where(table.c["id"].in_(ids), table.c["state"] == "active")
        self._organizations = {
            made["id"]: {key: value for key, value in made.items() if key != "extras"}
            for made in dictization.obj_list_dictize(list(model.Session.execute(query)), {})
        }

    def organization(self, id_: str | None) -> dict[str, Any] | None:
        known = self._organizations.get(id_ or "")
        return dict(known) if known else None

    def groups(self, rows: list[Any], context: Context) -> list[dict[str, Any]]:
        made = []
        for row in rows:
            # All of the row but its last column, which says whose group it is.
            key = repr(row[:-1])
            if key not in self._groups:
                (self._groups[key],) = model_dictize.group_list_dictize([row], context, with_package_counts=False)
            made.append(copied(self._groups[key]))
        return sorted(made, key=lambda group: model_dictize.h.strxfrm(group["display_name"]))


def _add_what_the_object_knows(out: dict[str, Any], package: model.Package) -> None:
    out["isopen"] = package.isopen()
    out["type"] = package.type or "dataset"
    if package.license and package.license.url:
        out["license_url"] = package.license.url
        out["license_title"] = package.license.title.split("::")[-1]
    elif package.license:
        out["license_title"] = package.license.title
    else:
        out["license_title"] = package.license_id
    out["metadata_modified"] = package.metadata_modified.isoformat()
    out["metadata_created"] = package.metadata_created.isoformat() if package.metadata_created else None


def _rows(table: Any, owner: Any, keys: list[str]) -> Rows:
    """The rows of a table by their dataset, in no order of their own, as CKAN reads them."""
    found: Rows = defaultdict(list)
    for row in model.Session.execute(sa.select(table).where(owner.in_(keys))):
        found[getattr(row, owner.name)].append(row)
    return found


def _tags(keys: list[str]) -> Rows:
    tag, link = model.tag_table, model.package_tag_table
    query = sa.select(tag, link.c["state"]).join(link, tag.c["id"] == link.c["tag_id"])
    return _split(query, link.c["package_id"], keys)


def _groups(keys: list[str]) -> Rows:
    group, member = model.group_table, model.member_table
    query = sa.select(group, member.c["capacity"]).join(member, group.c["id"] == member.c["group_id"])
    query = query.where(member.c["state"] == "active", group.c["is_organization"] == sa.false())
    return _split(query, member.c["table_id"], keys)


def _split(query: Any, owner: Any, keys: list[str]) -> Rows:
    """Rows of a query by their dataset. CKAN leaves out a column of the name `revision_id` when it makes dictionaries."""
    found: Rows = defaultdict(list)
    for row in model.Session.execute(query.add_columns(owner.label("revision_id")).where(owner.in_(keys))):
        found[row.revision_id].append(row)
    return found


@contextmanager
def reading(batch: Batch) -> Iterator[None]:
    """While it lasts, CKAN's actions get the datasets of the batch from what was read at once."""
    model_dictize.package_dictize = batch.dictize
    try:
        with shortened():
            yield
    finally:
        model_dictize.package_dictize = _its_own
