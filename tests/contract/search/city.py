"""The documents that the contract is held against: a small made-up city."""

from __future__ import annotations

from typing import Any

from ckanext.govdata_search.document import Document, cleaned

SITE = "city"


def document(name: str, title: str, **more: Any) -> Document:
    """A document as CKAN would build it, with what every dataset has."""
    return cleaned(
        {
            "index_id": f"key-{name}",
            "id": f"id-{name}",
            "name": name,
            "title": title,
            "title_string": title,
            "site_id": SITE,
            "entity_type": "package",
            "dataset_type": "dataset",
            "state": "active",
            "capacity": "public",
            "permission_labels": ["public"],
            "metadata_created": "2026-01-01T00:00:00Z",
            "metadata_modified": "2026-01-01T00:00:00.123456Z",
            **more,
        }
    )


DOCUMENTS = (
    document(
        "roads",
        "道路交通事故统计",
        notes="按月汇总的道路交通事故",
        tags=["交通", "安全"],
        organization="jiaotongju",
        res_format=["CSV", "XLSX"],
        metadata_modified="2026-03-01T08:00:00.000001Z",
        metadata_created="2025-12-01T00:00:00Z",
        theme="transport",
        row_count="120",
    ),
    document(
        "buses",
        "公共交通线路",
        notes="Bus routes of the city",
        tags=["交通", "bus"],
        organization="jiaotongju",
        res_format=["JSON"],
        metadata_modified="2026-02-01T08:00:00Z",
        theme="transport",
        extras_source_system="调度系统",
        views_recent=12,
    ),
    document(
        "beds",
        "医院床位数",
        notes="各医院床位",
        tags=["卫生"],
        organization="weijianwei",
        res_format=["CSV"],
        metadata_modified="2026-02-01T08:00:00Z",
        theme="health",
        capacity="private",
        permission_labels=["agency-weijianwei"],
        views_recent=3,
    ),
    document(
        "firms",
        "企業登記名錄",
        notes="海州区和连云港市的企业",
        tags=["企业", "a:b", 'with "quotes"'],
        organization="shichangju",
        theme="economy",
        issued_date="2024-05-06T00:00:00Z",
        state="draft",
    ),
    document(
        "wifi",
        "Wi-Fi hotspots 2024",
        notes="Free wireless in parks, PowerShot cameras, C++ drivers and Lincoln's café 🚌",
        tags=["Wi-Fi"],
        url="http://city.example/wifi?x=1",
        organization="xinxi",
        res_format=["CSV"],
        res_name=["hotspots by district"],
        theme="it",
        site_id="elsewhere",
    ),
)
