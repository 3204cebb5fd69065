"""Entries as the catalogue takes them: every field that a city would fill, for CKAN's actions (pure)."""

from __future__ import annotations

import datetime
import random
import uuid
from dataclasses import dataclass
from typing import Any

from .city import Agency, city
from .entries import Entry
from .files import WRITERS
from .tables import Table, make_table, row_count

_SPACE = uuid.UUID("5b0c1d0e-3f7a-5c52-9a4e-990100990100")
# The list by which what the demo loaded is known again.
LIST_ID = "jianghai-demo"
MAIL_DOMAIN = "jianghai.example"
_DAYS = {"realtime": 0, "daily": 1, "weekly": 6, "monthly": 26, "quarterly": 80, "semiannual": 150, "annual": 300}
_OVERDUE_SHARE = 0.06
_TABLES = ("csv", "xlsx")
_FORMAT_NAMES = {
    "csv": "CSV 表格，UTF-8 编码，首行为数据项名称",
    "xlsx": "Excel 工作簿，首行为数据项名称",
    "json": "JSON 文件，含数据项说明和记录",
    "geojson": "GeoJSON 空间数据，经纬度坐标",
    "pdf": "PDF 文档，供阅读和打印",
}


@dataclass(frozen=True)
class DemoFile:
    """One file of an entry: the id its resource has, its name, format and bytes."""

    id: str
    filename: str
    format: str
    content: bytes


def identity(kind: str, key: str) -> str:
    """The id that a thing of the demo has in every portal: made from its key, so that it is known again."""
    return str(uuid.uuid5(_SPACE, f"{kind}/{key}"))


def agency_record(agency: Agency) -> dict[str, Any]:
    """The agency as an organisation."""
    contact = {"title_en": agency.en, "kind": agency.kind, "contact_unit": agency.desk, **_contact(agency)}
    return {
        "id": identity("agency", agency.key),
        "name": agency_name(agency.key),
        "title": agency.zh,
        "description": f"{agency.about}\n\n联系：{agency.desk}，电话 {contact['contact_phone']}。本机构为演示虚构。",
        "extras": [{"key": key, "value": value} for key, value in contact.items()],
    }


def agency_name(key: str) -> str:
    """The agency's name in addresses."""
    return f"jianghai-{key}"


def dataset_name(entry: Entry) -> str:
    """The entry's name in addresses."""
    return f"jianghai-{entry.key}"


def _contact(agency: Agency) -> dict[str, str]:
    number = 8000000 + 37 * [other.key for other in city().agencies].index(agency.key)
    return {"contact_phone": f"0000-{number}", "contact_email": f"{agency.key}@{MAIL_DOMAIN}"}


def dataset_record(entry: Entry, number: int, as_of: datetime.date) -> dict[str, Any]:
    """The entry as a dataset without its files; `number` is its place in the catalogue."""
    template, terms = entry.template, city().terms.get(entry.tier, {})
    record = {
        "id": identity("dataset", entry.key),
        "name": dataset_name(entry),
        "title": entry.words("zh"),
        "title_en": entry.words("en"),
        "notes": _notes(entry),
        "notes_en": entry.words("about_en"),
        "owner_org": identity("agency", entry.agency.key),
        "tags": [{"name": tag} for tag in template["tags"]],
        "theme": template["theme"],
        "update_cycle": template["cycle"],
        "grading": template.get("grading", "general"),
        "base_register": template.get("register", ""),
        "source_system": template["sys"],
        "resource_code": f"JH-{entry.agency.key.upper()}-{number:04}",
        "coverage_place": entry.district.zh if entry.district else city().zh,
        "list_id": LIST_ID,
        "list_key": entry.key,
        "row_count": str(row_count(entry, as_of)),
        "data_items": _items(entry, as_of),
        "contact_unit": entry.agency.desk,
        "maintainer": entry.agency.zh,
        "person_in_charge": f"{entry.agency.desk}负责人",
        **_contact(entry.agency),
        **_tiers(entry, terms),
        **_dates(entry, as_of),
    }
    return {key: value for key, value in record.items() if value != ""}


