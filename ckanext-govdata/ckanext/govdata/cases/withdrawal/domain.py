"""The path of a withdrawal (LYG-26): reported, withdrawn, worked over, opened by two persons or kept closed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ...workflow.domain import BEFORE, PORTAL, Apart, Machine, Needs, State, Transition


def N_(message: str) -> str:
    """Marks a message for translation, under the name that collectors look for; whoever shows it translates it."""
    return message


MACHINE = "withdrawal"
REPORTER, AGENCY, OPERATOR, AUTHORITY = "reporter", "agency", "operator", "authority"
OFFICERS = frozenset({AGENCY, OPERATOR, AUTHORITY, PORTAL})
# While a case stands in one of these, the dataset is shut, and only the case opens it again.
SHUT_IN = ("withdrawn", "reworked", "proposed")
VISITOR = "visitor"


class PersonsTold(str, Enum):
    """How the persons whose data leaked were told; the portal knows none of them, their agency does."""

    EACH = "each"
    PUBLICLY = "publicly"
    NEEDLESS = "needless"


# What ends the work on a leak; where personal data leaked, the persons concerned are told before.
AFTER_TELLING = ("propose", "keep-closed")


class Step(str, Enum):
    """What follows a withdrawal in the background; each can be done again, and all are done in the end."""

    HOLDERS = "holders"
    FILES = "files"
    ROWS = "rows"
    METADATA = "metadata"
    ACTIVITIES = "activities"
    INDEX = "index"
    FORGOTTEN = "forgotten"


def _t(
    begin: str, command: str, end: str, roles: Iterable[str], needs: Needs = Needs.NONE, apart: Apart = Apart.NONE
) -> Transition:
    return Transition(begin, command, end, frozenset(roles), needs, apart)


WITHDRAWAL = Machine(
    name=MACHINE,
    version=1,
    title=N_("Withdrawal after a leak"),
    source="LYG-26 LYG-34",
    states=(
        State("reported", N_("reported")),
        State("assessing", N_("being looked into")),
        State("withdrawn", N_("withdrawn")),
        State("reworked", N_("desensitised again")),
        State("proposed", N_("proposed to be opened again")),
        State("opened", N_("open again"), final=True),
        State("kept_closed", N_("stays closed"), final=True),
        State("dismissed", N_("no leak found"), final=True),
    ),
    roles={
        REPORTER: N_("whoever reports"),
        AGENCY: N_("the dataset's agency"),
        OPERATOR: N_("the operator"),
        AUTHORITY: N_("the authority"),
        PORTAL: N_("the portal"),
    },
    commands={
        "report": N_("Report"),
        "assess": N_("Look into it"),
        "dismiss": N_("No leak"),
        "withdraw": N_("Withdraw"),
        "rework": N_("Record what was done"),
        "propose": N_("Propose to open again"),
        "turn-down": N_("Turn the proposal down"),
        "open-again": N_("Open again"),
        "keep-closed": N_("Keep closed"),
    },
    transitions=(
        _t(BEFORE, "report", "reported", {REPORTER, *OFFICERS}),
        _t(BEFORE, "withdraw", "withdrawn", OFFICERS, Needs.REASON),
        _t("reported", "assess", "assessing", OFFICERS),
        _t("reported", "withdraw", "withdrawn", OFFICERS, Needs.REASON),
        _t("assessing", "withdraw", "withdrawn", OFFICERS, Needs.REASON),
        _t("assessing", "dismiss", "dismissed", OFFICERS, Needs.REASON, Apart.OPENER),
        _t("withdrawn", "rework", "reworked", OFFICERS, Needs.REASON),
        _t("withdrawn", "keep-closed", "kept_closed", OFFICERS, Needs.REASON),
        _t("reworked", "keep-closed", "kept_closed", OFFICERS, Needs.REASON),
        _t("reworked", "propose", "proposed", OFFICERS, Needs.REASON),
        _t("proposed", "turn-down", "reworked", OFFICERS, Needs.REASON),
        _t("proposed", "open-again", "opened", OFFICERS, Needs.NONE, Apart.LAST),
    ),
)
