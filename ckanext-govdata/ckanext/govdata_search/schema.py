"""The shape of what the actions are given."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

MOST_SUGGESTED = 20


def _get(*names: str) -> list[Any]:
    return [tk.get_validator(name) for name in names]


def _number(unset: int) -> list[Any]:
    default: Any = tk.get_validator("default")
    return [default(unset), tk.get_validator("natural_number_validator")]


def autocomplete() -> dict[str, Any]:
    return {
        "q": _get("not_empty", "unicode_safe"),
        "limit": _number(8),
    }


def did_you_mean() -> dict[str, Any]:
    return {
        "q": _get("not_empty", "unicode_safe"),
        "fq": _get("ignore_missing", "unicode_safe"),
        "limit": _number(3),
    }
