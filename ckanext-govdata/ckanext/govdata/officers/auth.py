"""Authorisation of the actions on posts: an agency's decider for the own one, the authority for all."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from .model import Post


def _answer(context: Context, permission: Permission, agency_id: str | None) -> AuthResult:
    decision = permits(actor_of_context(context), permission, agency_id)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def _of_agency(context: Context, data_dict: DataDict) -> AuthResult:
    group = model.Group.get(str(data_dict.get("agency") or ""))
    return _answer(context, Permission.POSTS_MANAGE, group.id if group is not None else None)


def _of_post(context: Context, data_dict: DataDict) -> AuthResult:
    row = model.Session.get(Post, str(data_dict.get("id") or ""))
    return _answer(context, Permission.POSTS_MANAGE, row.agency_id if row is not None else None)


def govdata_post_list(context: Context, data_dict: DataDict) -> AuthResult:
    """The register of all agencies for operator and authority; of the own one for whoever manages its posts."""
    if not data_dict.get("agency"):
        return _answer(context, Permission.OFFICERS_READ, None)
    found = _of_agency(context, data_dict)
    return found if found.get("success") else _answer(context, Permission.OFFICERS_READ, None)


def govdata_post_accept(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever is signed in and has the link."""
    return {"success": True}


AUTH: dict[str, AuthFunction] = {
    "govdata_post_accept": govdata_post_accept,
    "govdata_post_end": _of_post,
    "govdata_post_invite": _of_agency,
    "govdata_post_list": govdata_post_list,
    "govdata_training_record": _of_agency,
    "govdata_unit_update": _of_agency,
}
