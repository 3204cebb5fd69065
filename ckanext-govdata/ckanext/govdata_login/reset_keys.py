"""The keys in links to a new password: CKAN's count until they are used, though it be years; these say when they were made."""

from __future__ import annotations

import hmac
import secrets
import time

from ckan import model

_RESET_SECONDS = 86_400
# Whoever is invited may be on holiday; an account that waits opens nothing but itself.
_INVITED_SECONDS = 7 * 86_400
_STAMP = 8


def make(at: float | None = None) -> str:
    """A new key, with the moment of its making in front; stands in for CKAN's `mailer.make_key`."""
    return f"{int(at if at is not None else time.time()):0{_STAMP}x}{secrets.token_hex(16)}"


def is_good(user: model.User | None, key: str | None) -> bool:
    """Whether a key is the account's and not older than a day, or a week for an account that waits for its owner."""
    given, kept = str(key or "").strip(), str(user.reset_key or "") if user is not None else ""
    if user is None or not kept or not hmac.compare_digest(given.encode(), kept.encode()):
        return False
    try:
        age = time.time() - int(kept[:_STAMP], 16)
    except ValueError:
        return False
    return len(kept) > 4 * _STAMP and 0 <= age + 1 < (_INVITED_SECONDS if user.is_pending() else _RESET_SECONDS)
