"""Shapes of the data that the actions on officers take."""

from __future__ import annotations

import datetime
from typing import Any

from ckan.logic.schema import validator_args
from ckan.plugins import toolkit as tk

from .domain import OFFICES


def last_day(value: Any) -> datetime.date | None:
    """A day as YYYY-MM-DD; nothing for none."""
    if not value:
        return None
    try:
        return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        raise tk.Invalid(tk._("Write the day as 2026-12-31.")) from None


@validator_args
def appointment(not_empty: Any, unicode_safe: Any, one_of: Any, default: Any) -> dict[str, Any]:
    """A user, an office and its last day."""
    return {
        "user": [not_empty, unicode_safe],
        "role": [not_empty, unicode_safe, one_of([role.value for role in OFFICES])],
        "until": [default(""), last_day],
    }


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
