"""Who may say what a file's order means, and who may trace a leak."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Decision, Permission, permits


def _answer(decision: Decision) -> AuthResult:
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def govdata_marking_declare(context: Context, data_dict: DataDict) -> AuthResult:
    """A decider of the file's agency."""
    resource = model.Resource.get(str(data_dict.get("id") or ""))
    agency = resource.package.owner_org if resource else None
    return _answer(permits(actor_of_context(context), Permission.MARKING_DECLARE, agency))


def govdata_leak_trace(context: Context, data_dict: DataDict) -> AuthResult:
    """The authority, which keeps the register of recipients."""
    return _answer(permits(actor_of_context(context), Permission.LEAK_TRACE))


AUTH: dict[str, AuthFunction] = {
    "govdata_marking_declare": govdata_marking_declare,
    "govdata_marking_show": govdata_marking_declare,
    "govdata_leak_trace": govdata_leak_trace,
}
