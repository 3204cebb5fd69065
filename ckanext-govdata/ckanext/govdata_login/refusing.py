"""What is refused without a word of its own to the one who tried: told to the log with its reason, so that it can be seen."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from flask import current_app, has_request_context, request, session
from redis import exceptions as redis_errors

from . import events, store
from .addresses import HOME, is_local, safe_next

_LEFT = "session-left"
_DAY = 86_400
# CKAN's views that lead where a parameter says, with its name; those of signing in ask for the next page themselves.
_LEADING = {"user.logout": "came_from", "util.internal_redirect": "url"}


def tell(reason: str, **details: Any) -> None:
    """Tell the log that a request was refused: `form_token_wrong`, `session_over`, `session_planted`, `redirect_elsewhere`."""
    events.tell("request_refused", reason=reason, **details)


def next_page(target: str | None, otherwise: str = HOME) -> str:
    """The wished address where it is one of ours, else `otherwise`; an address elsewhere is told."""
    if target and not is_local(target):
        tell("redirect_elsewhere")
    return safe_next(target, otherwise)


def turn_back() -> Any:
    """Before CKAN's views that lead on: they take `/<tab>/elsewhere` for one of the portal's own addresses; browsers do not."""
    name = _LEADING.get(request.endpoint or "")
    target = request.values.get(name, "") if name else ""
    if not target or is_local(target.removeprefix(str(tk.config["ckan.site_url"]).rstrip("/"))):
        return None
    tell("redirect_elsewhere")
    if request.endpoint == "user.logout":
        return tk.redirect_to("user.logout")
    return tk.abort(403, tk._("Redirecting to external site is not allowed."))


def leave_behind(reason: str) -> None:
    """Before a session key goes: remember it with the reason to tell if somebody still shows it.

    `session_planted` before a sign-in, as somebody may have planted the key to ride along; `session_over` at signing out.
    """
    key = _key()
    if key:
        store.keep(_LEFT, key, {"reason": reason}, _DAY)


def tell_left_behind() -> None:
    """A visitor's request: tell once if its key is one that was left behind. It opens nothing."""
    # Ordinary visitors have no cookie, or something in their session: only the others cost a question to Redis.
    key = _key() if has_request_context() and not set(session) - {"_permanent"} else ""
    try:
        found = store.take(_LEFT, key) if key else None
    except (redis_errors.ConnectionError, redis_errors.TimeoutError):
        # Without Redis nobody is known by a session, and what needs none goes on. It is told when the key is shown again.
        return
    if found is not None:
        tell(found["reason"])


def _key() -> str:
    # The cookie's own word: a key that the server no longer holds is given a new one before any code sees it.
    return request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
