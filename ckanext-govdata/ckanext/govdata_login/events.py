"""Tells the log and other plugins what happened in signing in; never a secret, a token or a code."""

from __future__ import annotations

import logging
from typing import Any

from .interfaces import tell_event

log = logging.getLogger(__name__)

NAMES = (
    "signed_in",
    "sign_in_refused",
    "signed_out",
    "session_ended",
    "identity_linked",
    "identity_unlinked",
    "identity_lapsed",
    "stepped_up",
    "factor_added",
    "factor_removed",
    "factor_refused",
    "guessing_slowed",
    "client_registered",
    "client_changed",
    "client_ended",
    "client_refused",
    "token_given",
    "token_ended",
    "token_refused",
    "access_agreed",
    "api_token_made",
    "api_token_ended",
    "account_registered",
    "account_closed",
    "invitation_taken",
    "mail_changed",
    "request_refused",
)


def tell(name: str, **details: Any) -> None:
    """Report an event of `NAMES`."""
    if name not in NAMES:
        raise ValueError(f"{name} is no event of signing in")
    log.info("%s %s", name, " ".join(f"{key}={value!r}" for key, value in details.items()))
    tell_event(name, details)
