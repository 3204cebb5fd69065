"""Shapes of the data that the actions on posts take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from ..roles.schema import last_day as day
from .domain import CAPACITIES


@validator_args
def invitation(not_empty: Any, unicode_safe: Any, one_of: Any, default: Any) -> dict[str, Any]:
    """An agency, an address, what is offered and until when."""
    return {
        "agency": [not_empty, unicode_safe],
        "mail": [not_empty, unicode_safe],
        "capacity": [not_empty, unicode_safe, one_of(list(CAPACITIES))],
        "duty": [default(""), unicode_safe],
        "until": [default(""), day],
    }


@validator_args
def token(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """An invitation's token."""
    return {"token": [not_empty, unicode_safe]}


@validator_args
def ending(not_empty: Any, unicode_safe: Any, default: Any) -> dict[str, Any]:
    """A post, why it ends, and who takes it over."""
    return {
        "id": [not_empty, unicode_safe],
        "reason": [default(""), unicode_safe],
        "successor": [default(""), unicode_safe],
    }


@validator_args
def agency(default: Any, unicode_safe: Any, boolean_validator: Any) -> dict[str, Any]:
    """One agency, or all; with posts that ended or without."""
    return {"agency": [default(""), unicode_safe], "ended": [default(False), boolean_validator]}


@validator_args
def training(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Who was trained in what, and when."""
    return {
        "agency": [not_empty, unicode_safe],
        "user": [not_empty, unicode_safe],
        "subject": [not_empty, unicode_safe],
        "held_on": [not_empty, day],
    }


@validator_args
def unit(not_empty: Any, unicode_safe: Any, default: Any) -> dict[str, Any]:
    """The unit in charge, and its telephone."""
    return {
        "agency": [not_empty, unicode_safe],
        "unit": [not_empty, unicode_safe],
        "phone": [default(""), unicode_safe],
    }
