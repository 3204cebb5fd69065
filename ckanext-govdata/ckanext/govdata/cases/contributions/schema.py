"""Shapes of the data that the actions on contributions take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

WORDS = ("stars", "title", "text", "url")


@validator_args
def handing_in(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """A dataset, a kind, and what that kind has."""
    return {
        "id": [not_empty, unicode_safe],
        "kind": [not_empty, unicode_safe],
        **{name: [default(""), unicode_safe] for name in WORDS},
    }


@validator_args
def editing(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe], **{name: [default(""), unicode_safe] for name in WORDS}}


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def step(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "command": [not_empty, unicode_safe],
        "reason": [default(""), unicode_safe],
        "seen": [default(""), unicode_safe],
    }


@validator_args
def listing(default: Any, unicode_safe: Any, natural_number_validator: Any, boolean_validator: Any) -> dict[str, Any]:
    """Of one dataset or of all, of one kind or of all, one's own or everybody's; a page."""
    return {
        **{name: [default(""), unicode_safe] for name in ("id", "kind")},
        "mine": [default(False), boolean_validator],
        "limit": [default(20), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }
