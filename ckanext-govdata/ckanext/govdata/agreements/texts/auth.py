"""Authorisation of the actions on model texts: anybody reads them, the authority keeps them (LYG-19)."""

from __future__ import annotations

from collections.abc import Callable

from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Permission, permits


@tk.auth_allow_anonymous_access
def _anybody(context: Context, data_dict: DataDict) -> AuthResult:
    return {"success": True}


def _authority(context: Context, data_dict: DataDict) -> AuthResult:
    decision = permits(actor_of_context(context), Permission.AGREEMENT_TEXT)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


AUTH: dict[str, Callable[..., AuthResult]] = {
    "govdata_use_code_list": _anybody,
    "govdata_agreement_text_list": _anybody,
    "govdata_agreement_text_show": _anybody,
    "govdata_agreement_text_draft": _authority,
    "govdata_agreement_text_enforce": _authority,
    "govdata_agreement_text_retire": _authority,
}
