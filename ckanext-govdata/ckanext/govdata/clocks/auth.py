"""Authorisation of the actions on days and terms."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits


@tk.auth_allow_anonymous_access
def govdata_term_foresee(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody may know when an answer is due, before asking."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def govdata_days_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The calendar is public."""
    return {"success": True}


def govdata_term_list(context: Context, data_dict: DataDict) -> AuthResult:
    agency = model.Group.get(str(data_dict.get("agency") or ""))
    decision = permits(actor_of_context(context), Permission.TERMS_READ, agency.id if agency else None)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


AUTH: dict[str, AuthFunction] = {
    "govdata_term_foresee": govdata_term_foresee,
    "govdata_days_show": govdata_days_show,
    "govdata_term_list": govdata_term_list,
}
