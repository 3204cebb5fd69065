"""Who may do what with requests for data."""

from __future__ import annotations

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Permission, permits
from ...workflow.model import Case
from .model import DataRequest


@tk.auth_allow_anonymous_access
def anybody(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody reads what was asked for, and how it was answered."""
    return {"success": True}


def _account(context: Context, data_dict: DataDict) -> AuthResult:
    """An account, so that the answer finds whoever asked, and each has one voice."""
    signed_in = bool(actor_of_context(context).user_id)
    return {"success": signed_in, "msg": tk._("Sign in to ask for data: the answer is sent to your account.")}


def govdata_request_step(context: Context, data_dict: DataDict) -> AuthResult:
    """Handlers by their permission; whoever asked may take it back."""
    actor = actor_of_context(context)
    found = sa.select(Case).join(DataRequest, DataRequest.case_id == Case.id)
    case = model.Session.scalars(found.where(DataRequest.number == str(data_dict.get("number") or ""))).first()
    if case is not None and data_dict.get("command") == "take-back" and case.opened_by == actor.user_id:
        return {"success": True}
    decision = permits(actor, Permission.REQUEST_HANDLE, case.agency if case is not None else None)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


AUTH: dict[str, AuthFunction] = {
    "govdata_request_file": _account,
    "govdata_request_support": _account,
    "govdata_request_step": govdata_request_step,
    **{f"govdata_request_{name}": anybody for name in ("list", "show", "similar", "figures")},
}
