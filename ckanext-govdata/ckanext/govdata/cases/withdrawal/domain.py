"""The path of a withdrawal (LYG-26): reported, withdrawn, worked over, opened by two persons or kept closed. Pure."""

from __future__ import annotations

from enum import Enum

from ...workflow.domain import PORTAL

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
