"""Shapes of what the actions on days and terms take."""

from __future__ import annotations

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator, ValidatorFactory


@validator_args
def foresee(not_empty: Validator, unicode_safe: Validator, ignore_missing: Validator, isodate: Validator) -> Schema:
    return {"topic": [not_empty, unicode_safe], "received_at": [ignore_missing, isodate]}


@validator_args
def year(ignore_missing: Validator, int_validator: Validator) -> Schema:
    return {"year": [ignore_missing, int_validator]}


@validator_args
def agency(
    ignore_missing: Validator, unicode_safe: Validator, default: ValidatorFactory, natural_number_validator: Validator
) -> Schema:
    return {
        "agency": [ignore_missing, unicode_safe],
        "rows": [default(100), natural_number_validator],
    }
