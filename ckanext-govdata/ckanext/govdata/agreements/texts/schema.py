"""Shapes of the data that the actions on model texts take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

Schema = dict[str, Any]


def nothing() -> Schema:
    return {}


@validator_args
def by_id(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def draft(default: Any, unicode_safe: Any, ignore_missing: Any) -> Schema:
    return {"key": [default("standard"), unicode_safe], "note": [default(""), unicode_safe], "body": [ignore_missing]}
