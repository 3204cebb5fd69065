"""Shapes of what the actions on notices take."""

from __future__ import annotations

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator, ValidatorFactory


@validator_args
def box(
    default: ValidatorFactory,
    boolean_validator: Validator,
    natural_number_validator: Validator,
    ignore_missing: Validator,
    unicode_safe: Validator,
) -> Schema:
    return {
        "unread": [default(False), boolean_validator],
        "about": [ignore_missing, unicode_safe],
        "rows": [default(20), natural_number_validator],
        "start": [default(0), natural_number_validator],
    }


@validator_args
def read(default: ValidatorFactory, boolean_validator: Validator, ignore_missing: Validator) -> Schema:
    return {"ids": [ignore_missing], "all": [default(False), boolean_validator]}


@validator_args
def contact(ignore_missing: Validator, boolean_validator: Validator, unicode_safe: Validator) -> Schema:
    return {
        "mail": [ignore_missing, boolean_validator],
        "sms": [ignore_missing, boolean_validator],
        "phone": [ignore_missing, unicode_safe],
    }


def nothing() -> Schema:
    return {}
