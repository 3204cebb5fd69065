"""Who may ask for suggestions: everybody; what they hold comes from a search that knows what the asker may see."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk


@tk.auth_allow_anonymous_access
def govdata_search_autocomplete(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    return {"success": True}


@tk.auth_allow_anonymous_access
def govdata_search_did_you_mean(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    return {"success": True}


def govdata_search_forget(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Administrators alone, whom CKAN does not ask, and the portal itself."""
    return {"success": False, "msg": tk._("Only administrators have the index built anew.")}


FUNCTIONS = {
    function.__name__: function
    for function in (govdata_search_autocomplete, govdata_search_did_you_mean, govdata_search_forget)
}
