"""The path of a withdrawal (LYG-26): reported, withdrawn, worked over, opened by two persons or kept closed. Pure."""

from __future__ import annotations

from enum import Enum

from ...msgids import N_
from ...workflow.domain import PORTAL

MACHINE = "withdrawal"
REPORTER, AGENCY, OPERATOR, AUTHORITY = "reporter", "agency", "operator", "authority"
OFFICERS = frozenset({AGENCY, OPERATOR, AUTHORITY, PORTAL})
# While a case stands in one of these, the dataset is shut, and only the case opens it again.
SHUT_IN = ("withdrawn", "reworked", "proposed")
# A report waits in these for somebody to say whether there is a leak; a dismissed one waits for nobody.
LOOKED_INTO_IN = ("reported", "assessing", "looked_at")
WAITS_IN = (*LOOKED_INTO_IN, *SHUT_IN)
VISITOR = "visitor"


class Outcome(str, Enum):
    """What whoever reported a leak learns of it; neither what leaked nor where."""

    LOOKED_INTO = "looked_into"
    LOOKED_AT = "looked_at"
    WITHDRAWN = "withdrawn"
    OPENED = "opened"
    CLEARED = "cleared"

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet whether there is a leak."""
        return self in (Outcome.LOOKED_INTO, Outcome.LOOKED_AT)


OUTCOMES: dict[Outcome, str] = {
    Outcome.LOOKED_INTO: N_("being looked into"),
    Outcome.LOOKED_AT: N_("looked at again by the authority"),
    Outcome.WITHDRAWN: N_("the dataset was withdrawn"),
    Outcome.OPENED: N_("the dataset was withdrawn, and is open again"),
    Outcome.CLEARED: N_("no leak found"),
}


def outcome(state: str, shut_in: str | None) -> Outcome:
    """What became of a report: `state` is its case's, `shut_in` that of the case by which its dataset was shut, if it was."""
    if shut_in is not None:
        return Outcome.OPENED if shut_in == "opened" else Outcome.WITHDRAWN
    if state == "looked_at":
        return Outcome.LOOKED_AT
    return Outcome.LOOKED_INTO if state in LOOKED_INTO_IN else Outcome.CLEARED


class PersonsTold(str, Enum):
    """How the persons whose data leaked were told; the portal knows none of them, their agency does."""

    EACH = "each"
    PUBLICLY = "publicly"
    NEEDLESS = "needless"


# What ends the work on a leak; where personal data leaked, the persons concerned are told before.
AFTER_TELLING = ("propose", "keep-closed")


# What a withdrawn dataset is called whose title might itself tell what leaked.
_WITHHELD = {"zh": "已撤回的数据集（{number}）", "en": "Withdrawn dataset ({number})"}


def withheld_title(dataset: str) -> dict[str, str]:
    """A title that says nothing, by language; the first figures of its id tell a dataset from others."""
    return {language: words.format(number=dataset[:8]) for language, words in _WITHHELD.items()}


class Step(str, Enum):
    """What follows a withdrawal in the background; each can be done again, and all are done in the end."""

    HOLDERS = "holders"
    FILES = "files"
    ROWS = "rows"
    COPIES = "copies"
    METADATA = "metadata"
    ACTIVITIES = "activities"
    TITLES = "titles"
    INDEX = "index"
    FORGOTTEN = "forgotten"
