"""Authorisation of the actions on officers: one line each, by named permission."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from .actors import actor_of_context
from .domain import Permission, permits


def _answer(context: Context, permission: Permission) -> AuthResult:
    decision = permits(actor_of_context(context), permission)
    return {"success": True} if decision.allowed else {"success": False, "msg": tk._(decision.message)}


def govdata_officer_appoint(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, Permission.OFFICERS_APPOINT)


def govdata_officer_dismiss(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, Permission.OFFICERS_APPOINT)


def govdata_officer_list(context: Context, data_dict: DataDict) -> AuthResult:
    return _answer(context, Permission.OFFICERS_READ)


AUTH: dict[str, AuthFunction] = {
    "govdata_officer_appoint": govdata_officer_appoint,
    "govdata_officer_dismiss": govdata_officer_dismiss,
    "govdata_officer_list": govdata_officer_list,
}
