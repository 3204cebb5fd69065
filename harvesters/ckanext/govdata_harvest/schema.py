"""Shapes of the data that harvesting's actions take; what it means is checked by the actions."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def source(
    not_empty: Any,
    ignore_missing: Any,
    ignore: Any,
    unicode_safe: Any,
    name_validator: Any,
    natural_number_validator: Any,
    boolean_validator: Any,
) -> dict[str, Any]:
    """A new source."""
    return {
        "name": [not_empty, unicode_safe, name_validator],
        "kind": [not_empty, unicode_safe],
        "agency": [ignore_missing, unicode_safe],
        **_settings(ignore_missing, ignore, unicode_safe, natural_number_validator, boolean_validator),
    }


@validator_args
def source_change(
    not_empty: Any,
    ignore_missing: Any,
    ignore: Any,
    unicode_safe: Any,
    natural_number_validator: Any,
    boolean_validator: Any,
) -> dict[str, Any]:
    """Changes of a source."""
    return {
        "id": [not_empty, unicode_safe],
        "state": [ignore_missing, unicode_safe],
        **_settings(ignore_missing, ignore, unicode_safe, natural_number_validator, boolean_validator),
    }


def _settings(
    ignore_missing: Any, ignore: Any, unicode_safe: Any, number: Any, boolean_validator: Any
) -> dict[str, Any]:
    return {
        "title": [ignore_missing, unicode_safe],
        "settings": [ignore_missing],
        "secrets": [ignore_missing],
        "every_hours": [ignore_missing, number],
        "quiet_from": [ignore_missing, number],
        "quiet_to": [ignore_missing, number],
        "takes_data": [ignore_missing, boolean_validator],
        "__junk": [ignore],
    }


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def merge(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {name: [not_empty, unicode_safe] for name in ("kept", "gone", "reason")}


@validator_args
def flag(not_empty: Any, unicode_safe: Any, boolean_validator: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe], "trusted": [not_empty, boolean_validator]}


@validator_args
def start(
    not_empty: Any, ignore_missing: Any, unicode_safe: Any, default: Any, boolean_validator: Any
) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "dry": [default(False), boolean_validator],
        "agreed": [default(False), boolean_validator],
        "upload": [ignore_missing],
    }


@validator_args
def page(ignore_missing: Any, unicode_safe: Any, default: Any, natural_number_validator: Any) -> dict[str, Any]:
    return {
        "id": [ignore_missing, unicode_safe],
        "state": [ignore_missing, unicode_safe],
        "act": [ignore_missing, unicode_safe],
        "limit": [default(50), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def plan_page(
    not_empty: Any, ignore_missing: Any, unicode_safe: Any, default: Any, natural_number_validator: Any
) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "act": [ignore_missing, unicode_safe],
        "limit": [default(50), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def leave_out(not_empty: Any, unicode_safe: Any, default: Any, boolean_validator: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe], "steps": [not_empty], "out": [default(True), boolean_validator]}


@validator_args
def comment(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe], "note": [not_empty, unicode_safe]}


@validator_args
def decision(
    not_empty: Any, ignore_missing: Any, unicode_safe: Any, boolean_validator: Any, one_of: Any
) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "reviewer": [not_empty, unicode_safe, one_of(["agency", "operator", "authority"])],
        "accept": [not_empty, boolean_validator],
        "note": [ignore_missing, unicode_safe],
    }


@validator_args
def mapping(not_empty: Any, ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "columns": [ignore_missing],
        "words": [ignore_missing],
        "reason": [ignore_missing, unicode_safe],
    }


@validator_args
def word(
    not_empty: Any, ignore_missing: Any, unicode_safe: Any, default: Any, natural_number_validator: Any, one_of: Any
) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "word": [ignore_missing, unicode_safe],
        "tier": [not_empty, one_of(["unconditional", "conditional", "not_open"])],
        "reason": [ignore_missing, unicode_safe],
        "rows": [default(0), natural_number_validator],
    }


@validator_args
def second(not_empty: Any, ignore_missing: Any, unicode_safe: Any, boolean_validator: Any) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "accept": [not_empty, boolean_validator],
        "reason": [ignore_missing, unicode_safe],
    }


@validator_args
def opening_second(
    not_empty: Any,
    ignore_missing: Any,
    unicode_safe: Any,
    boolean_validator: Any,
    default: Any,
    natural_number_validator: Any,
) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "accept": [not_empty, boolean_validator],
        "reason": [ignore_missing, unicode_safe],
        "entries": [default(0), natural_number_validator],
    }


@validator_args
def opening(not_empty: Any, ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
        "proof_kind": [ignore_missing, unicode_safe],
        "proof": [ignore_missing, unicode_safe],
    }


@validator_args
def compare(not_empty: Any, unicode_safe: Any, natural_number_validator: Any) -> dict[str, Any]:
    return {
        "id": [not_empty, unicode_safe],
        "older": [not_empty, natural_number_validator],
        "newer": [not_empty, natural_number_validator],
    }
