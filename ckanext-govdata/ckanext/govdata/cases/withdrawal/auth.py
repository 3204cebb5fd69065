"""Who may do what with withdrawals."""

from __future__ import annotations

from collections.abc import Callable

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Actor, Permission, permits
from ...workflow import cases
from .domain import MACHINE


def agencies_seen(actor: Actor) -> frozenset[str] | None:
    """The agencies whose withdrawals the actor sees; None for every agency's."""
    if permits(actor, Permission.WITHDRAWAL_HANDLE).allowed:
        return None
    return frozenset(one for one in actor.agencies if permits(actor, Permission.WITHDRAWAL_HANDLE, one).allowed)


def _answer(context: Context, permission: Permission, agency: str | None) -> AuthResult:
    decision = permits(actor_of_context(context), permission, agency)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def _agency_of_case(data_dict: DataDict) -> str | None:
    case = cases.get(str(data_dict.get("id") or ""))
    return case.agency if case is not None and case.machine == MACHINE else None


# What a step of a case asks for beside handling it.
_OF_COMMAND = {
    "propose": Permission.DATA_OPEN_AGAIN_PROPOSE,
    "open-again": Permission.DATA_OPEN_AGAIN_DECIDE,
    "turn-down": Permission.DATA_OPEN_AGAIN_DECIDE,
    "keep-closed": Permission.DATA_OPEN_AGAIN_DECIDE,
}


@tk.auth_allow_anonymous_access
def anybody(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody may report a leak, and know what is withdrawn."""
    return {"success": True}


def govdata_withdraw(context: Context, data_dict: DataDict) -> AuthResult:
    package = model.Package.get(str(data_dict.get("id") or ""))
    return _answer(context, Permission.DATA_SHUT, package.owner_org if package else None)


def govdata_withdrawal_step(context: Context, data_dict: DataDict) -> AuthResult:
    permission = _OF_COMMAND.get(str(data_dict.get("command") or ""), Permission.WITHDRAWAL_HANDLE)
    return _answer(context, permission, _agency_of_case(data_dict))


def govdata_withdrawal_persons_told(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, Permission.WITHDRAWAL_HANDLE, _agency_of_case(data_dict))


def govdata_withdrawal_list(context: Context, data_dict: DataDict) -> AuthResult:
    seen = agencies_seen(actor_of_context(context))
    if seen is None or seen:
        return {"success": True}
    return _answer(context, Permission.WITHDRAWAL_HANDLE, None)


def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    """Handlers and holders; the action narrows what each sees."""
    return {"success": bool(actor_of_context(context).user_id), "msg": tk._("Sign in to see what concerns you.")}


def _with(permission: Permission) -> Callable[..., AuthResult]:
    def auth(context: Context, data_dict: DataDict) -> AuthResult:
        return _answer(context, permission, None)

    return auth


AUTH: dict[str, AuthFunction] = {
    "govdata_withdrawal_report": anybody,
    "govdata_withdrawn_list": anybody,
    "govdata_withdraw": govdata_withdraw,
    "govdata_withdrawal_step": govdata_withdrawal_step,
    "govdata_withdrawal_persons_told": govdata_withdrawal_persons_told,
    "govdata_withdrawal_list": govdata_withdrawal_list,
    "govdata_withdrawal_show": _signed_in,
    "govdata_withdrawal_confirm": _signed_in,
    "govdata_evidence_unseal": _with(Permission.EVIDENCE_UNSEAL),
}
