"""Harvesters of other packages: plugins of ckanext-harvest (`IHarvester`), such as its own for CKAN and those of ckanext-dcat."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ..foreign.parent import Told, datasets
from .portals import field_of
from .protocol import Capabilities, Collected, KindError, Visit, rows_as_file, setting
from .rdf import row_of


@dataclass(frozen=True)
class ForeignSettings:
    """Which harvester, where, with what settings of its own, and which field of its datasets states the tier."""

    address: str = setting("来源地址", "Address of the source")
    plugin: str = setting(
        "采集插件, 如 ckan_harvester, dcat_rdf_harvester", "Plugin, such as ckan_harvester or dcat_rdf_harvester"
    )
    config: str = setting("该插件的配置 (JSON)", "Settings of the plugin (JSON)", "")
    tier_field: str = setting(
        "表示开放类型的字段, 如 access_rights", "Field that states the tier, such as access_rights", "access_rights"
    )


class Foreign:
    """What a harvester of ckanext-harvest brings (extra `harvest`). It writes nothing: its datasets are rows of a list."""

    name = "iharvester"
    label: Mapping[str, str] = {"zh": "ckanext-harvest 采集插件", "en": "Plugin of ckanext-harvest"}
    settings = ForeignSettings
    can = Capabilities(secrets=True)

    def collect(self, settings: ForeignSettings, visit: Visit) -> Collected:
        """All datasets that the harvester would write. Raises DoorError, KindError (`harvester_missing`, `harvester_failed`)."""
        if find_spec("ckanext.harvest") is None:
            raise KindError("harvester_missing", settings.plugin)
        found = list(_rows(settings, visit))
        if not found:
            raise KindError("harvester_failed", settings.plugin)
        found.sort(key=lambda row: str(row["identifier"]))
        return Collected(rows_as_file(visit.folder, found, "harvested.jsonl"), settings.address)


def _rows(settings: ForeignSettings, visit: Visit) -> Iterator[dict[str, Any]]:
    for told in datasets(visit, settings.plugin, settings.address, settings.config):
        yield _row(told, settings)


def _row(told: Told, settings: ForeignSettings) -> dict[str, Any]:
    """A dataset as a row. One that the harvester could not make is named, so that it is refused and not taken for withdrawn."""
    if told.dataset is None:
        return {"identifier": told.guid, "notes": told.error}
    row = row_of(told.dataset)
    organization = told.dataset.get("organization") or {}
    own = {
        "identifier": told.guid,
        "publisher": row.get("publisher")
        or field_of(told.dataset, "dcat_publisher_name")
        or organization.get("title")
        or organization.get("name"),
        "issued": row.get("issued") or str(told.dataset.get("metadata_created") or "")[:10],
        "openAttribute": field_of(told.dataset, settings.tier_field),
    }
    row.pop("openAttribute", None)
    return json.loads(json.dumps({**row, **{name: value for name, value in own.items() if value}}))
