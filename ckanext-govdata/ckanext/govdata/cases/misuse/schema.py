"""Shapes of the data that the actions on reports of misuse take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def report(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """What is done, with which data, by whom as far as it is known; and how to reach the reporter, if they want it."""
    return {
        "kind": [not_empty, unicode_safe],
        "text": [not_empty, unicode_safe],
        **{name: [default(""), unicode_safe] for name in ("who", "dataset", "contact")},
    }


@validator_args
def following(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"number": [not_empty, unicode_safe], "code": [not_empty, unicode_safe]}


@validator_args
def adding(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {**following(), "text": [not_empty, unicode_safe]}


@validator_args
def one(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def step(not_empty: Any, default: Any, unicode_safe: Any) -> dict[str, Any]:
    """A report, a command, its words, and the party for `tie`."""
    return {
        "id": [not_empty, unicode_safe],
        "command": [not_empty, unicode_safe],
        "text": [default(""), unicode_safe],
        "party": [default(""), unicode_safe],
    }


@validator_args
def notice(not_empty: Any, default: Any, unicode_safe: Any, boolean_validator: Any) -> dict[str, Any]:
    """A report, an agreement, and what its breach path asks for."""
    names = ("id", "agreement", "breach", "clause", "reason")
    return {**{name: [not_empty, unicode_safe] for name in names}, "danger": [default(False), boolean_validator]}


@validator_args
def page(default: Any, natural_number_validator: Any) -> dict[str, Any]:
    return {"limit": [default(50), natural_number_validator], "offset": [default(0), natural_number_validator]}
