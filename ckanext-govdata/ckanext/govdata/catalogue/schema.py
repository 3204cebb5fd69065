"""The shapes of the catalogue's actions: types and presence only, nothing that looks an entry up before access is checked."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Schema, Validator

_TIERS = ["unconditional", "conditional", "not_open"]


def _v(*names: str) -> list[Validator]:
    return [tk.get_validator(name) for name in names]


def _one_of(choices: list[str]) -> Validator:
    factory: Any = tk.get_validator("one_of")
    return factory(choices)


def _text() -> list[Validator]:
    return _v("not_missing", "not_empty", "unicode_safe")


def _optional() -> list[Validator]:
    return _v("ignore_missing", "unicode_safe")


def propose() -> Schema:
    return {
        "id": _text(),
        "open_tier": [*_text(), _one_of(_TIERS)],
        "reason": _text(),
        "proof_kind": _optional(),
        "proof": _optional(),
    }


def decide() -> Schema:
    return {"id": _text(), "accept": _v("not_missing", "boolean_validator"), "reason": _text()}


def review() -> Schema:
    return {
        "id": _text(),
        "reviewer": [*_text(), _one_of(["agency", "operator", "authority"])],
        "accept": _v("not_missing", "boolean_validator"),
        "note": _optional(),
    }


def release() -> Schema:
    return {"id": _text(), "released": _v("not_missing", "boolean_validator")}


def page() -> Schema:
    return {
        "agency": _optional(),
        "tier": [*_v("ignore_missing", "ignore_empty", "unicode_safe"), _one_of(_TIERS[:2])],
        "start": _v("ignore_missing", "natural_number_validator"),
        "rows": _v("ignore_missing", "natural_number_validator"),
    }


def one() -> Schema:
    return {"id": _text()}


def listing() -> Schema:
    return {"id": _optional(), "status": _optional(), "agency": _optional(), **page_bounds()}


def page_bounds() -> Schema:
    return {
        "start": _v("ignore_missing", "natural_number_validator"),
        "rows": _v("ignore_missing", "natural_number_validator"),
    }
