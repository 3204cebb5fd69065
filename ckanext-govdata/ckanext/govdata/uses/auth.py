"""Authorisation of the actions on uses."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Decision, Permission, permits


def _answer(decision: Decision) -> AuthResult:
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


@tk.auth_allow_anonymous_access
def govdata_use_statistics(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may see how often it is used."""
    return {"success": True}


def govdata_use_list(context: Context, data_dict: DataDict) -> AuthResult:
    """An agency's own people, the operator and the authority (YZ-30); another agency is answered like one that is not there."""
    agency = model.Group.get(str(data_dict.get("agency") or ""))
    return _answer(permits(actor_of_context(context), Permission.USES_READ, agency.id if agency else None))


def govdata_use_own(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who is signed in: CKAN itself refuses visitors."""
    return {"success": True}


def govdata_use_trace(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(permits(actor_of_context(context), Permission.USES_TRACE))


AUTH: dict[str, AuthFunction] = {
    "govdata_use_statistics": govdata_use_statistics,
    "govdata_use_list": govdata_use_list,
    "govdata_use_own": govdata_use_own,
    "govdata_use_trace": govdata_use_trace,
}
