"""The routes that give a resource's bytes ask the gate before CKAN's own view runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.common import current_user
from ckan.lib import base
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, redirect, request

from .domain import Reason
from .gate import message, verdict_for_resource
from .links import sealed_link

blueprint = Blueprint("govdata_access", __name__)

# Endpoint's last part -> the argument that names the resource; every route of CKAN and its extensions that sends bytes.
_BYTE_ROUTES: Mapping[str, str] = {
    "resource.download": "resource_id",
    "datastore.dump": "resource_id",
    "resource_proxy.proxy_view": "resource_id",
}


def _resource_of_route() -> str | None:
    endpoint = request.endpoint or ""
    for route, argument in _BYTE_ROUTES.items():
        if endpoint.endswith(route):
            return str((request.view_args or {}).get(argument) or "")
    return None


@blueprint.before_app_request
def ask_the_gate() -> Any:
    """Deny a byte route with reason and next step; a resource that does not exist is left to CKAN's own answer."""
    resource_id = _resource_of_route()
    if resource_id is None:
        return None
    user = current_user if current_user.is_authenticated else None
    verdict = verdict_for_resource(resource_id, user)
    if verdict is None:
        return None
    if verdict.allowed:
        link = sealed_link(resource_id)
        return redirect(link) if link else None
    return _denied(resource_id, verdict.reason)


def _denied(resource_id: str, reason: Reason) -> Any:
    """Sign-in page, or a refusal with the reason; where the visitor may not even know of the dataset, CKAN's own answer.

    CKAN's view asks `resource_show` first, and so answers as of a resource that does not exist.
    """
    try:
        tk.check_access(
            "resource_show", {"auth_user_obj": current_user, "user": current_user.name}, {"id": resource_id}
        )
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
    if reason is Reason.SIGN_IN_REQUIRED and "text/html" in request.headers.get("Accept", ""):
        tk.h.flash_notice(message(reason))
        return tk.redirect_to("user.login", next=request.full_path.rstrip("?"))
    answer = base.abort(401 if reason is Reason.SIGN_IN_REQUIRED else 403, message(reason))
    return answer if isinstance(answer, Response) else None
