"""Logout both ways: sending a person to their service's logout, and ending sessions here when the service says so."""

from __future__ import annotations

from urllib.parse import urlencode

from .. import sessions, store
from ..errors import Refused
from ..model import Session
from .discovery import endpoints_of
from .flow import KEYS
from .provider import Provider
from .tokens import Expected, check_logout_token

_KIND = "logout-token"


def address(provider: Provider, id_token: str | None, home: str) -> str:
    """The service's logout page with the way back here; empty where it has none (RP-Initiated Logout).

    Raises:
        ProviderUnavailable: the service's addresses cannot be found out.
    """
    end_session = endpoints_of(provider).end_session
    if not end_session:
        return ""
    query = {"client_id": provider.client_id, "post_logout_redirect_uri": home}
    if id_token:
        query["id_token_hint"] = id_token
    return f"{end_session}{'&' if '?' in end_session else '?'}{urlencode(query)}"


def end_by_token(provider: Provider, token: str | None, now: float) -> int:
    """End the sessions that a logout token names; gives how many. A token counts once.

    Raises:
        Refused: the token does not hold, or was used before.
        ProviderUnavailable: the service's keys cannot be had.
    """
    if not provider.is_oidc:
        raise Refused("logout_not_offered")
    endpoints = endpoints_of(provider)
    expected = Expected(provider.issuer, provider.client_id, provider.algorithms, now, provider.clock_skew)
    claims = check_logout_token(token, expected, lambda kid, alg: KEYS.find(provider, endpoints.jwks, kid, alg))
    if not store.once(_KIND, f"{provider.issuer} {claims['jti']}", 2 * 3600):
        raise Refused("logout_token_used")
    conditions = [Session.issuer == provider.issuer]
    if claims.get("sid"):
        conditions.append(Session.provider_session == str(claims["sid"]))
    if claims.get("sub"):
        conditions.append(Session.subject == str(claims["sub"]))
    return sessions.end("ended_by_provider", *conditions)
