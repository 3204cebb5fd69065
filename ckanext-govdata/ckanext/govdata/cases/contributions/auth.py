"""Who may do what with contributions. The action narrows further: each step has its role in the machine."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...access.parties.standing import is_verified
from ...roles.actors import actor_of_context


@tk.auth_allow_anonymous_access
def anybody(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody reads what is shown."""
    return {"success": True}


@tk.auth_sysadmins_check
def _account(context: Context, data_dict: DataDict) -> AuthResult:
    signed_in = bool(actor_of_context(context).user_id)
    return {"success": signed_in, "msg": tk._("Sign in first.")}


@tk.auth_sysadmins_check
def _verified(context: Context, data_dict: DataDict) -> AuthResult:
    """Somebody whose party the operator has verified, and nobody has blocked: one person does not speak with many accounts."""
    verified = is_verified(actor_of_context(context).user_id or "")
    words = tk._(
        "Only verified accounts say something of data. Register under “My parties” and have yourself verified."
    )
    return {"success": True} if verified else {"success": False, "msg": words}


AUTH: dict[str, AuthFunction] = {
    "govdata_contribution_list": anybody,
    "govdata_contribution_hand_in": _verified,
    "govdata_contribution_edit": _account,
    "govdata_contribution_show": _account,
    "govdata_contribution_step": _account,
}
