"""Shapes of the data that the actions on grants and on the switch take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def with_reason(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Something by its id, and why."""
    return {"id": [not_empty, unicode_safe], "reason": [not_empty, unicode_safe]}


@validator_args
def decision(
    not_empty: Any, not_missing: Any, unicode_safe: Any, boolean_validator: Any, default: Any
) -> dict[str, Any]:
    """A yes or no to something by its id, and why."""
    return {
        "id": [not_empty, unicode_safe],
        "accept": [not_missing, boolean_validator],
        "reason": [default(""), unicode_safe],
    }


@validator_args
def inspection(not_empty: Any, unicode_safe: Any, default: Any, natural_number_validator: Any) -> dict[str, Any]:
    """A dataset, why it is looked into, and for how many days."""
    return {
        "id": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
        "days": [default(7), natural_number_validator],
    }


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Something by its id."""
    return {"id": [not_empty, unicode_safe]}


@validator_args
def grants(
    ignore_missing: Any,
    ignore_empty: Any,
    unicode_safe: Any,
    default: Any,
    boolean_validator: Any,
    natural_number_validator: Any,
) -> dict[str, Any]:
    """A page of the list of grants, of all or by dataset, kind and state."""
    return {
        "id": [ignore_missing, unicode_safe],
        "mine": [default(False), boolean_validator],
        "kind": [ignore_empty, unicode_safe],
        "state": [ignore_empty, unicode_safe],
        "limit": [default(100), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def page(ignore_missing: Any, unicode_safe: Any, default: Any, natural_number_validator: Any) -> dict[str, Any]:
    """Of one dataset or of all, a page of a list."""
    return {
        "id": [ignore_missing, unicode_safe],
        "limit": [default(100), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }
