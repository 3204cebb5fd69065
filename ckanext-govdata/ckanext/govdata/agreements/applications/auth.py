"""Authorisation of the actions on applications. A stranger's application answers as one that is not there.

Administrators are asked as well: they are nobody's agency and nobody's applicant.
"""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...msgids import N_
from ...roles.actors import actor_of_context
from ...roles.domain import GRANTS, Permission, permits
from .machine import APPLICANT, AUTHORITY, DECIDER, REVIEWER
from .model import Attachment
from .standing import place_of


def _words(allowed: bool, message: str = "") -> AuthResult:
    return {"success": True} if allowed else {"success": False, "msg": tk._(message)}


_DENIALS = {
    APPLICANT: "",
    REVIEWER: GRANTS[Permission.APPLICATION_REVIEW].denial,
    DECIDER: GRANTS[Permission.APPLICATION_DECIDE].denial,
    AUTHORITY: GRANTS[Permission.APPLICATION_APPEAL_DECIDE].denial,
}


def _in_role(*roles: str) -> AuthFunction:
    @tk.auth_sysadmins_check
    def check(context: Context, data_dict: DataDict) -> AuthResult:
        place = place_of(context, str(data_dict.get("id") or ""))
        if place.roles & set(roles):
            return {"success": True}
        if APPLICANT in place.roles:
            return _words(False, _OWN_SIDE)
        return _words(False, _DENIALS[roles[0]] or _NOT_APPLICANT)

    return check


_OWN_SIDE = N_("You belong to the side that applies, so another person decides here.")
_NOT_APPLICANT = N_("Only the applicant does this.")


@tk.auth_sysadmins_check
def _seen(context: Context, data_dict: DataDict) -> AuthResult:
    place_of(context, str(data_dict.get("id") or ""))
    return {"success": True}


@tk.auth_sysadmins_check
def _file_seen(context: Context, data_dict: DataDict) -> AuthResult:
    row = model.Session.get(Attachment, str(data_dict.get("id") or ""))
    return _seen(context, {"id": row.application_id if row else ""})


@tk.auth_sysadmins_check
def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": True}


@tk.auth_allow_anonymous_access
def _everybody(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": True}


@tk.auth_sysadmins_check
def _succession(context: Context, data_dict: DataDict) -> AuthResult:
    decision = permits(actor_of_context(context), Permission.SUCCESSION)
    return _words(decision.allowed, decision.message)


def _application(names: str, check: Any) -> dict[str, AuthFunction]:
    return {f"govdata_application_{name}": check for name in names.split()}


AUTH: dict[str, AuthFunction] = {
    **_application("options", _everybody),
    **_application("draft list detach", _signed_in),
    **_application("show", _seen),
    **_application("file_show", _file_seen),
    **_application(
        "update attach submit complete withdraw discard appeal coordinate",
        _in_role(APPLICANT),
    ),
    **_application("return advise extension_ask assign", _in_role(REVIEWER, DECIDER)),
    **_application("extend decide supply", _in_role(DECIDER)),
    **_application("appeal_decide", _in_role(AUTHORITY)),
    "govdata_register_list": _everybody,
    "govdata_succession": _succession,
}
