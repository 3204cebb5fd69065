"""Shapes of the data that the actions on applications take. Shapes alone: who may do what is asked afterwards."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

Schema = dict[str, Any]
_CONTENT = ("purpose", "scenario", "security", "award")
_FLAGS = ("public_good", "operation", "consent")


@validator_args
def by_id(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def draft(not_empty: Any, unicode_safe: Any, ignore_empty: Any) -> Schema:
    own = {"party": [ignore_empty, unicode_safe], "agency": [ignore_empty, unicode_safe]}
    return {"id": [not_empty, unicode_safe], **own, **_content()}


@validator_args
def update(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], **_content()}


@validator_args
def _content(ignore_missing: Any, unicode_safe: Any, int_validator: Any, boolean_validator: Any) -> Schema:
    return {
        **{name: [ignore_missing, unicode_safe] for name in _CONTENT},
        **{name: [ignore_missing, boolean_validator] for name in _FLAGS},
        "items": [ignore_missing, words_in_a_list],
        "modes": [ignore_missing, words_in_a_list],
        "months": [ignore_missing, int_validator],
        "answers": [ignore_missing, words_by_key],
    }


def words_in_a_list(value: Any) -> list[str]:
    """A list of words; a form's single word is a list of one."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found) or len(found) > 2000:
        raise _invalid()
    return [word for word in found if word.strip()]


def words_by_key(value: Any) -> dict[str, str]:
    """Texts by key."""
    if not isinstance(value, dict) or len(value) > 200 or not all(isinstance(word, str) for word in value.values()):
        raise _invalid()
    if any(len(word) > 4000 for word in value.values()):
        raise _invalid()
    return {str(key): word for key, word in value.items()}


def _invalid() -> Exception:
    from ckan.plugins import toolkit as tk

    return tk.Invalid(tk._("This has not the shape that is asked for. See the action's page in the documentation."))


@validator_args
def attach(not_empty: Any, unicode_safe: Any, not_missing: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "upload": [not_missing]}


@validator_args
def with_reason(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "reason": [not_empty, unicode_safe]}


@validator_args
def maybe_reason(not_empty: Any, unicode_safe: Any, default: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "reason": [default(""), unicode_safe]}


@validator_args
def returned(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "missing": [not_empty, words_by_key], "reason": [not_empty, unicode_safe]}


@validator_args
def decide(not_empty: Any, unicode_safe: Any, not_missing: Any, boolean_validator: Any, default: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "accept": [not_missing, boolean_validator],
        "reason": [default(""), unicode_safe],
        "basis": [default(""), unicode_safe],
        "award_checked": [default(False), boolean_validator],
    }


@validator_args
def extend(not_empty: Any, unicode_safe: Any, ignore_missing: Any, natural_number_validator: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
        "days": [ignore_missing, natural_number_validator],
    }


@validator_args
def appeal_decide(not_empty: Any, unicode_safe: Any, not_missing: Any, boolean_validator: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "uphold": [not_missing, boolean_validator],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def assign(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "officer": [not_empty, unicode_safe]}


@validator_args
def listing(
    ignore_empty: Any,
    ignore_missing: Any,
    unicode_safe: Any,
    default: Any,
    natural_number_validator: Any,
    boolean_validator: Any,
) -> Schema:
    words = ("desk", "state", "agency", "party", "dataset", "kind", "purpose", "officer", "q")
    return {
        **{name: [ignore_empty, unicode_safe] for name in words},
        "open": [ignore_missing, boolean_validator],
        "overdue": [ignore_missing, boolean_validator],
        "limit": [default(20), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def public(ignore_empty: Any, unicode_safe: Any, default: Any, natural_number_validator: Any) -> Schema:
    words = ("dataset", "agency", "purpose", "outcome", "kind", "year")
    return {
        **{name: [ignore_empty, unicode_safe] for name in words},
        "limit": [default(20), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def succession(not_empty: Any, unicode_safe: Any, ignore_empty: Any) -> Schema:
    return {
        "agency": [ignore_empty, unicode_safe],
        "successor": [ignore_empty, unicode_safe],
        "officer": [ignore_empty, unicode_safe],
        "successor_officer": [ignore_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }
