"""Who a request with a token is from: a program's token makes a visitor's request, with the token's scopes noted beside it."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import Response, g, jsonify, make_response, request

from .. import config, events, store
from . import api_tokens, tokens, use

# Other plugins read the scopes of a request here: `client`, `user_id`, `scopes`.
KEPT = "govdata_login_bearer"
_BAD = "govdata_login_bad_token"
_NO_TOKENS = ("basic", "digest", "negotiate")
_MINUTE = 60


def token_of_request() -> str:
    """The token in the header, with or without the word Bearer; other schemes of the header name nobody here."""
    given = request.headers.get(str(tk.config["apitoken_header_name"]), "").strip()
    scheme, _, rest = given.partition(" ")
    if scheme.lower() in _NO_TOKENS:
        return ""
    return rest.strip() if scheme.lower() == "bearer" else given


def identify(token: str) -> model.User | model.AnonymousUser | None:
    """The account of CKAN's whole token; a visitor for a token that is held to scopes or is not good; None for neither."""
    if token.startswith(tokens.ACCESS):
        return _held(tokens.check(token))
    user, kind, names = api_tokens.user_of(token)
    if user is None or not user.is_active:
        # A key that has ended is told so, as a program's token is; CKAN's whole tokens are answered as CKAN answers them.
        return _held(None) if token.startswith(api_tokens.HELD) else None
    if names:
        return _held({"client": f"{kind}:{user.id}", "user_id": user.id, "scopes": names})
    return user


def _held(found: dict[str, Any] | None) -> model.AnonymousUser:
    if found is None:
        setattr(g, _BAD, "invalid_token")
    elif not use.note(found["client"], config.client_rate()):
        setattr(g, _BAD, "slow_down")
    else:
        setattr(g, KEPT, found)
    return model.AnonymousUser()


def held_for() -> str:
    """Whose grants the token of this request uses; empty where none is held to scopes."""
    return str((g.get(KEPT) or {}).get("user_id") or "")


def refuse_held() -> None:
    """The token of this request opens nothing after all: it is answered as one that has ended."""
    g.pop(KEPT, None)
    setattr(g, _BAD, "invalid_token")


def answer_bad_tokens() -> Response | None:
    """Before a view: 401 for a token that is not good, 429 for too many calls, 403 for what no scope gives (RFC 6750)."""
    if g.get(_BAD) == "slow_down":
        answer = _problem(429, "slow_down", tk._("Too many calls in this minute. Wait, and call more slowly."))
        answer.headers["Retry-After"] = str(_MINUTE)
        return answer
    if g.get(_BAD):
        _tell_once("invalid_token")
        return _problem(401, "invalid_token", tk._("This token has ended or was never given. Get a new one."))
    if g.get(KEPT) is not None and not _reads():
        _tell_once("insufficient_scope")
        return _problem(403, "insufficient_scope", tk._("This token only reads what its scopes name."))
    return None


def _reads() -> bool:
    return request.method in ("GET", "HEAD", "OPTIONS") or str(request.endpoint or "").endswith("api.action")


def _tell_once(reason: str) -> None:
    # A program that does not look at answers would fill the log: one entry a minute for each address says enough.
    if store.once("token-refused", f"{reason} {request.remote_addr}", _MINUTE):
        events.tell("token_refused", reason=reason, **{k: v for k, v in (g.get(KEPT) or {}).items() if k == "client"})


def _problem(status: int, error: str, words: str) -> Response:
    answer = make_response(jsonify(error=error, error_description=words), status)
    answer.headers["WWW-Authenticate"] = f'Bearer error="{error}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
