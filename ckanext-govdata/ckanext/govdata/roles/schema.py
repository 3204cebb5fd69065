"""Shapes of the data that the actions on officers take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from .domain import OFFICES


@validator_args
def officer(not_empty: Any, unicode_safe: Any, one_of: Any) -> dict[str, Any]:
    """A user and an office."""
    return {
        "user": [not_empty, unicode_safe],
        "role": [not_empty, unicode_safe, one_of([role.value for role in OFFICES])],
    }


@validator_args
def officer_list(default: Any, boolean_validator: Any) -> dict[str, Any]:
    """Whether terms that have ended are listed too."""
    return {"ended": [default(False), boolean_validator]}
