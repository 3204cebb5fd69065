"""Confirmation of who somebody is before they sign, decide or withdraw: how to demand it, and when one counts.

    @require_step_up("sign_agreement")
    def sign(id): ...

A view so marked sends a person who has not confirmed within `govdata.login.step_up_minutes` to the page that asks for it,
and back. An action calls `demand_step_up(purpose)`, which refuses with its reason instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from ckan.plugins import toolkit as tk
from flask import request

from . import config, sessions
from .addresses import safe_next
from .clock import now
from .factors import keeping
from .model import Session
from .oidc.provider import Provider

P = ParamSpec("P")
R = TypeVar("R")
# What counts as showing once more who one is. Having signed in by password alone does not.
_LOCAL = keeping.KINDS


def confirmed(row: Session | None) -> bool:
    """Whether the person of a session confirmed lately enough, by a factor here or at a service that is trusted."""
    return last_confirmation(row) is not None


def last_confirmation(row: Session | None) -> dict[str, Any] | None:
    """The newest confirmation of a session's person that still counts: `kind` and `at`."""
    if row is None:
        return None
    limit = (now() - config.step_up_age()).timestamp()
    provider = provider_of(row)
    kinds = (*_LOCAL, "provider") if provider and can_confirm(provider) else _LOCAL
    found = [one for one in row.factors if one["kind"] in kinds and one["at"] >= limit]
    return max(found, key=lambda one: one["at"], default=None)


def provider_of(row: Session) -> Provider | None:
    """The service by which a session began, as long as it stands in the settings."""
    return config.providers().get(row.provider) if row.provider else None


def can_confirm(provider: Provider) -> bool:
    """Whether a service's word counts: one without ID tokens or not trusted cannot confirm anything."""
    return provider.is_oidc and provider.trusted


def require_step_up(purpose: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for a person who confirmed lately; `purpose` names it in the events and on the page."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if confirmed(sessions.current()):
                return view(*args, **kwargs)
            return tk.redirect_to("govdata_login.step_up", purpose=purpose, next=_back())  # type: ignore[return-value]

        return guarded

    return mark


def _back() -> str:
    # A form that was sent cannot be repeated after the detour; the person comes back to the page that showed it.
    if request.method in ("GET", "HEAD"):
        return safe_next(request.environ.get("CKAN_CURRENT_URL"))
    parts = urlsplit(request.referrer or "")
    return safe_next(parts.path + (f"?{parts.query}" if parts.query else ""))


def demand_step_up(purpose: str) -> None:
    """Refuse an action to a person who has not confirmed lately.

    Raises:
        NotAuthorized: with the purpose in its message.
    """
    if not confirmed(sessions.current()):
        raise tk.NotAuthorized(
            tk._("This needs a fresh confirmation of who you are: {purpose}").format(purpose=purpose)
        )
