"""Shapes of the data that the actions on objections take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def filing(
    not_empty: Any,
    ignore_missing: Any,
    ignore_empty: Any,
    default: Any,
    unicode_safe: Any,
    boolean_validator: Any,
    natural_number_validator: Any,
) -> dict[str, Any]:
    """What is objected to, and why."""
    return {
        "id": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
        "text": [not_empty, unicode_safe],
        "resource": [ignore_missing, unicode_safe],
        "version": [ignore_empty, natural_number_validator],
        "own_right": [default(False), boolean_validator],
        "items": [default(""), unicode_safe],
        "rows": [default(""), unicode_safe],
        "sharing": [default(False), boolean_validator],
        "evidence": [ignore_missing],
        "evidence_2": [ignore_missing],
        "evidence_3": [ignore_missing],
    }


@validator_args
def following(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Number and code."""
    return {"number": [not_empty, unicode_safe], "code": [not_empty, unicode_safe]}


@validator_args
def again(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Number and code, and why the authority should look again."""
    return {**following(), "reason": [not_empty, unicode_safe]}


@validator_args
def step(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """A case, a command and its words."""
    return {
        "id": [not_empty, unicode_safe],
        "command": [not_empty, unicode_safe],
        "reason": [default(""), unicode_safe],
        "version": [default(""), unicode_safe],
    }


@validator_args
def route(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """A case, the agency whose data it is, and how one knows."""
    return {
        "id": [not_empty, unicode_safe],
        "agency": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def page(ignore_missing: Any, default: Any, unicode_safe: Any, natural_number_validator: Any) -> dict[str, Any]:
    """Of one dataset or of all, a page of the register."""
    return {
        "id": [ignore_missing, unicode_safe],
        "state": [ignore_missing, unicode_safe],
        "limit": [default(50), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }
