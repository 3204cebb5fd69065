"""What a dataset's page says of an entry: title, freshness, files, citation, and its description for machines."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import g

from . import config
from .agencies import govdata_agency_title
from .freshness import Freshness, freshness
from .people import reader
from .words import as_date, govdata_date, is_english, today

Entry = dict[str, Any]
_FIRST_ROWS = 10


def govdata_title(entry: Entry) -> dict[str, str]:
    """The title for the reader (`text`), the other one (`other`), each with its language for `lang` (empty: the page's)."""
    chinese, english = str(entry.get("title") or entry.get("name") or ""), str(entry.get("title_en") or "")
    if is_english():
        if english:
            return {"text": english, "lang": "", "other": chinese, "other_lang": "zh-CN"}
        return {"text": chinese, "lang": "zh-CN", "other": "", "other_lang": ""}
    return {"text": chinese, "lang": "", "other": english, "other_lang": "en"}


def govdata_notes(entry: Entry) -> dict[str, str]:
    """The abstract for the reader (`text`) and its language where it differs from the page's (`lang`)."""
    english = str(entry.get("notes_en") or "")
    if is_english() and english:
        return {"text": english, "lang": ""}
    return {"text": str(entry.get("notes") or ""), "lang": "zh-CN" if is_english() else ""}


def govdata_freshness(entry: Entry) -> Freshness:
    updated = as_date(entry.get("data_updated")) or as_date(entry.get("metadata_modified"))
    return freshness(updated, str(entry.get("update_cycle") or ""), today())


def govdata_formats(entry: Entry) -> list[str]:
    """The formats of the entry's files, or those its list declares when it has no files."""
    own = [str(resource.get("format") or "").upper() for resource in entry.get("resources") or []]
    declared = entry.get("declared_formats") or []
    names = own or (declared if isinstance(declared, list) else [str(declared)])
    return list(dict.fromkeys(name for name in names if name))


def govdata_total_size(entry: Entry) -> int:
    """Bytes of all files whose size is known."""
    return sum(int(r["size"]) for r in entry.get("resources") or [] if str(r.get("size") or "").isdigit())


def govdata_may_download(entry: Entry) -> str:
    """Whether the gate gives this reader the files: `yes`, `sign_in` (the city asks for it, YZ-27), or `no`."""
    verdict = tk.h.govdata_verdict(entry["id"])
    if verdict["allowed"]:
        return "yes"
    return "sign_in" if verdict["reason"] == "sign_in_required" else "no"


def govdata_versions(package_id: str) -> dict[str, list[dict[str, Any]]]:
    """The versions of a dataset's files, by the id of each; asked once a page."""
    known: dict[str, Any] = g.setdefault("govdata_versions", {})
    if package_id not in known:
        known[package_id] = tk.get_action("govdata_data_version_list")(reader(), {"id": package_id})
    return known[package_id]


def govdata_citation(entry: Entry) -> str:
    """The line by which a user names the source and the day the data was obtained (DCF-25)."""
    agency = entry.get("organization") or {}
    return tk._("{agency}: {title}. {site}, data of {updated}, obtained {today}. {url}").format(
        agency=govdata_agency_title(agency.get("name", ""), agency.get("title", "")),
        title=govdata_title(entry)["text"],
        site=tk.config.get("ckan.site_title"),
        updated=govdata_date(govdata_freshness(entry).updated),
        today=govdata_date(today()),
        url=tk.url_for("dataset.read", id=entry["name"], _external=True, locale="default"),
    )


def govdata_json_ld(entry: Entry) -> Entry | None:
    """The entry as a schema.org Dataset; None unless everybody may read it."""
    if entry.get("private") or entry.get("publication") != "published":
        return None
    agency = entry.get("organization") or {}
    described = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": entry.get("title"),
        "alternateName": entry.get("title_en"),
        "description": tk.h.markdown_extract(entry.get("notes") or entry.get("title") or "", 5000),
        "url": tk.url_for("dataset.read", id=entry["name"], _external=True, locale="default"),
        "identifier": entry["id"],
        "inLanguage": "zh-CN",
        "keywords": [tag["name"] for tag in entry.get("tags") or []],
        "isAccessibleForFree": entry.get("open_tier") == "unconditional",
        "license": entry.get("license_url"),
        "datePublished": entry.get("issued"),
        "dateModified": entry.get("data_updated") or str(entry.get("metadata_modified") or "")[:10],
        "spatialCoverage": entry.get("coverage_place"),
        "temporalCoverage": _period(entry),
        "creator": {"@type": "GovernmentOrganization", "name": agency.get("title")},
        "includedInDataCatalog": {"@type": "DataCatalog", "name": tk.config.get("ckan.site_title")},
        "variableMeasured": [item.get("title") or item.get("name") for item in entry.get("data_items") or []],
        "distribution": _distributions(entry),
    }
    return {key: value for key, value in described.items() if value not in (None, "", [])}


def _period(entry: Entry) -> str:
    start, end = entry.get("coverage_start"), entry.get("coverage_end")
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def _distributions(entry: Entry) -> list[Entry]:
    """The files, only of unconditional data: what a machine is told to fetch must be fetchable."""
    if entry.get("open_tier") != "unconditional":
        return []
    return [
        {
            "@type": "DataDownload",
            "name": resource.get("name") or resource.get("format"),
            "encodingFormat": resource.get("mimetype") or resource.get("format"),
            "contentUrl": resource.get("url"),
        }
        for resource in entry.get("resources") or []
    ]


def govdata_footer() -> dict[str, str]:
    return config.footer()


def _is_shown_by_itself(resource: Entry) -> bool:
    return tk.h.govdata_verdict(resource["package_id"])["reason"] in ("open", "own_agency")


def govdata_first_rows(resource: Entry) -> Entry | None:
    """The first rows of a file that is kept as a table: `fields`, `records`, `total`; None where there is no table to show.

    Rows under a grant are taken on purpose, and counted: a page does not take them by being looked at.
    """
    if not resource.get("datastore_active") or not _is_shown_by_itself(resource):
        return None
    try:
        found = tk.get_action("datastore_search")(reader(), {"resource_id": resource["id"], "limit": _FIRST_ROWS})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    fields = [field["id"] for field in found["fields"] if field["id"] != "_id"]
    return {"fields": fields, "records": found["records"], "total": found.get("total", len(found["records"]))}
