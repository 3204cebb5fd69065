"""Datasets are catalogue entries: nothing of another type comes in past the catalogue's judge.

CKAN gives a dataset of an unknown type its plain form, in which anybody writes tier and state of publication by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

ENTRY = "dataset"


def wrong_type(given: object) -> bool:
    """Whether a writer asks for a type other than the catalogue's."""
    return given is not tk.missing and given not in (None, "", ENTRY)


def words() -> str:
    return tk._("Only datasets can be entered here. Leave the type out, or give it as 'dataset'.")


@tk.chained_action
def package_create(next_action: Callable[..., Any], context: Context, data_dict: DataDict) -> Any:
    """Refuse other types to everybody but the portal itself."""
    if wrong_type(data_dict.get("type")) and not context.get("ignore_auth"):
        tk.check_access("package_create", context, data_dict)
        raise tk.ValidationError({"type": [words()]})
    return next_action(context, data_dict)


ACTIONS: dict[str, Callable[..., Any]] = {"package_create": package_create}
