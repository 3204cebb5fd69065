"""Shapes of the data that the actions on withdrawals take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from .. import evidence


@validator_args
def report(
    not_empty: Any, ignore_missing: Any, default: Any, unicode_safe: Any, boolean_validator: Any
) -> dict[str, Any]:
    """A dataset, what was seen, and files that show it."""
    return {
        "id": [not_empty, unicode_safe],
        "text": [not_empty, unicode_safe],
        "personal": [default(False), boolean_validator],
        "objection": [default(False), boolean_validator],
        **{name: [ignore_missing] for name in evidence.FIELDS},
    }


@validator_args
def withdraw(
    not_empty: Any, ignore_missing: Any, default: Any, unicode_safe: Any, boolean_validator: Any
) -> dict[str, Any]:
    """A dataset, why it is withdrawn, what holders are told and what it is called; under which report, where there was one."""
    return {
        "id": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
        "what": [not_empty, unicode_safe],
        "notice_title": [default(""), unicode_safe],
        "case": [ignore_missing, unicode_safe],
        "personal": [default(False), boolean_validator],
    }


@validator_args
def step(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """A case, a command and its reason; for the opening, the tier."""
    return {
        "id": [not_empty, unicode_safe],
        "command": [not_empty, unicode_safe],
        "reason": [default(""), unicode_safe],
        "tier": [default(""), unicode_safe],
    }


@validator_args
def persons_told(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """A case, how the persons concerned were told, and in which words or why not."""
    return {
        "id": [not_empty, unicode_safe],
        "how": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def confirm(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """A holder's answer."""
    return {"id": [not_empty, unicode_safe], "answer": [default(""), unicode_safe]}


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """A case."""
    return {"id": [not_empty, unicode_safe]}


@validator_args
def unseal(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """A piece of evidence, and why it is read."""
    return {"id": [not_empty, unicode_safe], "reason": [not_empty, unicode_safe]}


@validator_args
def page(default: Any, natural_number_validator: Any, boolean_validator: Any) -> dict[str, Any]:
    """A page of a list."""
    return {
        "limit": [default(50), natural_number_validator],
        "offset": [default(0), natural_number_validator],
        "open": [default(False), boolean_validator],
    }
