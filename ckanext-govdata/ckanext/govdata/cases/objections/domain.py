"""The path of an objection, its reasons, and what the public learns of it. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from enum import Enum

from ...workflow.domain import BEFORE, PORTAL, Apart, Machine, Needs, State, Transition


def N_(message: str) -> str:
    """Marks a message for translation, under the name that collectors look for; whoever shows it translates it."""
    return message


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
        """Whether it is looked into as a leak, and never stands in a register: that would tell where to look."""
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


def code_digest(code: str) -> str:
    """How the code is kept by which somebody without an account follows an objection."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def _t(
    begin: str, command: str, end: str, roles: Iterable[str], needs: Needs = Needs.NONE, apart: Apart = Apart.OPENER
) -> Transition:
    return Transition(begin, command, end, frozenset(roles), needs, apart)


OBJECTION = Machine(
    name=MACHINE,
    version=1,
    title=N_("Objection to data"),
    source="LYG-20 GY-c5 YZ-25",
    states=(
        State("filed", N_("with the agency")),
        State("checking", N_("being verified")),
        State("declined", N_("not taken up")),
        State("corrected", N_("corrected")),
        State("unfounded", N_("found to be right as it is")),
        State("looked_at", N_("looked at again by the authority")),
        State("closed", N_("closed"), final=True),
    ),
    roles={
        OBJECTOR: N_("whoever objects"),
        AGENCY: N_("the dataset's agency"),
        OPERATOR: N_("the operator"),
        AUTHORITY: N_("the authority"),
        PORTAL: N_("the portal"),
    },
    commands={
        "file": N_("File"),
        "accept": N_("Take it up and mark the data"),
        "decline": N_("Do not take it up"),
        "correct": N_("Corrected"),
        "uphold-data": N_("The data is right"),
        "look-again": N_("Ask the authority to look again"),
        "send-back": N_("Send back to the agency"),
        "close": N_("Close"),
    },
    transitions=(
        _t(BEFORE, "file", "filed", {OBJECTOR}, apart=Apart.NONE),
        # Every objection reaches the agency, and only the agency declines.
        _t("filed", "accept", "checking", {AGENCY}),
        _t("filed", "decline", "declined", {AGENCY}, Needs.REASON),
        _t("checking", "correct", "corrected", {AGENCY}, Needs.REASON),
        _t("checking", "uphold-data", "unfounded", {AGENCY}, Needs.REASON),
        *(
            _t(state, "look-again", "looked_at", {OBJECTOR}, Needs.REASON, Apart.NONE)
            for state in ("declined", "unfounded", "corrected")
        ),
        *(
            _t(state, "close", "closed", {PORTAL, AUTHORITY, OPERATOR})
            for state in ("declined", "unfounded", "corrected")
        ),
        _t("looked_at", "send-back", "filed", {AUTHORITY}, Needs.REASON),
        _t("looked_at", "close", "closed", {AUTHORITY}, Needs.REASON),
    ),
)
