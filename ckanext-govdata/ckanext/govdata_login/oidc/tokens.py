"""Checks an ID token or a logout token in full: signature first, then every claim that OpenID Connect orders to check. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from ..errors import Refused

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST_TOKEN = 64 * 1024
_LONGEST_SUBJECT = 255
# A token that brings or points to its own key proves nothing.
_OWN_KEY_HEADERS = ("jku", "jwk", "x5u")
_LOGOUT_AGE = 300


@dataclass(frozen=True)
class Expected:
    """What a token has to say to be believed; `now` in seconds since 1970, `skew` what clocks may differ by."""

    issuer: str
    client_id: str
    algorithms: frozenset[str]
    now: float
    skew: int
    nonce: str = ""
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    access_token: str = ""


FindKey = Callable[[str | None, str], Key]


def check_id_token(token: Any, expected: Expected, find_key: FindKey) -> Mapping[str, Any]:
    """The claims of an ID token that holds.

    Raises:
        Refused: with the first reason why it does not (OpenID Connect Core 3.1.3.7, with 3.3.2.11 for `at_hash`).
    """
    algorithm, claims = _verified(token, expected, find_key)
    _check_origin(claims, expected)
    _check_times(claims, expected)
    _check_subject(claims)
    if not hmac.compare_digest(str(claims.get("nonce") or ""), expected.nonce):
        raise Refused("nonce_wrong")
    _check_access_hash(claims, algorithm, expected.access_token)
    _check_strength(claims, expected)
    return claims


def check_logout_token(token: Any, expected: Expected, find_key: FindKey) -> Mapping[str, Any]:
    """The claims of a logout token that holds (OpenID Connect Back-Channel Logout 2.6), but for its `jti` being new.

    Raises:
        Refused: with the first reason why it does not.
    """
    _, claims = _verified(token, expected, find_key, kinds=("logout+jwt", "jwt", ""))
    _check_origin(claims, expected)
    _check_times(claims, expected)
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise Refused("logout_event_missing")
    if "nonce" in claims:
        raise Refused("logout_with_nonce")
    if not claims.get("jti") or not (claims.get("sub") or claims.get("sid")):
        raise Refused("logout_names_nobody")
    if claims["iat"] < expected.now - expected.skew - _LOGOUT_AGE:
        raise Refused("token_expired", "the logout token is older than five minutes")
    return claims


def _verified(
    token: Any, expected: Expected, find_key: FindKey, kinds: tuple[str, ...] | None = None
) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(token, str) or not token:
        raise Refused("id_token_missing")
    header = _header(token)
    algorithm = str(header.get("alg"))
    if algorithm not in expected.algorithms:
        raise Refused("algorithm_refused", f"alg is {algorithm[:20]!r}")
    for name in _OWN_KEY_HEADERS:
        if name in header:
            raise Refused("key_from_token", f"the header has {name!r}")
    kind = str(header.get("typ") or "").lower()
    if kinds is None and kind == "logout+jwt":
        raise Refused("wrong_kind_of_token", "a logout token in place of an ID token")
    if kinds is not None and kind not in kinds:
        raise Refused("wrong_kind_of_token", f"typ is {kind[:30]!r}")
    kid = header.get("kid")
    key = find_key(str(kid) if kid is not None else None, algorithm)
    try:
        checked = jws.deserialize_compact(token, key, algorithms=[algorithm])
        claims = json.loads(checked.payload)
    except (JoseError, ValueError) as error:
        raise Refused("signature_wrong", type(error).__name__) from None
    if not isinstance(claims, dict):
        raise Refused("signature_wrong", "the token holds no object")
    return algorithm, claims


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
        raise Refused("token_malformed")
    part = token.split(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        raise Refused("token_malformed") from None
    if not isinstance(header, dict):
        raise Refused("token_malformed")
    return header


def _check_origin(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise Refused("issuer_wrong")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in named:
        raise Refused("audience_wrong")
    # No other audience is trusted here; a token meant for two is one that the other may have been given too.
    if len(named) > 1 and claims.get("azp") is None:
        raise Refused("party_wrong", "several audiences and no azp")
    if claims.get("azp") is not None and claims["azp"] != expected.client_id:
        raise Refused("party_wrong")


def _check_times(claims: Mapping[str, Any], expected: Expected) -> None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires is None or issued is None:
        raise Refused("times_missing")
    if expires <= expected.now - expected.skew:
        raise Refused("token_expired")
    if issued > expected.now + expected.skew:
        raise Refused("issued_in_future")
    begins = claims.get("nbf")
    if begins is not None and (_seconds(claims, "nbf") is None or begins > expected.now + expected.skew):
        raise Refused("issued_in_future", "nbf")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _check_subject(claims: Mapping[str, Any]) -> None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject or len(subject) > _LONGEST_SUBJECT:
        raise Refused("subject_missing")


def _check_access_hash(claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    given = claims.get("at_hash")
    if given is None or not access_token:
        return
    name = "sha512" if algorithm in ("EdDSA", "Ed25519") else f"sha{algorithm[-3:]}"
    digest = hashlib.new(name, access_token.encode("ascii", "replace")).digest()
    wanted = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if not hmac.compare_digest(wanted, str(given)):
        raise Refused("access_token_swapped")


def _check_strength(claims: Mapping[str, Any], expected: Expected) -> None:
    when = _seconds(claims, "auth_time")
    if when is not None and when > expected.now + expected.skew:
        raise Refused("issued_in_future", "auth_time")
    if expected.max_age is not None and (when is None or when < expected.now - expected.max_age - expected.skew):
        raise Refused("signed_in_too_long_ago")
    if expected.acr_values and claims.get("acr") not in expected.acr_values:
        raise Refused("too_weak")
