"""The agencies by name, with their titles in the reader's language."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import g

from .words import is_english


def _all() -> dict[str, dict[str, Any]]:
    """Every active agency by name, read once per request: one query, because pages name dozens of them."""
    if "govdata_agencies" not in g:
        group: Any = model.Group
        rows = model.Session.query(group.id, group.name, group.title, group.extras).filter(
            group.is_organization.is_(True), group.state == "active"
        )
        g.govdata_agencies = {row.name: row._asdict() for row in rows}
    return g.govdata_agencies


def govdata_agency_title(name: str, fallback: str = "") -> str:
    """The agency's title in the reader's language; its Chinese title where it has no English one."""
    agency = _all().get(name)
    if agency is None:
        return fallback or name
    english = (agency["extras"] or {}).get("title_en")
    return (english if is_english() and english else agency["title"]) or name


def govdata_agency_choices() -> list[dict[str, str]]:
    """All agencies as `value` and `text`, sorted by title, for a filter."""
    choices = [{"value": name, "text": govdata_agency_title(name)} for name in _all()]
    return sorted(choices, key=lambda choice: tk.h.strxfrm(choice["text"]))


def govdata_agency_contact(agency: dict[str, Any]) -> list[dict[str, str]]:
    """What the agency says of itself for the public: `label` and `value`, in a fixed order."""
    said = {extra["key"]: str(extra["value"]) for extra in agency.get("extras") or []}
    labels = {
        "contact_unit": tk._("Responsible unit"),
        "contact_phone": tk._("Telephone"),
        "contact_email": tk._("E-mail"),
        "address": tk._("Postal address"),
        "website": tk._("Website"),
        "uscc": tk._("Unified social credit code"),
    }
    return [{"label": label, "value": said[key]} for key, label in labels.items() if said.get(key)]
