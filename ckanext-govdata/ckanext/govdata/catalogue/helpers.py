"""What templates ask of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk

from .vocabulary import themes


def govdata_theme_choices(field: dict[str, Any]) -> list[dict[str, Any]]:
    """The themes as choices of the form's field."""
    return [{"value": theme["key"], "label": {"en": theme["en"], "zh_Hans_CN": theme["zh"]}} for theme in themes()]


def govdata_choice_label(field_name: str, value: str) -> str:
    """The word for a stored key of a dataset field, in the reader's language; the key itself when the field has none."""
    schema = tk.h.scheming_get_dataset_schema("dataset") or {"dataset_fields": []}
    field = next((field for field in schema["dataset_fields"] if field["field_name"] == field_name), None)
    if field is None:
        return value
    choices = tk.h.scheming_field_choices(field) or []
    return str(tk.h.scheming_choices_label(choices, value))


HELPERS: dict[str, Callable[..., Any]] = {
    "govdata_theme_choices": govdata_theme_choices,
    "govdata_choice_label": govdata_choice_label,
}
