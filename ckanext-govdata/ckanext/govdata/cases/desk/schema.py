"""Shapes of the data that the actions on the desk take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def listing(default: Any, unicode_safe: Any, natural_number_validator: Any, boolean_validator: Any) -> dict[str, Any]:
    """Filters and a page."""
    return {
        **{name: [default(""), unicode_safe] for name in ("kind", "state", "agency", "due", "q")},
        "mine": [default(False), boolean_validator],
        "all": [default(False), boolean_validator],
        "limit": [default(30), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def note(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe], "text": [not_empty, unicode_safe]}


@validator_args
def handing_over(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "officer": [not_empty, unicode_safe],
        "reason": [default(""), unicode_safe],
    }


@validator_args
def figures(default: Any, natural_number_validator: Any) -> dict[str, Any]:
    """A year; the present one for 0."""
    return {"year": [default(0), natural_number_validator]}
