"""Who puts data into a dataset, and who sees its versions."""

from __future__ import annotations

from collections.abc import Callable

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ..roles.actors import actor_of_context
from ..roles.domain import Permission, permits


def govdata_data_push(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever edits the agency's entries; of a dataset that does not exist the answer is the same as of another agency's."""
    package = model.Package.get(str(data_dict.get("dataset") or ""))
    decision = permits(actor_of_context(context), Permission.CATALOGUE_EDIT, package.owner_org if package else None)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


@tk.auth_allow_anonymous_access
def govdata_data_version_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the entry."""
    try:
        tk.check_access("package_show", context, {"id": data_dict.get("id")})
    except tk.ObjectNotFound:
        return {"success": False}
    return {"success": True}


AUTH: dict[str, Callable[[Context, DataDict], AuthResult]] = {
    "govdata_data_push": govdata_data_push,
    "govdata_data_version_list": govdata_data_version_list,
}
