"""Joins the portal's rooms to whoever lets people in, by names alone: CKAN's signals for extensions, and actions.

The other side is the plugin govdata_login; where it is not on, nothing here is ever called, and nothing that ends is missed:
CKAN's own sign-in asks the tables of roles and grants each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from .. import config
from ..access.bearers import GRANT
from ..access.parties import claims
from ..notices.providers import SmsError, provider
from ..officers.posts import ENDED as POST_ENDED
from ..roles.actors import actor_of_user
from ..roles.domain import Role
from . import closing
from .recording import record
from .scopes import scopes_of

_OFFICERS = frozenset({Role.AUTHORITY, Role.OPERATOR, Role.DECIDER, Role.PUBLISHER, Role.ADMINISTRATOR})


def event(name: str, details: Mapping[str, Any]) -> None:
    """Something happened in signing in: an entry of the ledger."""
    record(name, details)
    if name == "account_closed":
        closing.closed(str(details.get("user") or ""))


def facts_changed(
    user_id: str, provider: str, values: Mapping[str, Any], before: Mapping[str, Any], trusted: bool
) -> None:
    """An identity service told of a person, or tells no more: their parties follow. Only a trusted one's word verifies."""
    claims.facts_changed(user_id, provider, values if trusted else {}, before)


def needs_second_factor(user_id: str) -> bool:
    """Officers of authority and operator, and those who write for an agency, sign in with a second factor."""
    if not config.officers_second_factor():
        return False
    user = model.User.get(user_id)
    return user is not None and bool(actor_of_user(user).roles & _OFFICERS)


def send_sms(number: str, text: str, reference: str) -> bool:
    """Send a short message by the provider of the notices; False where none is set up or it did not take it."""
    sms = provider(config.sms_provider()) if config.sms_provider() else None
    try:
        if sms is not None:
            sms.send(number, text, reference)
    except SmsError:
        return False
    return sms is not None


def post_ended(user_id: str) -> None:
    """A post or an office ended: what is open by it closes within the second."""
    _call("govdata_login_access_end", {"user_id": user_id, "reason": "post_ended"})


def ended(action: str, context: Context, data_dict: Mapping[str, Any], result: Any) -> None:
    """An action succeeded by which a post or a grant ended: sessions and tokens that hung on it end within the second."""
    tell = _ENDING.get(action)
    if tell is not None:
        tell(data_dict, result)


def _of_dismissal(data_dict: Mapping[str, Any], result: Any) -> None:
    _call("govdata_login_access_end", {"user_id": result["user_id"], "reason": "post_ended"})


def _of_membership(data_dict: Mapping[str, Any], result: Any) -> None:
    user = model.User.get(str(data_dict.get("username") or data_dict.get("object") or ""))
    if user is not None and data_dict.get("object_type", "user") == "user":
        _call("govdata_login_access_end", {"user_id": user.id, "reason": "post_ended"})


def _of_grant(data_dict: Mapping[str, Any], result: Any) -> None:
    _call("govdata_login_scope_end", {"scope": GRANT + str(result["id"]), "reason": "grant_ended"})


def _call(action: str, data_dict: dict[str, Any]) -> None:
    try:
        found = tk.get_action(action)
    except KeyError:
        return
    found({"ignore_auth": True, "user": ""}, data_dict)


_ENDING: Mapping[str, Callable[[Mapping[str, Any], Any], None]] = {
    "govdata_officer_dismiss": _of_dismissal,
    "organization_member_delete": _of_membership,
    "member_delete": _of_membership,
    "govdata_grant_suspend": _of_grant,
    "govdata_grant_revoke": _of_grant,
}


def subscriptions() -> dict[Any, list[Any]]:
    """What this portal listens to, for ISignal."""
    named = tk.signals.ckanext.signal
    return {
        named("govdata_login_event"): [event],
        named("govdata_login_facts_changed"): [facts_changed],
        named("govdata_login_needs_second_factor"): [needs_second_factor],
        named("govdata_login_scopes"): [scopes_of],
        named("govdata_login_sms"): [send_sms],
        named("govdata_login_closing"): [closing.obstacles],
        POST_ENDED: [post_ended],
        tk.signals.action_succeeded: [ended],
    }
