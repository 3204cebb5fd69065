"""Shapes of the data that the actions on tracing take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def of_file(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """A file by its id."""
    return {"id": [not_empty, unicode_safe]}


@validator_args
def declaration(
    not_empty: Any,
    not_missing: Any,
    unicode_safe: Any,
    boolean_validator: Any,
    ignore_missing: Any,
    convert_to_json_if_string: Any,
) -> dict[str, Any]:
    """What an agency says of a file's rows."""
    return {
        "id": [not_empty, unicode_safe],
        "order_meaningless": [not_missing, boolean_validator],
        "tolerances": [ignore_missing, convert_to_json_if_string],
    }


@validator_args
def leak(not_empty: Any, not_missing: Any, ignore_missing: Any, unicode_safe: Any) -> dict[str, Any]:
    """A leaked file (an upload, or base64), the file of the portal that it is compared with, and why."""
    return {
        "id": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
        "upload": [not_missing],
        "source": [ignore_missing],
    }
