"""Who may see and end sessions and identities: their owner; sysadmins by CKAN's own rule."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from .actions import owner
from .model import Identity, Session

__all__ = [
    "govdata_login_account_close",
    "govdata_login_confirmation_show",
    "govdata_login_identity_unlink",
    "govdata_login_session_end",
    "govdata_login_session_list",
    "govdata_login_sessions_end",
]


def _own(context: Context, user_id: Any) -> AuthResult:
    user = model.User.get(context.get("user"))
    if user is not None and user_id and user.id == user_id:
        return {"success": True}
    return {"success": False, "msg": tk._("Only the owner of the account may do this.")}


@tk.auth_allow_anonymous_access
def govdata_login_confirmation_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Anybody: it tells of the asking browser's own session alone."""
    return {"success": True}


def govdata_login_session_list(context: Context, data_dict: DataDict) -> AuthResult:
    """One's own sessions."""
    return _own(context, data_dict.get("user_id"))


def govdata_login_account_close(context: Context, data_dict: DataDict) -> AuthResult:
    """One's own account."""
    return _own(context, data_dict.get("user_id"))


def govdata_login_session_end(context: Context, data_dict: DataDict) -> AuthResult:
    """One's own session."""
    return _own(context, owner(Session, data_dict.get("id")))


def govdata_login_identity_unlink(context: Context, data_dict: DataDict) -> AuthResult:
    """One's own identity."""
    return _own(context, owner(Identity, data_dict.get("id")))


def govdata_login_sessions_end(context: Context, data_dict: DataDict) -> AuthResult:
    """Sysadmins, and plugins that answer for it themselves."""
    return {"success": False, "msg": tk._("Only administrators may end the sessions of others.")}
