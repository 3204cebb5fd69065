"""Joins the portal's rooms to whoever lets people in, by names alone: CKAN's signals for extensions, and actions.

The other side is the plugin govdata_login; where it is not on, nothing here is ever called, and nothing that ends is missed:
CKAN's own sign-in asks the tables of roles and grants each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from .. import config
from ..access import endings
from ..access.bearers import GRANT
from ..access.parties import claims
from ..access.parties.standing import everybody_of, whose_term
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
    if before:
        _check_scopes([user_id], "party_left")


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
    """An action succeeded by which a post, party or grant ended: sessions and tokens that hung on it end within the second."""
    for grant_id in endings.stopped():
        _call("govdata_login_scope_end", {"scope": GRANT + grant_id, "reason": "grant_ended"})
    tell = _ENDING.get(action)
    if tell is not None:
        tell(data_dict, result)


def _of_dismissal(data_dict: Mapping[str, Any], result: Any) -> None:
    _call("govdata_login_access_end", {"user_id": result["user_id"], "reason": "post_ended"})


def _of_membership(data_dict: Mapping[str, Any], result: Any) -> None:
    user = model.User.get(str(data_dict.get("username") or data_dict.get("object") or ""))
    if user is not None and data_dict.get("object_type", "user") == "user":
        _call("govdata_login_access_end", {"user_id": user.id, "reason": "post_ended"})


def _of_party(data_dict: Mapping[str, Any], result: Any) -> None:
    _check_scopes(everybody_of(str(result["id"])), "party_ended")


def _of_block(data_dict: Mapping[str, Any], result: Any) -> None:
    if result["state"] == "in_force":
        _check_scopes(everybody_of(str(result["party_id"])), "party_blocked")


def _of_term(data_dict: Mapping[str, Any], result: Any) -> None:
    _check_scopes([whose_term(str(data_dict.get("id") or ""))], "party_left")


def _of_leaving(data_dict: Mapping[str, Any], result: Any) -> None:
    _check_scopes(everybody_of(str(result["id"])), "party_left")


def _check_scopes(user_ids: Iterable[str], reason: str) -> None:
    for user_id in user_ids:
        _call("govdata_login_scopes_check", {"user_id": user_id, "reason": reason})


def sweep() -> None:
    """Roles, sessions and tokens end of those who did not sign in at their service within its term; a chore."""
    _call("govdata_login_sweep", {})


def purge() -> None:
    """Tokens and sessions that are over their term are deleted; a chore."""
    _call("govdata_login_purge", {})


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
    "govdata_party_close": _of_party,
    "govdata_party_block_propose": _of_block,
    "govdata_party_block_decide": _of_block,
    "govdata_party_member_remove": _of_term,
    "govdata_party_leave": _of_leaving,
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
