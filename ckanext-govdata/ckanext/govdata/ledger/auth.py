"""Authorisation of the actions on the ledger."""

from __future__ import annotations

import uuid

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits
from .entry import read
from .reading import Reader, run_in


def govdata_ledger_status(context: Context, data_dict: DataDict) -> AuthResult:
    decision = permits(actor_of_context(context), Permission.LEDGER_READ)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def govdata_ledger_receipt(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who read the ledger, and whoever the entry is about; an id that is not there is answered like a stranger's."""
    actor = actor_of_context(context)
    decision = permits(actor, Permission.LEDGER_READ)
    if decision.allowed or (actor.user_id is not None and _user_of(str(data_dict.get("id"))) == actor.user_id):
        return {"success": True}
    return {"success": False, "msg": tk._(decision.message)}


def _user_of(entry_id: str) -> str | None:
    try:
        found = Reader(run_in(model.Session)).find(uuid.UUID(entry_id))
    except ValueError:
        return None
    return str(read(found[1]).get("user", {}).get("id")) if found else None


AUTH: dict[str, AuthFunction] = {
    "govdata_ledger_status": govdata_ledger_status,
    "govdata_ledger_receipt": govdata_ledger_receipt,
}
