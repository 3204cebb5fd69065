"""Rows of the DataStore pass the gate: chained to CKAN's own checks, and asked of administrators too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from .gate import message, verdict_for_resource


def _gated(resource_ids: list[str], user: Any) -> AuthResult:
    for resource_id in resource_ids:
        verdict = verdict_for_resource(resource_id, user)
        if verdict is None:
            return {"success": False, "msg": tk._("This is no table of a dataset.")}
        if not verdict.allowed:
            return {"success": False, "msg": message(verdict.reason)}
    return {"success": True}


def _named(data_dict: DataDict) -> str:
    return str(data_dict.get("resource_id") or data_dict.get("id") or "")


@tk.auth_sysadmins_check
@tk.auth_allow_anonymous_access
@tk.chained_auth_function
def datastore_search(next_auth: Callable[..., AuthResult], context: Context, data_dict: DataDict | None) -> AuthResult:
    """Rows of one table; the action has put the resource's id in place of an alias before it asks."""
    try:
        answer = next_auth(context, data_dict)
    except tk.ObjectNotFound:
        # The page that dumps a table asks this by itself, and knows of denials alone.
        return {"success": False, "msg": tk._("This is no table of a dataset.")}
    if not answer.get("success"):
        return answer
    return _gated([_named(data_dict or {})], context.get("auth_user_obj"))


@tk.auth_sysadmins_check
@tk.auth_allow_anonymous_access
@tk.chained_auth_function
def datastore_search_sql(
    next_auth: Callable[..., AuthResult], context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Rows by SQL: each table that the statement names, views resolved to theirs by the DataStore."""
    # The DataStore hands over a generator: asked by its own check alone, it is empty when the gate comes to it.
    tables: list[str] = list(context.get("table_names") or [])
    answer = next_auth(Context(context, table_names=tables), data_dict)  # type: ignore[call-arg]
    if not answer.get("success"):
        return answer
    return _gated(tables, context.get("auth_user_obj"))


AUTH: dict[str, Callable[..., AuthResult]] = {
    "datastore_search": datastore_search,
    "datastore_search_sql": datastore_search_sql,
}
