"""Sign-in at a service that speaks OAuth 2 with names of its own and gives no ID token; what differs is the profile's data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests

from ..errors import ProviderUnavailable, Refused
from ..mapping import value_at
from .fetching import LARGEST, TIMEOUT, get_json, parsed
from .provider import Endpoints, Profile, Provider


def authorization_url(provider: Provider, endpoints: Endpoints, redirect_uri: str, state: str, verifier: str) -> str:
    """Where the browser goes; PKCE is sent along where the profile does not switch it off."""
    profile = _profile(provider)
    query = {
        "response_type": "code",
        profile.client_id: provider.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": profile.scope_separator.join(provider.scopes),
    }
    if profile.pkce:
        query |= {"code_challenge": _challenge(verifier), "code_challenge_method": "S256"}
    joint = "&" if "?" in endpoints.authorization else "?"
    return endpoints.authorization + joint + urlencode({name: value for name, value in query.items() if value})


def claims_for(
    provider: Provider, endpoints: Endpoints, code: str, redirect_uri: str, verifier: str
) -> Mapping[str, Any]:
    """What the service says of the person whom the code stands for; `sub` is their lasting number there.

    Raises:
        Refused: the service refuses the code, or names nobody.
        ProviderUnavailable: it does not answer, or not with JSON.
    """
    profile = _profile(provider)
    tokens = _tokens(provider, endpoints, code, redirect_uri, verifier)
    _check_error(profile, tokens)
    token = value_at(tokens, profile.access_path)
    if not isinstance(token, str) or not token:
        raise Refused("code_refused", "no access token in the answer")
    answer = _userinfo(provider, endpoints, token, tokens)
    _check_error(profile, answer)
    facts = value_at(answer, profile.userinfo_root) if profile.userinfo_root else answer
    subject = value_at(facts, profile.subject)
    if not isinstance(facts, dict) or subject in (None, ""):
        raise Refused("subject_missing")
    return {**facts, "iss": provider.issuer, "sub": str(subject)}


def _profile(provider: Provider) -> Profile:
    return provider.profile or Profile()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _tokens(provider: Provider, endpoints: Endpoints, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
    profile = _profile(provider)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if profile.pkce:
        fields["code_verifier"] = verifier
    auth = None
    secret = provider.client_secret.reveal() if provider.client_secret else ""
    if provider.client_auth == "client_secret_basic":
        auth = (provider.client_id, secret)
    else:
        fields |= {profile.client_id: provider.client_id, **({profile.client_secret: secret} if secret else {})}
    place: dict[str, Any] = {"params": fields} if profile.exchange_method == "GET" else {"data": fields}
    try:
        with requests.request(
            profile.exchange_method,
            endpoints.token,
            auth=auth,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
            **place,
        ) as answer:
            body = answer.raw.read(LARGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise ProviderUnavailable(provider.key, f"the token address did not answer ({type(error).__name__})") from None
    return _object(provider, parsed(provider.key, endpoints.token, body))


def _userinfo(provider: Provider, endpoints: Endpoints, token: str, tokens: Mapping[str, Any]) -> dict[str, Any]:
    profile = _profile(provider)
    query = {name: str(value_at(tokens, path) or path) for name, path in profile.userinfo_fields.items()}
    headers = {}
    if profile.userinfo_auth == "query":
        query[profile.userinfo_parameter] = token
    else:
        headers["Authorization"] = f"Bearer {token}"
    return _object(provider, get_json(provider.key, endpoints.userinfo, headers, query))


def _object(provider: Provider, answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ProviderUnavailable(provider.key, "its answer is no JSON object")
    return answer


def _check_error(profile: Profile, answer: Mapping[str, Any]) -> None:
    error = value_at(answer, profile.error)
    if str("" if error is None else error) not in profile.error_good:
        raise Refused("code_refused", str(error)[:80])
