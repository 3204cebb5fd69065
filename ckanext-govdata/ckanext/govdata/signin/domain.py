"""What an event of signing in is called in the ledger, and which are counted by the minute. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Guesses come in floods: of these, an account and a minute make one entry with their number.
COUNTED = frozenset(
    {"password_wrong", "factor_refused", "guessing_slowed", "form_token_wrong", "redirect_elsewhere", "session_over"}
)
_FAILURES = frozenset(
    {"sign_in_refused", "client_refused", "token_refused", "factor_refused", "guessing_slowed", "request_refused"}
)
# What an entry names; whatever else an event says (details of a refusal may repeat what a stranger sent) stays out of it.
_FIELDS = {
    "user": "user.target.id",
    "client": "govdata.client.id",
    "provider": "govdata.login.provider",
    "session": "govdata.login.session",
    "token": "govdata.login.token",
    "kind": "govdata.login.factor",
    "method": "govdata.login.method",
    "scopes": "govdata.login.scopes",
    "why": "govdata.login.why",
    "group": "govdata.agency.id",
    "capacity": "govdata.role",
}
_CODES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


@dataclass(frozen=True)
class Told:
    """An entry to write: `action` with hyphens, `outcome`, fields; `counted` names what is added up by the minute."""

    action: str
    outcome: str
    fields: Mapping[str, Any]
    counted: str = ""


def told(name: str, details: Mapping[str, Any]) -> Told:
    """The entry of an event."""
    failed = name in _FAILURES
    reason = str(details.get("reason") or (name if failed else ""))
    fields: dict[str, Any] = {
        _FIELDS[key]: value for key, value in details.items() if key in _FIELDS and value not in (None, "", [])
    }
    if reason:
        fields["event.reason"] = code(reason)
    if name == "signed_in":
        fields["user.id"] = details.get("user")
    return Told(name.replace("_", "-"), "failure" if failed else "success", fields, reason if reason in COUNTED else "")


def code(text: str) -> str:
    """A reason as the ledger takes one: a short code of small letters."""
    plain = "".join(letter if letter in _CODES else "_" for letter in text.lower())[:64].lstrip("_0123456789")
    return plain or "unknown"
