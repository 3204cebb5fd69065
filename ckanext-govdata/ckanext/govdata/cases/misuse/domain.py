"""The path of a report of misuse, and what it can be about. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import Enum

from ...workflow.domain import BEFORE, Machine, Needs, State, Transition


def N_(message: str) -> str:
    """Marks a message for translation, under the name that collectors look for; whoever shows it translates it."""
    return message


MACHINE = "misuse-report"
REPORTER, OPERATOR, AUTHORITY = "reporter", "operator", "authority"
HANDLERS = frozenset({OPERATOR, AUTHORITY})
# Who reports is never written down, signed in or not.
VISITOR = "visitor"
OPEN_IN = ("reported", "examining", "measures")


class Kind(str, Enum):
    """What somebody does with data that they must not do, by the heads of LYG-38 and LYG-40."""

    HARM_TO_OTHERS = "harm_to_others"
    AGREEMENT_DUTIES = "agreement_duties"
    UNLAWFUL_GAIN = "unlawful_gain"
    ATTACK = "attack"
    SECURITY_DUTIES = "security_duties"
    OTHER = "other"


TITLES: dict[Kind, str] = {
    Kind.HARM_TO_OTHERS: N_("It harms other people's rights or privacy"),
    Kind.AGREEMENT_DUTIES: N_("It is used for another purpose, or passed on"),
    Kind.UNLAWFUL_GAIN: N_("The data was obtained by deceit"),
    Kind.ATTACK: N_("The portal or its data is attacked"),
    Kind.SECURITY_DUTIES: N_("The data is not kept safe"),
    Kind.OTHER: N_("Something else"),
}


def code_digest(code: str) -> str:
    """How the code is kept by which a report is followed."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def _t(begin: str, command: str, end: str, roles: Iterable[str], needs: Needs = Needs.NONE) -> Transition:
    return Transition(begin, command, end, frozenset(roles), needs)


MISUSE = Machine(
    name=MACHINE,
    version=1,
    title=N_("Report of misuse"),
    source="LYG-25 LYG-38 LYG-40",
    states=(
        State("reported", N_("received")),
        State("examining", N_("being looked into")),
        State("measures", N_("steps are being taken")),
        State("settled", N_("dealt with"), final=True),
        State("unfounded", N_("no misuse found"), final=True),
    ),
    roles={
        REPORTER: N_("whoever reports"),
        OPERATOR: N_("the operator"),
        AUTHORITY: N_("the authority"),
    },
    commands={
        "report": N_("Report"),
        "add": N_("Add something"),
        "examine": N_("Take it and look into it"),
        "ask": N_("Ask whoever reported"),
        "tie": N_("Say which party it is about"),
        "notice": N_("Give notice of a breach under an agreement"),
        "settle": N_("Dealt with"),
        "dismiss": N_("No misuse"),
    },
    transitions=(
        _t(BEFORE, "report", "reported", {REPORTER}),
        *(_t(state, "add", state, {REPORTER}) for state in OPEN_IN),
        _t("reported", "examine", "examining", HANDLERS),
        *(_t(state, "ask", state, HANDLERS) for state in ("examining", "measures")),
        *(_t(state, "tie", state, HANDLERS) for state in ("examining", "measures")),
        # Who is named answers under the agreement's own breach path, with notice and time to reply.
        *(_t(state, "notice", "measures", HANDLERS) for state in ("examining", "measures")),
        *(_t(state, "settle", "settled", HANDLERS, Needs.REASON) for state in ("examining", "measures")),
        _t("examining", "dismiss", "unfounded", HANDLERS, Needs.REASON),
    ),
)