def _notes(entry: Entry) -> str:
    terms = city().terms
    cycle = terms["cycles"][entry.template["cycle"]]
    rhythm = f"{cycle}更新" if cycle != "不定期" else "有变动时更新"
    watch = entry.words("watch") or terms.get(entry.tier, terms["not_open"])["watch"]
    return (
        f"{entry.words('about')}\n\n"
        f"**数据来源：**由{entry.agency.zh}从“{entry.template['sys']}”整理导出，{rhythm}。\n\n"
        f"**可以用来：**{entry.words('use')}\n\n**请注意：**{watch}"
    )


def _items(entry: Entry, as_of: datetime.date) -> list[dict[str, str]]:
    example = make_table(entry, as_of, limit=1).rows[0]
    kinds = city().terms["types"]
    return [
        {"name": item.name, "title": item.title, "type": kinds[item.type], "unit": item.unit, "example": str(value)}
        for item, value in zip(entry.items, example, strict=True)
    ]


def _tiers(entry: Entry, terms: dict[str, str]) -> dict[str, Any]:
    own = entry.template
    return {
        "open_tier": entry.tier,
        "tier_word": own.get("tier_word", ""),
        "open_basis": own.get("basis", terms.get("basis", "")),
        "open_exception": own.get("exception", ""),
        "open_conditions": own.get("conditions", terms.get("conditions", "")) if entry.tier == "conditional" else "",
        "sharing_tier": own.get("sharing", terms.get("sharing", "")),
        "sharing_mode": terms.get("mode", ""),
        "sharing_basis": own.get("sharing_basis", terms.get("sharing_basis", "")),
        "license_id": city().terms["licence"] if entry.tier == "unconditional" else "",
        "declared_formats": _formats(entry),
    }


def _formats(entry: Entry) -> list[str]:
    """Formats that the list names for an entry without files; files speak for themselves."""
    if entry.formats:
        return []
    return ["API"] if entry.tier == "conditional" else ["CSV", "XLSX"]


def _dates(entry: Entry, as_of: datetime.date) -> dict[str, str]:
    """First published, last updated within the cycle (a few are overdue), and the time that the data covers."""
    dice = random.Random(f"dates/{entry.key}")  # noqa: S311 - made-up figures
    longest = _DAYS.get(entry.template["cycle"], 200)
    age = dice.randint(0, longest) if dice.random() > _OVERDUE_SHARE else longest * 2 + 9
    updated = as_of - datetime.timedelta(days=age)
    issued = updated - datetime.timedelta(days=dice.randint(40, 1400))
    start, end = f"{updated.year - 1}-01-01", updated.isoformat()
    if entry.year is not None:
        start, end = f"{entry.year}-01-01", f"{entry.year}-12-31"
    return {
        "issued": issued.isoformat(),
        "valid_from": issued.isoformat(),
        "data_updated": updated.isoformat(),
        "coverage_start": start,
        "coverage_end": end,
    }


def files_of(entry: Entry, table: Table) -> list[DemoFile]:
    """The entry's files, one for each of its formats."""
    return [
        DemoFile(
            identity("file", f"{entry.key}/{kind}"), f"{dataset_name(entry)}.{kind}", kind, WRITERS[kind](entry, table)
        )
        for kind in entry.formats
    ]


def resource_record(entry: Entry, file: DemoFile) -> dict[str, Any]:
    """The file as a resource without its bytes."""
    sample = f"样例，取其中 {entry.sample} 行。" if entry.sample else ""
    return {
        "id": file.id,
        "name": f"{entry.words('zh')}（{file.format.upper()}）",
        "description": f"{_FORMAT_NAMES[file.format]}。{sample}",
        "format": {"geojson": "GeoJSON"}.get(file.format, file.format.upper()),
        "url": file.filename,
        "url_type": "upload",
        "size": len(file.content),
        # Its table follows right after; said here, the dataset need not be written twice.
        **({"datastore_active": True} if file.format in _TABLES else {}),
    }
