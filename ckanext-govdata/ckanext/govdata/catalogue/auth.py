"""Authorisation of the catalogue's actions: one line each, by named permission."""

from __future__ import annotations

from collections.abc import Callable

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from . import hiding
from .model import TierChange


def _answer(context: Context, permission: Permission, agency_id: str | None = None) -> AuthResult:
    decision = permits(actor_of_context(context), permission, agency_id)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def _officer(context: Context) -> AuthResult:
    """Somebody of an agency, or a supervisor; what each of them sees is narrowed by the action."""
    actor = actor_of_context(context)
    if actor.agencies or permits(actor, Permission.CATALOGUE_READ_UNPUBLISHED).allowed:
        return {"success": True}
    return {"success": False, "msg": tk._("Only officers see the entries that wait for a decision.")}


def _agency_of(reference: object) -> str | None:
    package = model.Package.get(str(reference or ""))
    return package.owner_org if package else None


def govdata_tier_change_propose(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, Permission.TIER_PROPOSE, _agency_of(data_dict.get("id")))


def govdata_tier_change_decide(context: Context, data_dict: DataDict) -> AuthResult:
    change = model.Session.get(TierChange, str(data_dict.get("id") or ""))
    return _answer(context, Permission.TIER_APPROVE, _agency_of(change.package_id) if change else None)


def govdata_tier_change_list(context: Context, data_dict: DataDict) -> AuthResult:
    if data_dict.get("id"):
        return _answer(context, Permission.CATALOGUE_READ_UNPUBLISHED, _agency_of(data_dict["id"]))
    return _officer(context)


def govdata_review_decide(context: Context, data_dict: DataDict) -> AuthResult:
    permission = Permission(f"list.review.{data_dict.get('reviewer')}")
    return _answer(context, permission, _agency_of(data_dict.get("id")))


def govdata_review_list(context: Context, data_dict: DataDict) -> AuthResult:
    return _officer(context)


def govdata_release(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, Permission.NEGATIVE_LIST_RELEASE, _agency_of(data_dict.get("id")))


def govdata_tier_propose(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": bool(actor_of_context(context).user_id), "msg": tk._("Sign in to have a tier proposed.")}


@tk.auth_allow_anonymous_access
def anyone(context: Context, data_dict: DataDict) -> AuthResult:
    """Open lists, the negative list, figures and the city's rules are public (LYG-11, GY-c2)."""
    return {"success": True}


AUTH: dict[str, Callable[..., AuthResult]] = {
    "govdata_tier_change_propose": govdata_tier_change_propose,
    "govdata_tier_change_decide": govdata_tier_change_decide,
    "govdata_tier_change_list": govdata_tier_change_list,
    "govdata_review_decide": govdata_review_decide,
    "govdata_review_list": govdata_review_list,
    "govdata_release": govdata_release,
    "govdata_tier_propose": govdata_tier_propose,
    "govdata_open_list": anyone,
    "govdata_negative_list": anyone,
    "govdata_figures": anyone,
    "govdata_city_show": anyone,
    **hiding.permissions(),
}
