"""Shapes of the data that the actions on uses take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def of_dataset(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def page(ignore_missing: Any, natural_number_validator: Any, isodate: Any) -> dict[str, Any]:
    return {
        "since": [ignore_missing, isodate],
        "until": [ignore_missing, isodate],
        "rows": [ignore_missing, natural_number_validator],
        "start": [ignore_missing, natural_number_validator],
    }


@validator_args
def of_agency(not_empty: Any, ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"agency": [not_empty, unicode_safe], "id": [ignore_missing, unicode_safe], **page()}


@validator_args
def trace(not_empty: Any, ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    named = ("dataset", "resource", "version", "sha256", "party", "user")
    return {"reason": [not_empty, unicode_safe], **{name: [ignore_missing, unicode_safe] for name in named}, **page()}
