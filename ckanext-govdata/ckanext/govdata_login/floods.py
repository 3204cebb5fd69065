"""A flood of guesses is turned away at the door: it costs no session, no statement, no hash and no page.

Only what the sign-in page would not look at either is turned away here: a password for a name, or from an address, that is
slowed, without a code and from a browser that no account knows. Everything else goes on to the page, which decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode

from redis.exceptions import RedisError

from . import guessing

REFUSED = "refused"
# With the language in front, which CKAN takes off further in.
_PATH = re.compile(r"(/\w+)?/user/login")
_LARGEST = 8192
_FORM = "application/x-www-form-urlencoded"
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Door:
    """Stands before an application; `trusted_proxies` has to stand before this, or all visitors have one address."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = _guessed(environ)
        if not name or not _turned_away(name, str(environ.get("REMOTE_ADDR") or "")):
            return self._app(environ, start_response)
        # The address of the page itself, whatever language and folder it stands under.
        location = f"?{urlencode([(REFUSED, '1'), *_next(environ)])}"
        start_response("302 FOUND", [("Location", location), ("Cache-Control", "no-store"), ("Content-Length", "0")])
        return [b""]


def _turned_away(name: str, address: str) -> bool:
    try:
        return guessing.turned_away(name, address)
    except RedisError:
        return False


def _guessed(environ: dict[str, Any]) -> str:
    """The name of a sign-in that has nothing to show but a password; the body is put back for whoever reads it next."""
    if environ.get("REQUEST_METHOD") != "POST" or not _PATH.fullmatch(str(environ.get("PATH_INFO"))):
        return ""
    length = str(environ.get("CONTENT_LENGTH") or "")
    if guessing.COOKIE in str(environ.get("HTTP_COOKIE") or "") or not length.isdigit() or int(length) > _LARGEST:
        return ""
    if not str(environ.get("CONTENT_TYPE") or "").startswith(_FORM):
        return ""
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    form = _fields(body)
    return "" if form.get("code", "").strip() else form.get("login", "").strip()


def _fields(body: bytes) -> dict[str, str]:
    try:
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def _next(environ: dict[str, Any]) -> list[tuple[str, str]]:
    query = _fields(str(environ.get("QUERY_STRING") or "").encode())
    wished = query.get("next") or query.get("came_from")
    return [("next", wished)] if wished else []
