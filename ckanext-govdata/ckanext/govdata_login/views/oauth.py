"""The addresses that programs and libraries call (OAuth 2), and the page on which a person agrees."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from ckan import model
from flask import Blueprint, Response, jsonify, request

from .. import events, headers, sessions
from ..clients import registering, scopes
from ..clients.server import SERVER, metadata
from .answers import page, sign_in_first, uncached

oauth = Blueprint("govdata_login_oauth", __name__)


@oauth.get("/.well-known/oauth-authorization-server")
def described() -> Response:
    """RFC 8414."""
    return jsonify(metadata())


@oauth.post("/oauth/token")
def token() -> Response:
    """Tokens for a program."""
    return _recorded(SERVER.create_token_response())


@oauth.post("/oauth/revoke")
def revoke() -> Response:
    """RFC 7009."""
    return _recorded(SERVER.create_endpoint_response("revocation"))


@oauth.post("/oauth/introspect")
def introspect() -> Response:
    """RFC 7662."""
    return _recorded(SERVER.create_endpoint_response("introspection"))


def _recorded(answer: Any) -> Response:
    if answer.status_code >= 400:
        error = (answer.get_json(silent=True) or {}).get("error", "unknown")
        events.tell("client_refused", reason=str(error), client=str(_client_named())[:100])
    return uncached(answer)


def _client_named() -> str:
    basic = request.authorization
    return str((basic.username if basic else None) or request.form.get("client_id") or "")


@oauth.route("/oauth/authorize", methods=["GET", "POST"])
def authorize() -> Any:
    """Ask a person whether a program may read under their grants; the answer goes to the program's own address."""
    row = sessions.current()
    if row is None:
        return sign_in_first()
    user = model.User.get(row.user_id)
    try:
        grant = SERVER.get_consent_grant(end_user=user)
    except OAuth2Error as error:
        return _refused(error)
    offered = {one.name: one for one in scopes.offered_to(row.user_id)}
    wished = [offered[name] for name in str(grant.request.scope).split() if name in offered]
    if request.method == "GET" or not wished:
        return _page(grant, wished)
    agreed = user if request.form.get("answer") == "yes" else None
    if agreed is not None:
        events.tell("access_agreed", user=row.user_id, client=grant.client.id, scopes=[one.name for one in wished])
    return uncached(SERVER.create_authorization_response(grant_user=agreed, grant=grant))


def _page(grant: Any, wished: list[scopes.Scope]) -> Any:
    owner = model.User.get(grant.client.user_id)
    headers.allow_form_target(grant.redirect_uri)
    values = {"client": grant.client, "owner": owner, "scopes": wished, "back": grant.redirect_uri}
    return page("agree", values)


def _refused(error: OAuth2Error) -> Any:
    """A fault of the program: sent back to its address where that is known to be its own, else shown here."""
    client = str(request.values.get("client_id") or "")[:100]
    events.tell("client_refused", reason=_reason(error, client), client=client)
    if getattr(error, "redirect_uri", None):
        return uncached(SERVER.handle_error_response(SERVER.create_oauth2_request(None), error))
    values = {"reason": error.error, "detail": error.get_error_description()}
    return page("program_refused", values, 400)


def _reason(error: OAuth2Error, client_id: str) -> str:
    """The protocol's code says little: an address that is not the program's own has a reason of its own in the log."""
    client, asked = registering.living(client_id), request.values.get("redirect_uri")
    foreign = client is not None and asked is not None and not client.check_redirect_uri(asked)
    return "redirect_not_registered" if foreign else str(error.error)
