"""What every answer tells the browser about safety, and the strict rules of the pages where people sign in."""

from __future__ import annotations

from urllib.parse import urlsplit

from ckan.plugins import toolkit as tk
from flask import Response, g, request

from . import config
from .oidc.discovery import known_addresses

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
}
_OWN = "govdata_login"
# Views of the plugins that come with this one: no page of theirs has script in it, and none shall begin to.
_HOUSE = "govdata"
_STRICT_VIEWS = ("user.login", "user.request_reset", "user.perform_reset")


def add(answer: Response) -> Response:
    """Add the headers that an answer does not have yet; a proxy or another plugin that set one knows better."""
    for name, value in _ALWAYS.items():
        answer.headers.setdefault(name, value)
    seconds = config.hsts_seconds()
    if seconds and str(tk.config["ckan.site_url"]).startswith("https:"):
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={seconds}")
    if is_strict(request.endpoint or ""):
        answer.headers.setdefault(
            "Content-Security-Policy", policy((*form_targets(), *g.get("govdata_login_form_target", ())))
        )
        answer.headers["X-Frame-Options"] = "DENY"
    elif (request.endpoint or "").startswith(_HOUSE) and answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", _rules("'self'"))
    return answer


def is_strict(endpoint: str) -> bool:
    """Whether a view is one where people sign in or change how they do."""
    return endpoint.startswith(_OWN) or endpoint in _STRICT_VIEWS


def policy(targets: tuple[str, ...]) -> str:
    """The content security policy of such a page: files of this portal, no script in the page, no frame around it."""
    return "; ".join((_rules("'none'"), " ".join(("form-action 'self'", *targets))))


def _rules(frames: str) -> str:
    rules = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: https:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": frames,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def form_targets() -> tuple[str, ...]:
    """The identity services: a form that links an identity is answered by a redirect there, which browsers check too."""
    found = {_origin(address) for provider in config.providers().values() for address in known_addresses(provider)}
    return tuple(sorted(found))


def allow_form_target(address: str) -> None:
    """Let the form of this one answer lead on to an address, such as a program's own."""
    g.govdata_login_form_target = (_origin(address),)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
