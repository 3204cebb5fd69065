"""Shapes of the data that the actions on documents take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

Schema = dict[str, Any]


@validator_args
def by_id(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def sign(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "name": [not_empty, unicode_safe]}


@validator_args
def embed(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "signature": [not_empty, unicode_safe]}


@validator_args
def page(default: Any, natural_number_validator: Any, ignore_empty: Any, unicode_safe: Any) -> Schema:
    return {
        "dataset": [ignore_empty, unicode_safe],
        "step": [ignore_empty, unicode_safe],
        "limit": [default(20), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def verify(not_missing: Any) -> Schema:
    return {"file": [not_missing]}
