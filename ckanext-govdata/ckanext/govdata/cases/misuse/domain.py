"""The path of a report of misuse, and what it can be about. Pure."""

from __future__ import annotations

from enum import Enum

from ...msgids import N_

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
