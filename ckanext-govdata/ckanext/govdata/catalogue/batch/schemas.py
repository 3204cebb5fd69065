"""The plans by which the writer validates: creating, and showing by CKAN's default schema and by the catalogue's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ckan.lib import plugins as lib_plugins
from ckan.logic.schema import default_show_package_schema
from ckan.logic.validators import owner_org_validator, package_name_validator
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.scheming import plugins as scheming

from .plan import ValidationPlan
from .rebound import rebound

_TYPE = "dataset"


@dataclass
class Plans:
    """The three plans, made once a writer; `names` is what the batch at hand finds taken."""

    create: ValidationPlan
    show_default: ValidationPlan
    show: ValidationPlan
    composite: tuple[str, ...]
    names: set[str] = field(default_factory=set)

    def shown(self, dictized: dict[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, Any]]:
        """What `package_show` makes of a stored package, by the default and by the catalogue's schema."""
        default, _errors = self.show_default.run(dictized, context)
        custom, _errors = self.show.run(self._composites_unpacked(dictized), context)
        return default, custom

    def _composites_unpacked(self, dictized: dict[str, Any]) -> dict[str, Any]:
        held = {extra["key"]: extra["value"] for extra in dictized["extras"] if extra["key"] in self.composite}
        if not held:
            return dictized
        rest = [extra for extra in dictized["extras"] if extra["key"] not in held]
        return {**dictized, **{key: json.loads(value) for key, value in held.items()}, "extras": rest}


def make_plans(context: Context) -> Plans:
    """The plans by the schemas that are in force now."""
    plugin = lib_plugins.lookup_package_plugin(_TYPE)
    fields = tk.h.scheming_get_dataset_schema(_TYPE)["dataset_fields"]
    composite = tuple(known["field_name"] for known in fields if "repeating_subfields" in known)
    names: set[str] = set()
    # An entry that was just written has its name to itself.
    own_name = {package_name_validator: _name_validator(set())}
    swap = {package_name_validator: _name_validator(names), owner_org_validator: _remembering_owner()}
    return Plans(
        create=ValidationPlan(_schema(plugin, context, plugin.create_package_schema(), "package_create"), swap),
        show_default=ValidationPlan(default_show_package_schema(), own_name),
        show=ValidationPlan(_schema(plugin, context, plugin.show_package_schema(), "package_show"), own_name),
        composite=composite,
        names=names,
    )


def _schema(plugin: Any, context: Context, schema: dict[str, Any], action: str) -> dict[str, Any]:
    """The schema as the dataset form completes it, caught at the moment when it would validate."""
    if type(plugin).validate is not scheming.SchemingDatasetsPlugin.validate:
        raise RuntimeError("Writing in batches needs ckanext-scheming's form for datasets (plugin scheming_datasets).")
    completing = rebound(scheming.SchemingDatasetsPlugin.validate, navl_validate=lambda _data, whole, _context: whole)
    return completing(plugin, context, {"type": _TYPE}, schema, action)


def _name_validator(taken: set[str]) -> Callable[..., Any]:
    """CKAN's check of a name against those that the batch's one query found taken, in place of a query a record."""
    session = _Answering(taken)

    def package_name_unused(key: Any, data: Any, errors: Any, context: Any) -> None:
        session.name = data[key]
        package_name_validator(key, data, errors, {**context, "session": session})  # pyright: ignore[reportArgumentType]

    return package_name_unused


class _Answering:
    """Stands for the session in CKAN's name check: its one question, whether the name exists, is answered from a set."""

    def __init__(self, taken: set[str]) -> None:
        self._taken, self.name = taken, ""

    def query(self, *_columns: Any) -> _Answering:
        return self

    def filter(self, *_conditions: Any) -> _Answering:
        return self

    def exists(self) -> _Answering:
        return self

    def scalar(self) -> bool:
        return self.name in self._taken


def _remembering_owner() -> Callable[..., Any]:
    """CKAN's check of the owning organisation, asked once for each organisation."""
    known: dict[str, str] = {}

    def owner_org_known(key: Any, data: Any, errors: Any, context: Any) -> None:
        given = data.get(key)
        if isinstance(given, str) and given in known:
            data[key] = known[given]
            return
        owner_org_validator(key, data, errors, context)
        if isinstance(given, str) and given:
            known[given] = data[key]

    return owner_org_known
