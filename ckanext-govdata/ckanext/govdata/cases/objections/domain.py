"""The path of an objection, its reasons, and what the public learns of it. Pure."""

from __future__ import annotations

import hmac
from enum import Enum

from ...msgids import N_

MACHINE = "objection"
OBJECTOR, AGENCY, OPERATOR, AUTHORITY = "objector", "agency", "operator", "authority"
VISITOR = "visitor"
# While an objection stands in one of these, the dataset carries the mark.
MARKED_IN = ("checking",)
OPEN_IN = ("filed", "checking", "looked_at")


class Reason(str, Enum):
    """What is wrong, as the objector says it."""

    WRONG = "wrong"
    MISSING = "missing"
    OUTDATED = "outdated"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    UNEXPLAINED = "unexplained"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105 - a word of the vocabulary

    @property
    def goes_to_withdrawal(self) -> bool:
        """Whether it is looked into as a leak, and waits for the register until that is done: it would tell where to look."""
        return self in (Reason.PERSONAL, Reason.SECRET)


TITLES: dict[Reason, str] = {
    Reason.WRONG: N_("Something is wrong"),
    Reason.MISSING: N_("Something is missing"),
    Reason.OUTDATED: N_("It is out of date"),
    Reason.UNREADABLE: N_("It cannot be read or opened"),
    Reason.DUPLICATE: N_("Something is there twice"),
    Reason.UNEXPLAINED: N_("It is not explained well enough"),
    Reason.PERSONAL: N_("It contains personal data, mine or another's"),
    Reason.SECRET: N_("It contains a secret"),
}


def commitment(key: str, salt: bytes) -> str:
    """What register and ledger hold of a row's key: HMAC-SHA-256 under a salt that is purged with the key, in hex."""
    return hmac.new(salt, key.encode(), "sha256").hexdigest()
