"""Shapes of the data that the actions on the ledger take."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args


@validator_args
def receipt(not_empty: Any, uuid_validator: Any) -> dict[str, Any]:
    """An entry's id."""
    return {"id": [not_empty, uuid_validator]}


def nothing() -> dict[str, Any]:
    """No parameters."""
    return {}
