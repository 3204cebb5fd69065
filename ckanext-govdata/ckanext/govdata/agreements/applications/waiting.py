"""What an application waits for, and with whom it is: the next step in words, for each state. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...msgids import N_
from .machine import APPLICANT, AUTHORITY, DECIDER, PORTAL, REVIEWER

AGENCY = "agency"


@dataclass(frozen=True)
class Waiting:
    """Who has the next step (`applicant`, `agency`, `authority`, `portal`; empty where it is over), and what it is."""

    who: str
    words: str

    def is_for(self, roles: frozenset[str]) -> bool:
        """Whether somebody in these roles has the next step."""
        return bool(roles & ({AGENCY, REVIEWER, DECIDER} if self.who == AGENCY else {self.who}))


_ANSWER = Waiting(
    AGENCY, N_("The agency checks the application and answers: it approves, refuses, or asks once for more.")
)
_AGAIN = Waiting(AGENCY, N_("The agency decides on the application."))
_OVER = Waiting("", N_("Nothing more happens here. A new application can be made at any time."))
_BY_STATE = {
    "draft": Waiting(
        APPLICANT, N_("The applicant fills in what is missing and submits it. Until then nobody else sees it.")
    ),
    "submitted": _ANSWER,
    "returned": Waiting(
        APPLICANT, N_("The applicant completes what the agency asks for; the date of the answer stays as it is.")
    ),
    "resubmitted": _AGAIN,
    "sent_back": _AGAIN,
    "refused": Waiting(
        APPLICANT, N_("The applicant may appeal to the authority within {days} days; then the refusal is closed.")
    ),
    "appealed": Waiting(
        AUTHORITY, N_("The authority answers the appeal: the refusal stands, or the agency decides anew.")
    ),
    "coordinating": Waiting(
        AUTHORITY, N_("The authority coordinates: the refusal stands, or the agency decides anew.")
    ),
}
_SUPPLY = Waiting(AGENCY, N_("The agency supplies the data."))
_SHARED = Waiting("", N_("The data was supplied, and can be fetched on the dataset's page."))
# An approved application goes on by its agreement, whose state says what comes next.
_BY_AGREEMENT = {
    "": Waiting(
        AGENCY, N_("The agency presents the agreement. The applicant signs it first, then the agency seals it.")
    ),
    "presented": Waiting(APPLICANT, N_("The applicant reads the agreement to its end and signs it.")),
    "signed": Waiting(
        AGENCY, N_("The agency seals the agreement; with the seal it takes effect, and the data can be taken.")
    ),
    "sealed": Waiting(PORTAL, N_("The portal waits for the timestamp of the seal, and tries again by itself.")),
    "suspended": Waiting(
        AGENCY, N_("The agreement is suspended: nothing can be taken until the agency lets it go on.")
    ),
}
_IN_USE = Waiting("", N_("The agreement is in force; the data can be taken under it until it ends."))
_ENDED = Waiting("", N_("The agreement is over. Whoever needs the data longer applies again, in time before the end."))
_RUNNING = ("effective", "noticed")


def waiting(state: str, *, sharing: bool, agreement: str = "") -> Waiting:
    """The next step of an application in a state, where the newest agreement on it is in that one (empty: none yet)."""
    if state == "supplied":
        running = _IN_USE if agreement in _RUNNING or not agreement else _BY_AGREEMENT.get(agreement, _ENDED)
        return _SHARED if sharing else running
    if state == "approved":
        # One that was declined, replaced or lapsed is none: the agency may present another.
        return _SUPPLY if sharing else _BY_AGREEMENT.get(agreement, _BY_AGREEMENT[""])
    return _BY_STATE.get(state, _OVER)
