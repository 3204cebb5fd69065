"""What templates ask of the gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk

from .gate import verdict_for_package
from .messages import as_dict
from .switch import as_dict as as_dict_of_shutting
from .switch import shutting_of


def govdata_verdict(package_id: str) -> dict[str, Any]:
    """What the gate says to this reader of a dataset's files: `allowed`, `reason`, `next` (codes) and `message` (in words)."""
    package = model.Package.get(package_id)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    user = tk.current_user if tk.current_user.is_authenticated else None
    return as_dict(verdict_for_package(package, user))


def govdata_switch(package_id: str) -> dict[str, Any]:
    """How the switch of a dataset stands, and what this reader may do with it.

    `shut` is None, or says since when, and to those who may act why and by whom; `may_shut`, `may_propose` and `may_decide`
    are what the reader's page offers; `own_proposal` is whether the reader is the one who proposed.
    """
    row = shutting_of(package_id)
    may = {
        "may_shut": row is None and _may("govdata_shut", package_id),
        "may_propose": row is not None and row.proposed_by is None and _may("govdata_open_again_propose", package_id),
        "may_decide": row is not None and row.proposed_by is not None and _may("govdata_open_again_decide", package_id),
    }
    own = row is not None and row.proposed_by == getattr(tk.current_user, "id", "")
    whole = row is not None and _may("govdata_open_again_propose", package_id)
    return {"shut": as_dict_of_shutting(row, whole=whole) if row else None, "own_proposal": own, **may}


def _may(action: str, package_id: str) -> bool:
    try:
        tk.check_access(action, {"user": tk.current_user.name, "auth_user_obj": tk.current_user}, {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


HELPERS: dict[str, Callable[..., Any]] = {"govdata_verdict": govdata_verdict, "govdata_switch": govdata_switch}
