"""Finds a provider's addresses by OpenID Connect Discovery, and keeps them for an hour."""

from __future__ import annotations

import threading
import time
from typing import Any

from ..addresses import is_secure
from ..errors import ProviderUnavailable
from .fetching import get_json
from .provider import Endpoints, Provider

FRESH_SECONDS = 3600
_NAMES = {
    "authorization": "authorization_endpoint",
    "token": "token_endpoint",
    "jwks": "jwks_uri",
    "userinfo": "userinfo_endpoint",
    "end_session": "end_session_endpoint",
}
_known: dict[str, tuple[float, Endpoints]] = {}
_lock = threading.Lock()


def endpoints_of(provider: Provider) -> Endpoints:
    """The provider's addresses: those of its settings, else those it publishes (at most an hour old).

    A provider that is down stays known by what it last published: what was true an hour ago gets a person to its own
    page of explanation.

    Raises:
        ProviderUnavailable: it never answered, or its document does not name its own issuer, or names no https address.
    """
    if provider.endpoints is not None:
        return provider.endpoints
    known = _known.get(provider.issuer)
    if known and time.monotonic() - known[0] < FRESH_SECONDS:
        return known[1]
    try:
        found = _discover(provider)
    except ProviderUnavailable:
        if known:
            return known[1]
        raise
    with _lock:
        _known[provider.issuer] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Drop what is known of all providers; the next question asks them anew."""
    with _lock:
        _known.clear()


def _discover(provider: Provider) -> Endpoints:
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    document = get_json(provider.key, address)
    if not isinstance(document, dict) or document.get("issuer") != provider.issuer:
        raise ProviderUnavailable(provider.key, "its discovery document does not name the issuer of the settings")
    found = {name: str(document.get(published) or "") for name, published in _NAMES.items()}
    for name in ("authorization", "token", "jwks"):
        if not found[name]:
            raise ProviderUnavailable(provider.key, f"its discovery document has no {_NAMES[name]}")
    for name, one in found.items():
        if one and not is_secure(one, provider.http_allowed):
            raise ProviderUnavailable(provider.key, f"its {_NAMES[name]} is no https address")
    return Endpoints(
        issuer=provider.issuer,
        iss_in_answers=document.get("authorization_response_iss_parameter_supported") is True,
        algorithms=_algorithms(document),
        **found,
    )


def _algorithms(document: dict[str, Any]) -> frozenset[str]:
    named = document.get("id_token_signing_alg_values_supported")
    return frozenset(str(one) for one in named) if isinstance(named, list) else frozenset()


def known_addresses(provider: Provider) -> tuple[str, ...]:
    """The issuer and the pages of a provider where browsers go, as far as known without asking it."""
    held = _known.get(provider.issuer)
    endpoints = provider.endpoints or (held[1] if held else None)
    pages = (endpoints.authorization, endpoints.end_session) if endpoints else ()
    return tuple(one for one in (provider.issuer, *pages) if one)
