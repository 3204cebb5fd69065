"""The groups in which the form of a catalogue entry asks: what it is, who may have it, how it is kept, who answers for it."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk


def govdata_form_groups(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The schema's fields in groups of `title` and `fields`; a field that no group names comes in the last one."""
    by_name = {field["field_name"]: field for field in fields if field.get("form_snippet", "") is not None}
    groups = [
        {"title": title, "fields": [by_name.pop(name) for name in names if name in by_name]}
        for title, names in _groups()
    ]
    groups[-1]["fields"] += list(by_name.values())
    return [group for group in groups if group["fields"]]


def _groups() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (
            tk._("What the data is"),
            ("title", "title_en", "name", "notes", "notes_en", "owner_org", "theme", "base_register", "tag_string"),
        ),
        (
            tk._("Who may have it"),
            (
                *("open_tier", "open_exception", "open_basis", "open_conditions", "grading", "license_id"),
                *("sharing_tier", "sharing_mode", "sharing_basis"),
            ),
        ),
        (tk._("Data items"), ("data_items", "declared_formats", "row_count")),
        (
            tk._("Time and place"),
            (
                *("update_cycle", "data_updated", "issued", "valid_from", "valid_until"),
                *("coverage_start", "coverage_end", "coverage_place"),
            ),
        ),
        (
            tk._("Who answers for it"),
            ("contact_unit", "person_in_charge", "contact_phone", "contact_email", "maintainer"),
        ),
        (tk._("Where it comes from"), ("resource_code", "source_system", "source_url")),
    ]
