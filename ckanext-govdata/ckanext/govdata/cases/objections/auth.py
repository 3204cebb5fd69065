"""Who may do what with objections."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Actor, Permission, permits
from ...workflow import cases
from .domain import MACHINE


def agencies_seen(actor: Actor) -> frozenset[str] | None:
    """The agencies whose objections the actor handles; None for every agency's."""
    if permits(actor, Permission.OBJECTION_HANDLE).allowed:
        return None
    return frozenset(one for one in actor.agencies if permits(actor, Permission.OBJECTION_HANDLE, one).allowed)


@tk.auth_allow_anonymous_access
def anybody(context: Context, data_dict: DataDict) -> AuthResult:
    """Anyone can object, follow their objection by its code, and read the register."""
    return {"success": True}


def _answer(context: Context, agency: str | None) -> AuthResult:
    decision = permits(actor_of_context(context), Permission.OBJECTION_HANDLE, agency)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def _on_case(context: Context, data_dict: DataDict) -> AuthResult:
    case = cases.get(str(data_dict.get("id") or ""))
    return _answer(context, case.agency if case is not None and case.machine == MACHINE else None)


def _routes(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, None)


def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    """CKAN itself refuses visitors; who is no holder finds nothing."""
    return {"success": True}


def _officer(context: Context, data_dict: DataDict) -> AuthResult:
    seen = agencies_seen(actor_of_context(context))
    return {"success": True} if seen is None or seen else _answer(context, None)


AUTH: dict[str, AuthFunction] = {
    "govdata_objection_file": anybody,
    "govdata_objection_follow": anybody,
    "govdata_objection_look_again": anybody,
    "govdata_objection_register": anybody,
    "govdata_objection_list": _officer,
    "govdata_objection_show": _on_case,
    "govdata_objection_step": _on_case,
    "govdata_objection_evidence": _officer,
    "govdata_objection_route": _routes,
    "govdata_correction_show": _signed_in,
    "govdata_correction_acknowledge": _signed_in,
}
