"""CKAN portals, and portals of this kind: their datasets as rows, asked for through `ckanapi` and the guarded door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ckanapi import RemoteCKAN
from ckanapi.errors import CKANAPIError

from .protocol import Capabilities, Collected, KindError, Visit, rows_as_file, setting

_PAGE = 200
_AGENT = "ckanext-govdata (open-data harvesting)"


@dataclass(frozen=True)
class PortalSettings:
    """Where the portal is, which of its datasets, and which of their fields states the tier."""

    address: str = setting("门户网址", "Address of the portal")
    filter: str = setting("筛选条件 (fq)", "Filter (fq)", "")
    tier_field: str = setting(
        "表示开放类型的字段, 如 license_id", "Field that states the tier, such as license_id", "open_tier"
    )


class _Answer:
    def __init__(self, text: str) -> None:
        self.status_code, self.text = 200, text


class _Session:
    """What `ckanapi` needs of a session: GET, and nothing else. Each request goes through the door."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def get(self, url: str, params: Mapping[str, Any] | None = None, headers: Any = None, **_more: Any) -> _Answer:
        own = {name: str(value) for name, value in (headers or {}).items() if name != "User-Agent"}
        found = self._visit.fetch(f"{url}?{urlencode(params or {})}", {**own, **self._visit.secrets})
        return _Answer(found.path.read_text("utf-8", errors="replace"))

    def close(self) -> None:
        """Nothing stays open."""


class CkanPortal:
    """The public datasets of a CKAN portal."""

    name = "ckan"
    label: Mapping[str, str] = {"zh": "CKAN 门户", "en": "CKAN portal"}
    settings = PortalSettings
    can = Capabilities(secrets=True, tombstones=True)

    def collect(self, settings: PortalSettings, visit: Visit) -> Collected:
        """All datasets, page by page. Raises DoorError; KindError where the portal answers no list or changes on the way."""
        found: list[dict[str, Any]] = []
        latest = ""
        for entry in _datasets(settings, visit):
            found.append(self.row(entry, settings))
            latest = max(latest, str(entry.get("metadata_modified") or ""))
        found.sort(key=lambda row: str(row["identifier"]))
        origin = {"portal": settings.address.rstrip("/"), "datasets": len(found), "revision": latest}
        return Collected(rows_as_file(visit.folder, found, "portal.jsonl"), settings.address, {}, origin)

    def row(self, entry: Mapping[str, Any], settings: PortalSettings) -> dict[str, Any]:
        """A dataset as a row: names that the vocabulary of columns knows."""
        return {**_plain_row(entry, settings), "openAttribute": field_of(entry, settings.tier_field)}


class SiblingPortal(CkanPortal):
    """Another portal of this kind: from district to city to province (YZ-7, ZB-7). Tiers come as they are there."""

    name = "portal"
    label: Mapping[str, str] = {"zh": "下级或上级公共数据开放平台", "en": "Another portal of this kind"}
    can = Capabilities(secrets=True, tiers=True, tombstones=True)

    def row(self, entry: Mapping[str, Any], settings: PortalSettings) -> dict[str, Any]:
        """A dataset with all fields of the catalogue."""
        kept = ("title_en", "theme", "update_cycle", "sharing_tier", "sharing_mode", "sharing_basis", "open_basis")
        more = {name: entry[name] for name in (*kept, "open_exception", "grading") if entry.get(name)}
        renamed = {
            "openCondition": entry.get("open_conditions"),
            "formats": entry.get("declared_formats"),
            "rowCount": entry.get("row_count"),
            "sourceSystem": entry.get("source_system"),
            "dataItems": entry.get("data_items"),
            "contactPhone": entry.get("contact_phone"),
            "contactEmail": entry.get("contact_email"),
            "govdata_open_tier": entry.get("open_tier"),
        }
        plain = _plain_row(entry, settings)
        if entry.get("data_updated"):
            plain["modified"] = entry["data_updated"]
        return {**plain, **more, **{name: value for name, value in renamed.items() if value}}


def _datasets(settings: PortalSettings, visit: Visit) -> Iterator[dict[str, Any]]:
    """Every dataset once. A portal that counts differently at the end than at the beginning has changed on the way."""
    portal = RemoteCKAN(settings.address, user_agent=_AGENT, get_only=True, session=_Session(visit))
    seen: set[str] = set()
    total, start = 1, 0
    while start < total:
        page = _page(portal, settings, start)
        total = int(page["count"])
        for entry in page["results"]:
            if entry["id"] not in seen:
                seen.add(entry["id"])
                yield entry
        if not page["results"]:
            break
        start += _PAGE
    if len(seen) < total:
        raise KindError("portal_changed_meanwhile", settings.address, passing=True)


def _page(portal: RemoteCKAN, settings: PortalSettings, start: int) -> dict[str, Any]:
    asked = {"q": "*:*", "rows": _PAGE, "start": start, "sort": "id asc"}
    try:
        page = portal.call_action("package_search", {**asked, **({"fq": settings.filter} if settings.filter else {})})
    except (CKANAPIError, KeyError, ValueError):
        raise KindError("portal_unreadable", settings.address) from None
    if not isinstance(page, dict) or not isinstance(page.get("results"), list) or "count" not in page:
        raise KindError("portal_unreadable", settings.address)
    return page


def _plain_row(entry: Mapping[str, Any], settings: PortalSettings) -> dict[str, Any]:
    organization = entry.get("organization") or {}
    row = {
        "identifier": entry["id"],
        "title": entry.get("title") or entry.get("name"),
        "notes": entry.get("notes"),
        "organization": organization.get("title") or organization.get("name"),
        "tags": [tag.get("display_name") or tag.get("name") for tag in entry.get("tags") or []],
        "issued": str(entry.get("metadata_created") or "")[:10],
        "landingPage": f"{settings.address.rstrip('/')}/dataset/{entry.get('name')}",
        "distribution": [_distribution(resource) for resource in entry.get("resources") or []],
    }
    return {name: value for name, value in row.items() if value}


def _distribution(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "downloadURL": resource.get("url"),
        "title": resource.get("name"),
        "description": resource.get("description"),
        "format": resource.get("format"),
    }


def field_of(entry: Mapping[str, Any], name: str) -> Any:
    """A field of a dataset, its own or among the extras."""
    if entry.get(name):
        return entry[name]
    return next((extra.get("value") for extra in entry.get("extras") or [] if extra.get("key") == name), None)
