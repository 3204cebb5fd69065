"""Shapes of the data that the actions on requests for data take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def filing(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """What is asked for, why, and of whom where the asker knows."""
    return {
        "title": [not_empty, unicode_safe],
        "text": [not_empty, unicode_safe],
        "purpose": [default(""), unicode_safe],
        "agency": [default(""), unicode_safe],
    }


@validator_args
def similar(not_empty: Any, default: Any, unicode_safe: Any, natural_number_validator: Any) -> dict[str, Any]:
    return {"text": [not_empty, unicode_safe], "limit": [default(5), natural_number_validator]}


@validator_args
def support(not_empty: Any, default: Any, unicode_safe: Any, boolean_validator: Any) -> dict[str, Any]:
    """A request, and whether one's voice is taken back."""
    return {"number": [not_empty, unicode_safe], "withdraw": [default(False), boolean_validator]}


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"number": [not_empty, unicode_safe]}


@validator_args
def step(not_empty: Any, default: Any, unicode_safe: Any, ignore_empty: Any, isodate: Any) -> dict[str, Any]:
    """A request, a command and what belongs to it."""
    words = ("reason", "title", "text", "agency", "dataset", "into")
    return {
        "number": [not_empty, unicode_safe],
        "command": [not_empty, unicode_safe],
        **{name: [default(""), unicode_safe] for name in words},
        "promised": [ignore_empty, isodate],
    }


@validator_args
def listing(default: Any, unicode_safe: Any, natural_number_validator: Any, boolean_validator: Any) -> dict[str, Any]:
    """Filters, an order and a page."""
    return {
        **{name: [default(""), unicode_safe] for name in ("q", "state", "agency")},
        "order": [default("voices"), unicode_safe],
        "mine": [default(False), boolean_validator],
        "limit": [default(20), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }
