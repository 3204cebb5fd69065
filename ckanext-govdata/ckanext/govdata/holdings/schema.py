"""Shapes of what the actions take."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import Schema, Validator


def _v(*names: str) -> list[Validator]:
    return [tk.get_validator(name) for name in names]


def push() -> Schema:
    needed, optional = _v("not_missing", "not_empty", "unicode_safe"), _v("ignore_missing", "unicode_safe")
    return {
        "dataset": needed,
        "upload": _v("ignore_missing"),
        "name": optional,
        "format": optional,
        "resource": optional,
        "sha256": optional,
    }


def one() -> Schema:
    return {"id": _v("not_missing", "not_empty", "unicode_safe")}
