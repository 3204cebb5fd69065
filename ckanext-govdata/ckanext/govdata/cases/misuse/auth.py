"""Who may do what with reports of misuse. The action narrows further: words are read by whoever handles the case alone."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ...roles.actors import actor_of_context
from ...roles.domain import Permission, permits


@tk.auth_allow_anonymous_access
def anybody(context: Context, data_dict: DataDict) -> AuthResult:
    """Anybody reports, adds to their report, and follows it by number and code."""
    return {"success": True}


def _handler(context: Context, data_dict: DataDict) -> AuthResult:
    decision = permits(actor_of_context(context), Permission.MISUSE_HANDLE)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


AUTH: dict[str, AuthFunction] = {
    **{f"govdata_misuse_{name}": anybody for name in ("report", "follow", "add")},
    **{f"govdata_misuse_{name}": _handler for name in ("list", "show", "step", "notice")},
}
