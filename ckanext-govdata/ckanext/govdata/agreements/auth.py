"""Authorisation of the actions on documents. Somebody else's agreement answers as one that is not there."""

from __future__ import annotations

from collections.abc import Callable

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ..access.parties.standing import parties_of
from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from .model import Document


def absent() -> tk.ObjectNotFound:
    """The one answer for what is not there and for what is somebody else's."""
    return tk.ObjectNotFound(tk._("There is no such agreement, or it is not yours."))


def readable(context: Context, document_id: str) -> Document:
    """The document, for a member of its party, its agency's people and the officers. Raises ObjectNotFound for others."""
    actor = actor_of_context(context)
    row = model.Session.get(Document, document_id)
    if row is None or not (context.get("ignore_auth") or _side(row, actor.user_id) or _officer(context, row)):
        raise absent()
    return row


def _side(row: Document, user_id: str | None) -> bool:
    return bool(user_id) and row.party in {party.id for party in parties_of(str(user_id))}


def _officer(context: Context, row: Document) -> bool:
    return permits(actor_of_context(context), Permission.AGREEMENT_READ, row.agency).allowed


def _reads(context: Context, data_dict: DataDict) -> AuthResult:
    readable(context, str(data_dict.get("id") or ""))
    return {"success": True}


def _signs(context: Context, data_dict: DataDict) -> AuthResult:
    """A member of the party; whether their signature binds it is asked by the step itself, with its reason."""
    row = readable(context, str(data_dict.get("id") or ""))
    if _side(row, actor_of_context(context).user_id):
        return {"success": True}
    return {"success": False, "msg": tk._("Only the party's own people sign for it.")}


def _seals(context: Context, data_dict: DataDict) -> AuthResult:
    row = readable(context, str(data_dict.get("id") or ""))
    decision = permits(actor_of_context(context), Permission.AGREEMENT_KEEP, row.agency)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": bool(actor_of_context(context).user_id), "msg": tk._("Sign in to see your agreements.")}


@tk.auth_allow_anonymous_access
def _anybody(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": True}


AUTH: dict[str, Callable[..., AuthResult]] = {
    "govdata_agreement_document_list": _signed_in,
    "govdata_agreement_document_show": tk.auth_sysadmins_check(_reads),
    "govdata_agreement_document_read": tk.auth_sysadmins_check(_signs),
    "govdata_agreement_document_sign": tk.auth_sysadmins_check(_signs),
    "govdata_agreement_document_prepare": tk.auth_sysadmins_check(_signs),
    "govdata_agreement_document_embed": tk.auth_sysadmins_check(_signs),
    "govdata_agreement_document_seal": tk.auth_sysadmins_check(_seals),
    "govdata_agreement_verify": _anybody,
}
