"""The rows of a batch: validated entries as rows of CKAN's tables, written with one statement a table."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.navl.dictization_functions import missing

_PACKAGE_COLUMNS = frozenset(model.package_table.c.keys()) - {"plugin_data", "extras", "metadata_created"}
_RESOURCE_COLUMNS = frozenset(model.resource_table.c.keys()) - {"extras"}
# CKAN's own resources are empty text there, not null, when nothing is given.
_EMPTY_TEXTS: dict[str, str] = dict.fromkeys(("url", "format", "hash"), "")


@dataclass
class Rows:
    """Rows by table, in the order in which the tables have to be filled."""

    packages: list[dict[str, Any]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    package_tags: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)

    def insert(self) -> None:
        """One statement a table, in the session's transaction."""
        for table, rows in (
            (model.package_table, self.packages),
            (model.resource_table, self.resources),
            (model.tag_table, self.tags),
            (model.package_tag_table, self.package_tags),
            (model.member_table, self.members),
        ):
            if rows:
                model.Session.execute(sa.insert(table), rows)


def new_id() -> str:
    return str(uuid.uuid4())


def rows_of(entries: Iterable[dict[str, Any]], tag_ids: dict[str, str]) -> Rows:
    """The rows of validated entries, whose ids are set here; `tag_ids` are the known tags, completed with the new ones."""
    rows = Rows()
    for entry in entries:
        entry["id"] = entry.get("id") or new_id()
        rows.packages.append(_package(entry))
        rows.members.append(_owner(entry))
        _add_resources(entry, rows)
        _add_tags(entry, tag_ids, rows)
    return rows


def _package(entry: dict[str, Any]) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    given = {name: entry[name] for name in _PACKAGE_COLUMNS if name in entry and entry[name] is not missing}
    # Rows of one statement have the same columns.
    row: dict[str, Any] = {**dict.fromkeys(_PACKAGE_COLUMNS), **given}
    row["extras"] = {extra["key"]: extra["value"] for extra in entry.get("extras") or []}
    row["state"], row["type"] = row["state"] or "active", row["type"] or "dataset"
    row["metadata_created"] = now
    row["metadata_modified"] = row["metadata_modified"] or now
    row["private"] = bool(row["private"])
    return row


def _owner(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "table_name": "package",
        "table_id": entry["id"],
        "capacity": "organization",
        "group_id": entry["owner_org"],
        "state": "active",
    }


def _add_resources(entry: dict[str, Any], rows: Rows) -> None:
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    for position, resource in enumerate(entry.get("resources") or []):
        resource["id"] = resource.get("id") or new_id()
        row: dict[str, Any] = {name: resource.get(name, _EMPTY_TEXTS.get(name)) for name in _RESOURCE_COLUMNS}
        row["extras"] = {key: value for key, value in resource.items() if key not in _RESOURCE_COLUMNS}
        row |= {"package_id": entry["id"], "position": position, "state": "active"}
        row |= {"created": row["created"] or now, "metadata_modified": now}
        rows.resources.append(row)


def _add_tags(entry: dict[str, Any], tag_ids: dict[str, str], rows: Rows) -> None:
    for name in dict.fromkeys(tag["name"] for tag in entry.get("tags") or []):
        if name not in tag_ids:
            tag_ids[name] = new_id()
            rows.tags.append({"id": tag_ids[name], "name": name, "vocabulary_id": None})
        link = {"id": new_id(), "package_id": entry["id"], "tag_id": tag_ids[name], "state": "active"}
        rows.package_tags.append(link)


def known_tags(names: Iterable[str]) -> dict[str, str]:
    """The ids of the free tags among these names, by one query."""
    tag = model.tag_table
    wanted = sorted(set(names))
    if not wanted:
        return {}
    found = model.Session.execute(
        sa.select(tag.c["name"], tag.c["id"]).where(tag.c["name"].in_(wanted), tag.c["vocabulary_id"].is_(None))
    )
    return dict(found.tuples().all())
