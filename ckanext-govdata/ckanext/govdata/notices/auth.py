"""Authorisation of the actions on notices: everybody has a box, and sees no other."""

from __future__ import annotations

from ckan.types import AuthFunction, AuthResult, Context, DataDict


def _signed_in(context: Context, data_dict: DataDict) -> AuthResult:
    """CKAN itself refuses visitors."""
    return {"success": True}


AUTH: dict[str, AuthFunction] = {
    "govdata_notice_list": _signed_in,
    "govdata_notice_count": _signed_in,
    "govdata_notice_read": _signed_in,
    "govdata_notice_contact_show": _signed_in,
    "govdata_notice_contact_update": _signed_in,
}
