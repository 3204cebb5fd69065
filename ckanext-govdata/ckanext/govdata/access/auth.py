"""Authorisation: rows of the DataStore, asked of administrators too, and the actions on grants and on the switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from .delivery import is_open_delivery
from .gate import verdict_for_resource
from .messages import message
from .model import Grant


def _gated(resource_ids: list[str], user: Any) -> AuthResult:
    for resource_id in resource_ids:
        if is_open_delivery(resource_id, user):
            continue  # the action has asked already, in this very request
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


OVER_DATASTORE: dict[str, Callable[..., AuthResult]] = {
    "datastore_search": datastore_search,
    "datastore_search_sql": datastore_search_sql,
}


def agencies_seen(context: Context) -> frozenset[str] | None:
    """The agencies whose grants and shuttings the asker sees; None for every agency's."""
    actor = actor_of_context(context)
    if context.get("ignore_auth") or permits(actor, Permission.GRANT_READ).allowed:
        return None
    return frozenset(agency for agency in actor.agencies if permits(actor, Permission.GRANT_READ, agency).allowed)


def _answer(context: Context, permission: Permission, package: model.Package | None) -> AuthResult:
    decision = permits(actor_of_context(context), permission, package.owner_org if package else None)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def _on_dataset(permission: Permission) -> Callable[..., AuthResult]:
    def auth(context: Context, data_dict: DataDict) -> AuthResult:
        return _answer(context, permission, model.Package.get(str(data_dict.get("id") or "")))

    return auth


def _on_grant(permission: Permission) -> Callable[..., AuthResult]:
    def auth(context: Context, data_dict: DataDict) -> AuthResult:
        row = model.Session.get(Grant, str(data_dict.get("id") or ""))
        return _answer(context, permission, model.Package.get(row.package_id) if row else None)

    return auth


def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    """Anybody with an account; what each sees is narrowed by the action."""
    return {"success": bool(actor_of_context(context).user_id), "msg": tk._("Sign in to see your grants.")}


def _officer(context: Context, data_dict: DataDict) -> AuthResult:
    seen = agencies_seen(context)
    if seen is None or seen:
        return {"success": True}
    return {"success": False, "msg": tk._("Only officers see the list of datasets that are shut.")}


AUTH: dict[str, Callable[..., AuthResult]] = {
    "govdata_shut": _on_dataset(Permission.DATA_SHUT),
    "govdata_open_again_propose": _on_dataset(Permission.DATA_OPEN_AGAIN_PROPOSE),
    "govdata_open_again_decide": _on_dataset(Permission.DATA_OPEN_AGAIN_DECIDE),
    "govdata_shut_list": _officer,
    "govdata_grant_list": _signed_in,
    "govdata_grant_show": _signed_in,
    "govdata_grant_suspend": _on_grant(Permission.GRANT_SUSPEND),
    "govdata_grant_resume": _on_grant(Permission.GRANT_SUSPEND),
    "govdata_grant_revoke": _on_grant(Permission.GRANT_REVOKE),
    "govdata_inspection_request": _on_dataset(Permission.INSPECTION_REQUEST),
    "govdata_inspection_decide": _on_grant(Permission.INSPECTION_DECIDE),
}
