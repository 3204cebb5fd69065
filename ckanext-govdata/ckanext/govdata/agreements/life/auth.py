"""Authorisation of the actions on agreements. A stranger's agreement answers as one that is not there.

Administrators are asked as well: they sign for nobody.
"""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...msgids import N_
from ...roles.domain import GRANTS, Permission, permits
from ..applications.standing import place_of as application_place
from .machine import AGENCY, SUPERVISOR, USER
from .model import Obligation
from .standing import place_of

_OWN_SIDE = N_("You belong to the side that uses the data, so another person does this.")
_NOT_USER = N_("Only the party that uses the data does this.")
_DENIALS = {
    USER: _NOT_USER,
    AGENCY: GRANTS[Permission.AGREEMENT_KEEP].denial,
    SUPERVISOR: GRANTS[Permission.AGREEMENT_SUSPEND].denial,
}


def _in_role(*roles: str) -> AuthFunction:
    @tk.auth_sysadmins_check
    def check(context: Context, data_dict: DataDict) -> AuthResult:
        return _answer(context, str(data_dict.get("id") or ""), roles)

    return check


def _answer(context: Context, agreement_id: str, roles: tuple[str, ...]) -> AuthResult:
    place = place_of(context, agreement_id)
    if place.roles & set(roles):
        return {"success": True}
    words = _OWN_SIDE if USER in place.roles else _DENIALS[roles[0]]
    return {"success": False, "msg": tk._(words)}


@tk.auth_sysadmins_check
def _seen(context: Context, data_dict: DataDict) -> AuthResult:
    place_of(context, str(data_dict.get("id") or ""))
    return {"success": True}


@tk.auth_sysadmins_check
def _presents(context: Context, data_dict: DataDict) -> AuthResult:
    place = application_place(context, str(data_dict.get("id") or ""))
    decision = permits(place.actor, Permission.AGREEMENT_KEEP, place.case.agency)
    if "applicant" in place.roles:
        return {"success": False, "msg": tk._(_OWN_SIDE)}
    if decision.allowed and place.case.agency in place.actor.agencies:
        return {"success": True}
    return {"success": False, "msg": tk._(_DENIALS[AGENCY])}


@tk.auth_sysadmins_check
def _owes(context: Context, data_dict: DataDict) -> AuthResult:
    row = model.Session.get(Obligation, str(data_dict.get("id") or ""))
    return _answer(context, row.agreement_id if row else "", (USER,))


@tk.auth_sysadmins_check
def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": True}


AUTH: dict[str, AuthFunction] = {
    "govdata_agreement_present": _presents,
    "govdata_agreement_show": _seen,
    "govdata_agreement_list": _signed_in,
    "govdata_agreement_obligation_meet": _owes,
    **{f"govdata_agreement_{name}": _in_role(USER) for name in ("decline", "reply", "give_up")},
    **{f"govdata_agreement_{name}": _in_role(AGENCY) for name in ("replace", "suspend", "resume", "terminate")},
    **{f"govdata_agreement_{name}": _in_role(AGENCY, SUPERVISOR) for name in ("notice", "drop", "suspend_in_danger")},
}
