"""Who has a desk of cases. The action narrows to the kinds and agencies that are one's own."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...workflow import cases
from .domain import may_see, seen_by


def _desk(context: Context, data_dict: DataDict) -> AuthResult:
    found = bool(seen_by(actor_of_context(context)))
    return {"success": found, "msg": tk._("The desk is for officers. Ask your agency's administrator to appoint you.")}


def _case(context: Context, data_dict: DataDict) -> AuthResult:
    case = cases.get(str(data_dict.get("id") or ""))
    actor = actor_of_context(context)
    found = may_see(actor, case.machine, case.agency) if case is not None else bool(seen_by(actor))
    return {"success": found, "msg": tk._("This case is not on your desk.")}


AUTH: dict[str, AuthFunction] = {
    "govdata_case_list": _desk,
    "govdata_case_figures": _desk,
    **{f"govdata_case_{name}": _case for name in ("show", "note", "hand_over")},
}
