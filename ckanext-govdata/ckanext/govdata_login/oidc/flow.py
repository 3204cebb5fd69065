"""One sign-in at an identity service, from the first redirect to claims that can be believed (authorization code with PKCE)."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from flask import session

from .. import store
from ..errors import ProviderUnavailable, Refused
from . import profiles
from .discovery import endpoints_of
from .fetching import LARGEST, TIMEOUT, get_json
from .keys import KeyRing
from .provider import Endpoints, Provider
from .tokens import Expected, check_id_token

PENDING_SECONDS = 900
_KIND = "flow"
_BROWSER = "govdata_login_browser"
KEYS = KeyRing()


@dataclass(frozen=True)
class Wish:
    """Why somebody is sent to a service: to sign in, to link its identity (`link`), or to confirm who they are (`step_up`).

    `session` is the id of the session that a link or a confirmation is for.
    """

    next: str = "/"
    purpose: str = "sign_in"
    session: str = ""
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    prompt: str = ""
    login_hint: str = ""


@dataclass(frozen=True)
class Answer:
    """What a service said, checked: claims, the wish that it answers, and what its session needs later."""

    provider: Provider
    wish: Wish
    claims: Mapping[str, Any]
    id_token: str = ""
    endpoints: Endpoints | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])


def start(provider: Provider, wish: Wish, redirect_uri: str) -> str:
    """The address at the service where the browser goes; what has to be remembered is kept here, for this browser alone.

    Raises:
        ProviderUnavailable: the service's addresses cannot be found out.
    """
    endpoints = endpoints_of(provider)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    browser = session.setdefault(_BROWSER, secrets.token_urlsafe(32))
    pending = {
        "provider": provider.key,
        "nonce": nonce,
        "verifier": verifier,
        "browser": store.digest(browser),
        "redirect_uri": redirect_uri,
        "wish": asdict(wish),
    }
    store.keep(_KIND, state, pending, PENDING_SECONDS)
    if not provider.is_oidc:
        return profiles.authorization_url(provider, endpoints, redirect_uri, state, verifier)
    client = _client(provider, redirect_uri)
    address, _ = client.create_authorization_url(
        endpoints.authorization, state=state, nonce=nonce, code_verifier=verifier, **_asked(provider, wish)
    )
    return address


def _asked(provider: Provider, wish: Wish) -> dict[str, str]:
    max_age = wish.max_age if wish.max_age is not None else provider.max_age
    acr_values = wish.acr_values or provider.acr_values
    asked = {"prompt": wish.prompt, "login_hint": wish.login_hint, "acr_values": " ".join(acr_values)}
    if max_age is not None:
        asked["max_age"] = str(max_age)
    return {name: value for name, value in asked.items() if value}


def finish(provider: Provider, given: Mapping[str, str]) -> Answer:
    """Take the service's redirect back, and ask it for what the code stands for.

    A state is good for one answer, in the browser that started, by the provider that it was made for.

    Raises:
        Refused: with the first reason why the answer is not believed.
        ProviderUnavailable: the service does not answer now.
    """
    pending = _pending(provider, given)
    endpoints = endpoints_of(provider)
    _check_issuer(provider, endpoints, given)
    if given.get("error"):
        raise Refused("provider_error", str(given["error"])[:80])
    if not given.get("code"):
        raise Refused("code_missing")
    wish = _wish(pending["wish"])
    if not provider.is_oidc:
        claims = profiles.claims_for(provider, endpoints, given["code"], pending["redirect_uri"], pending["verifier"])
        return Answer(provider, wish, claims, endpoints=endpoints)
    tokens = _exchange(provider, endpoints, given["code"], pending)
    claims = _checked(provider, endpoints, tokens, pending, wish)
    return Answer(provider, wish, claims, str(tokens["id_token"]), endpoints)


def _wish(kept: Mapping[str, Any]) -> Wish:
    return Wish(**{**kept, "acr_values": tuple(kept["acr_values"])})


def _pending(provider: Provider, given: Mapping[str, str]) -> Mapping[str, Any]:
    state = given.get("state")
    if not state:
        raise Refused("state_missing")
    # Looked at before it is taken out: a stranger who shows somebody's state must not end that person's sign-in.
    pending = store.peek(_KIND, state)
    if pending is None:
        raise Refused("state_unknown")
    if not hmac.compare_digest(pending["browser"], store.digest(session.get(_BROWSER, ""))):
        raise Refused("state_of_other_browser")
    if store.take(_KIND, state) is None:
        raise Refused("state_unknown", "taken at the same moment")
    if pending["provider"] != provider.key:
        raise Refused("state_of_other_provider")
    return pending


def _check_issuer(provider: Provider, endpoints: Endpoints, given: Mapping[str, str]) -> None:
    """RFC 9207: whose answer is this? Asked for wherever the service says that it tells."""
    named = given.get("iss")
    if named is None and not endpoints.iss_in_answers:
        return
    if named != provider.issuer:
        raise Refused("answer_of_other_issuer")


class _Client(OAuth2Session):
    """Authlib's client, held to the same limits as every other question to a service."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.update(allow_redirects=False, stream=True, timeout=TIMEOUT)
        answer = super().request(method, url, *args, **kwargs)
        with answer:
            body = answer.raw.read(LARGEST + 1, decode_content=True)
        answer._content = body if len(body) <= LARGEST else b""
        return answer


def _client(provider: Provider, redirect_uri: str) -> _Client:
    return _Client(
        provider.client_id,
        provider.client_secret.reveal() if provider.client_secret else None,
        token_endpoint_auth_method=provider.client_auth,
        scope=" ".join(provider.scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )


def _exchange(provider: Provider, endpoints: Endpoints, code: str, pending: Mapping[str, Any]) -> Mapping[str, Any]:
    client = _client(provider, pending["redirect_uri"])
    try:
        tokens = client.fetch_token(
            endpoints.token, grant_type="authorization_code", code=code, code_verifier=pending["verifier"]
        )
    except OAuthError as error:
        raise Refused("code_refused", str(error.error)[:80]) from None
    except (requests.RequestException, OSError, ValueError) as error:
        raise ProviderUnavailable(provider.key, f"the token endpoint did not answer ({type(error).__name__})") from None
    if not isinstance(tokens.get("id_token"), str):
        raise Refused("id_token_missing")
    return tokens


def _checked(
    provider: Provider, endpoints: Endpoints, tokens: Mapping[str, Any], pending: Mapping[str, Any], wish: Wish
) -> Mapping[str, Any]:
    expected = Expected(
        issuer=provider.issuer,
        client_id=provider.client_id,
        algorithms=provider.algorithms,
        now=time.time(),
        skew=provider.clock_skew,
        nonce=pending["nonce"],
        max_age=wish.max_age if wish.max_age is not None else provider.max_age,
        acr_values=wish.acr_values or provider.acr_values,
        access_token=str(tokens.get("access_token") or ""),
    )
    claims = check_id_token(
        tokens["id_token"], expected, lambda kid, alg: KEYS.find(provider, endpoints.jwks, kid, alg)
    )
    if not provider.userinfo or not endpoints.userinfo:
        return claims
    more = get_json(provider.key, endpoints.userinfo, {"Authorization": f"Bearer {expected.access_token}"})
    if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
        raise Refused("subject_changed")
    return {**more, **claims}
