"""Authorisation of the actions on parties. Somebody else's party answers as one that is not there.

Administrators are asked as well: they are officers of nobody's party.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Permission, permits
from .domain import Act, may
from .model import Block, Evidence, Invitation, Member, Party, Verification
from .standing import standing_of

# Whose id an action takes: its own table, from whose row the party follows.
_TABLES: dict[str, Any] = {
    "member": Member,
    "invitation": Invitation,
    "verification": Verification,
    "evidence": Evidence,
    "block": Block,
}


def party_of(data_dict: DataDict, of: str = "party") -> Party:
    """The party that an action's `id` leads to. Raises ObjectNotFound, in the same words whatever is missing."""
    reference = str(data_dict.get("id") or "")
    row: Any = model.Session.get(_TABLES.get(of, Party), reference) if reference else None
    party = row if of == "party" or row is None else model.Session.get(Party, row.party_id)
    if party is None:
        raise absent()
    return party


def absent() -> tk.ObjectNotFound:
    """The one answer for what is not there and for what is somebody else's."""
    return tk.ObjectNotFound(tk._("There is no such party, or it is not yours."))


def _words(allowed: bool, message: str) -> AuthResult:
    return {"success": True} if allowed else {"success": False, "msg": tk._(message)}


def _officer(permission: Permission) -> AuthFunction:
    @tk.auth_sysadmins_check
    def check(context: Context, data_dict: DataDict) -> AuthResult:
        decision = permits(actor_of_context(context), permission)
        return _words(decision.allowed, decision.message)

    return check


def _signed_in() -> AuthFunction:
    def check(context: Context, data_dict: DataDict) -> AuthResult:
        return {"success": True}

    return check


def _member(act: Act, of: str = "party", officers: Permission | None = None) -> AuthFunction:
    """A member by the party's own rules; officers with the permission too, where one is named."""

    @tk.auth_sysadmins_check
    def check(context: Context, data_dict: DataDict) -> AuthResult:
        actor = actor_of_context(context)
        party = party_of(data_dict, of)
        standing = standing_of(party, actor.user_id)
        if officers and permits(actor, officers).allowed:
            return {"success": True}
        if standing.membership is None and not permits(actor, Permission.PARTY_READ).allowed:
            raise absent()
        decision = may(standing, act)
        return _words(decision.allowed, decision.message)

    return check


def _anybody(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": True}


AUTH: dict[str, Callable[..., AuthResult]] = {
    "govdata_party_document_list": tk.auth_allow_anonymous_access(_anybody),
    "govdata_party_register": _signed_in(),
    "govdata_party_mine": _signed_in(),
    "govdata_party_join": _signed_in(),
    "govdata_party_list": _officer(Permission.PARTY_READ),
    "govdata_party_show": _member(Act.SEE, officers=Permission.PARTY_READ),
    "govdata_party_may_sign": _member(Act.SEE),
    "govdata_party_update": _member(Act.MANAGE),
    "govdata_party_invite": _member(Act.MANAGE),
    "govdata_party_invitation_revoke": _member(Act.ANSWER, "invitation"),
    "govdata_party_member_update": _member(Act.ANSWER, "member"),
    "govdata_party_member_remove": _member(Act.ANSWER, "member"),
    "govdata_party_leave": _member(Act.SEE),
    "govdata_party_close": _member(Act.ANSWER),
    "govdata_party_merge": _officer(Permission.PARTY_VERIFY),
    "govdata_party_rename": _officer(Permission.PARTY_VERIFY),
    "govdata_party_verification_ask": _member(Act.SEE),
    "govdata_party_verification_take_back": _member(Act.SEE, "verification"),
    "govdata_party_verification_show": _member(Act.SEE, "verification", Permission.PARTY_VERIFY),
    "govdata_party_verification_list": _officer(Permission.PARTY_VERIFY),
    "govdata_party_verification_decide": _officer(Permission.PARTY_VERIFY),
    "govdata_party_number_reveal": _officer(Permission.PARTY_VERIFY),
    "govdata_party_evidence_show": _officer(Permission.PARTY_VERIFY),
    "govdata_party_block_list": _officer(Permission.PARTY_READ),
    "govdata_party_block_propose": _officer(Permission.PARTY_BLOCK_PROPOSE),
    "govdata_party_block_decide": _officer(Permission.PARTY_BLOCK_DECIDE),
    "govdata_party_block_reply": _member(Act.ANSWER, "block"),
    "govdata_party_block_appeal": _member(Act.ANSWER, "block"),
    "govdata_party_block_appeal_decide": _officer(Permission.PARTY_BLOCK_DECIDE),
    "govdata_party_block_lift": _officer(Permission.PARTY_BLOCK_PROPOSE),
}
