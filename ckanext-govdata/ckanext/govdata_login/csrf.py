"""Forged forms: mends what CKAN 2.12 leaves open, and asks visitors for the token where signing in begins.

CKAN calls `csrf.exempt(view)` when a request comes from a visitor or bears an API token, and Flask-WTF keeps that for as long
as the process lives: afterwards a signed-in person's form is taken without its token. Here an exemption that is made during
a request ends with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ckan.plugins import toolkit as tk
from flask import g, has_request_context, request
from flask_wtf.csrf import CSRFProtect

from . import refusing

# Signing somebody in unawares begins with a visitor's form, so these ask visitors for the token as well.
_ALWAYS = frozenset({"ckan.views.user.login"})


class ExemptViews(set[str]):
    """Views that need no token: for good when named outside a request, else for that request alone; `always` ask for it."""

    def __init__(self, views: Iterable[str] = (), always: frozenset[str] = frozenset()) -> None:
        super().__init__(set(views) - always)
        self.always = always

    def add(self, view: str) -> None:
        if not has_request_context():
            super().add(view)
        elif view not in self.always or request.headers.get(tk.config["apitoken_header_name"]):
            g.setdefault("govdata_login_exempt", set()).add(view)

    def __contains__(self, view: object) -> bool:
        if super().__contains__(view):
            return True
        return has_request_context() and view in g.get("govdata_login_exempt", ())


def protect(csrf: CSRFProtect, own: Iterable[str] = ()) -> None:
    """Make exemptions of this protection last one request. Doing it twice changes nothing."""
    if isinstance(csrf._exempt_views, ExemptViews):
        return
    csrf._exempt_views = ExemptViews(csrf._exempt_views, _ALWAYS | frozenset(own))
    answer = csrf._error_response

    def refuse(reason: str) -> Any:
        refusing.tell("form_token_wrong")
        return answer(reason)

    csrf._error_response = refuse
