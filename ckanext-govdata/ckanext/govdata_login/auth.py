"""Who may see and end sessions and identities: their owner; sysadmins by CKAN's own rule."""

from __future__ import annotations

from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from . import config, interfaces
from .actions import owner
from .model import Identity, Session

__all__ = [
    "govdata_login_account_close",
    "govdata_login_confirmation_show",
    "govdata_login_identity_unlink",
    "govdata_login_session_end",
    "govdata_login_session_list",
    "govdata_login_sessions_end",
    "user_list",
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


@tk.auth_allow_anonymous_access
@tk.chained_auth_function
def user_list(next_auth: Any, context: Context, data_dict: DataDict | None = None) -> AuthResult:
    """CKAN's rule; but where people register by themselves, an address of one's own is not enough to list everybody."""
    found = next_auth(context, data_dict)
    if not found["success"] or not config.registration() or tk.config["ckan.auth.public_user_details"]:
        return found
    return found if _has_a_place(context) else {"success": False, "msg": tk._("Only officers list accounts.")}


def _has_a_place(context: Context) -> bool:
    """Whether somebody administers, belongs to an organisation or group, or holds an office that another plugin knows of."""
    user = model.User.get(context.get("user"))
    if user is None or authz.is_sysadmin(user.name):
        return user is not None
    places = model.Session.query(model.Member).filter_by(table_name="user", table_id=user.id, state=model.State.ACTIVE)
    return places.first() is not None or interfaces.needs_second_factor(user)
