"""Whether the person who acts has just shown once more who they are: for signing, deciding and withdrawing.

What the rooms ask, whoever lets people sign in. The answer comes from the action `govdata_login_confirmation_show`, by name,
so that a portal without that plugin runs too: there nobody can be asked, and the setting `govdata.confirm.always` decides.

    @confirmed_first("sign_agreement")        # a page's view: sends the person to confirm, and back
    def sign(id): ...

    evidence = demand_confirmation("decide")  # in an action: refuses, and says how to confirm
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from ckan.plugins import toolkit as tk
from flask import has_request_context, request

from . import config

P = ParamSpec("P")
PURPOSES = ("sign_agreement", "decide", "withdraw")
_ASKED = "govdata_login_confirmation_show"


@dataclass(frozen=True)
class Confirmation:
    """How and when a person confirmed: `kind` is `totp`, `passkey`, `recovery`, `provider`, or empty where nobody is asked."""

    kind: str = ""
    at: datetime.datetime | None = None
    session: str = ""


class ConfirmationNeeded(tk.NotAuthorized):
    """The person has to confirm first; `address` is the page for it, empty for programs and where there is none."""

    def __init__(self, purpose: str, address: str = "") -> None:
        self.purpose, self.address = purpose, address
        where = f" {address}" if address else ""
        super().__init__(tk._("Confirm with your second factor that it is you, then do this again.") + where)


def demand_confirmation(purpose: str) -> Confirmation:
    """How the person of this request confirmed; call it before anything is changed.

    On the command line and in jobs nobody is asked. A program's token cannot confirm anything. Raises ConfirmationNeeded.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose} is none of {', '.join(PURPOSES)}")
    if not has_request_context() or purpose not in config.confirmed_purposes():
        return Confirmation()
    found = _answer()
    if found is None:
        if config.confirmation_always():
            raise ConfirmationNeeded(purpose)
        return Confirmation()
    if not found["confirmed"]:
        raise ConfirmationNeeded(purpose, str(found["address"]))
    at = datetime.datetime.fromtimestamp(found["at"], datetime.timezone.utc)
    return Confirmation(str(found["kind"]), at, str(found["session"]))


def _answer() -> dict[str, Any] | None:
    try:
        action = tk.get_action(_ASKED)
    except KeyError:
        return None
    return action({}, {})


def confirmed_first(purpose: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let a page's view run only for a person who confirmed lately; others go to confirm, and come back to the page.

    A form that was sent cannot be sent again after the detour: mark the view that shows the form, too.
    """

    def mark(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                demand_confirmation(purpose)
            except ConfirmationNeeded as needed:
                if not needed.address:
                    return tk.abort(403, str(needed.message))
                return tk.redirect_to(needed.address, purpose=purpose, next=_back())
            return view(*args, **kwargs)

        return guarded

    return mark


def _back() -> str:
    if request.method in ("GET", "HEAD"):
        return str(request.environ.get("CKAN_CURRENT_URL") or "/")
    parts = urlsplit(request.referrer or "")
    return parts.path + (f"?{parts.query}" if parts.query else "")
