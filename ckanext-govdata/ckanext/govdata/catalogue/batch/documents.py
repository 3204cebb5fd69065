"""What `package_show` and the search index hold of new packages, made from what was just written instead of read again."""

from __future__ import annotations

import copy
from typing import Any

from ckan import model
from ckan.lib import dictization
from ckan.lib.dictization import model_dictize
from ckan.lib.search import index as search_index
from ckan.lib.search.common import make_connection
from ckan.plugins import toolkit as tk
from ckan.types import Context

from .rebound import rebound


class Dictizer:
    """Makes CKAN's dictionary of a package; organisations are read once each."""

    def __init__(self) -> None:
        self._organisations: dict[str, dict[str, Any] | None] = {}

    def dictized(self, package: model.Package, entry: dict[str, Any], tag_ids: dict[str, str], context: Context) -> Any:
        """The dictionary that `package_dictize` would make of this package, whose entry and tags were just written."""
        found = dictization.table_dictize(package, context)
        found["title"] = (found.get("title") or "").strip() or found.get("title")
        found.pop("plugin_data", None)
        found["resources"] = self._resources(package, entry, context)
        found["num_resources"] = len(found["resources"])
        found["tags"] = _tags(entry, tag_ids)
        found["num_tags"] = len(found["tags"])
        found["extras"] = [{"key": key, "value": value} for key, value in (found["extras"] or {}).items()]
        found["groups"] = []
        found["organization"] = self._organisation(package.owner_org, context)
        found["relationships_as_subject"], found["relationships_as_object"] = [], []
        found["isopen"] = package.isopen()
        found["type"] = package.type or "dataset"
        found.update(_licence(package))
        return found

    @staticmethod
    def _resources(package: model.Package, entry: dict[str, Any], context: Context) -> list[dict[str, Any]]:
        if not entry.get("resources"):
            return []
        return model_dictize.resource_list_dictize(list(package.resources_all), context)

    def _organisation(self, organisation_id: str | None, context: Context) -> dict[str, Any] | None:
        if not organisation_id:
            return None
        if organisation_id not in self._organisations:
            group = model.Session.get(model.Group, organisation_id)
            active = group is not None and group.state == "active"
            held = dictization.table_dictize(group, context) if active else None
            if held:
                held.pop("extras", None)
            self._organisations[organisation_id] = held
        return copy.copy(self._organisations[organisation_id])


def _tags(entry: dict[str, Any], tag_ids: dict[str, str]) -> list[dict[str, Any]]:
    names = sorted({tag["name"] for tag in entry.get("tags") or []})
    return [
        {"id": tag_ids[name], "name": name, "vocabulary_id": None, "state": "active", "display_name": name}
        for name in names
    ]


def _licence(package: model.Package) -> dict[str, Any]:
    licence = package.license
    if licence and licence.url:
        return {"license_url": licence.url, "license_title": licence.title.split("::")[-1]}
    return {"license_title": licence.title if licence else package.license_id}


class _Collecting:
    """Stands for the connection to the search engine while CKAN builds one document after another."""

    url = "collecting"

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def add(self, docs: list[dict[str, Any]], commit: bool = False) -> None:
        self.documents += docs


def index_documents(shown: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Build the index documents, `before_dataset_index` hooks included, by CKAN's own code, and send them as one list."""
    collecting = _Collecting()
    build = rebound(search_index.PackageSearchIndex.index_package, make_connection=lambda: collecting)
    index = search_index.PackageSearchIndex()
    for default, custom in shown:
        build(index, dict(default, with_custom_schema=custom), False)
    if collecting.documents:
        commit = bool(tk.config.get("ckan.search.solr_commit"))
        make_connection().add(docs=collecting.documents, commit=commit)
    return collecting.documents
