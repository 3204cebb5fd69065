"""Codes that people type: those of an authenticator app (RFC 6238) and recovery codes. Pure."""

from __future__ import annotations

import hmac
import secrets

from pyotp import random_base32
from pyotp.totp import TOTP

STEP_SECONDS = 30
_SKEW_STEPS = 1
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 12


def new_secret() -> str:
    """A secret for an authenticator app, in base 32."""
    return random_base32()


def address(secret: str, account: str, site: str) -> str:
    """What the picture for the app holds."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=site)


def step_of(secret: str, code: str, last_step: int, now: float) -> int | None:
    """The step that a code is of, when it is right and later than the last one used; else None.

    Clocks may differ by one step of thirty seconds; a code counts once, so one looked at over a shoulder is spent.
    """
    given = "".join(code.split())
    app = TOTP(secret)
    present = int(now) // STEP_SECONDS
    for step in range(present - _SKEW_STEPS, present + _SKEW_STEPS + 1):
        if step > last_step and hmac.compare_digest(app.at(step * STEP_SECONDS).encode(), given.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of twelve characters, without those that look alike; about 59 bits each."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH))
    return "-".join(code[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4))


def plain(code: str) -> str:
    """A recovery code without the hyphens and blanks that people add or leave out."""
    return "".join(character for character in code.lower() if character in _ALPHABET)


def looks_like_recovery(code: str) -> bool:
    """Whether what was typed may be a recovery code rather than one of an app."""
    return len(plain(code)) == _RECOVERY_LENGTH
