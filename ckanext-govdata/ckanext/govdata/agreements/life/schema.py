"""Shapes of the data that the actions on agreements take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from ..applications.schema import words_in_a_list
from .domain import Breach

Schema = dict[str, Any]


@validator_args
def by_id(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def present(
    not_empty: Any, unicode_safe: Any, ignore_missing: Any, ignore_empty: Any, isodate: Any, is_positive_integer: Any
) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "first_day": [ignore_empty, isodate],
        "months": [ignore_missing, is_positive_integer],
        "items": [ignore_missing, words_in_a_list],
        "modes": [ignore_missing, words_in_a_list],
        "addresses": [ignore_missing, words_in_a_list],
        "quota": [ignore_empty, is_positive_integer],
        "supersedes": [ignore_empty, unicode_safe],
    }


@validator_args
def with_reason(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "reason": [not_empty, unicode_safe]}


@validator_args
def breach(not_empty: Any, unicode_safe: Any, one_of: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "breach": [not_empty, unicode_safe, one_of([one.value for one in Breach])],
        "clause": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def with_clause(not_empty: Any, unicode_safe: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "clause": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def listing(ignore_empty: Any, unicode_safe: Any, default: Any, natural_number_validator: Any) -> Schema:
    words = ("desk", "state", "agency", "party", "dataset", "application", "document", "ending_within")
    return {
        **{name: [ignore_empty, unicode_safe] for name in words},
        "limit": [default(20), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }
