"""What an agreement waits for, and with whom it is: the next step in words, for each state. Pure."""

from __future__ import annotations

from ...msgids import N_
from ..applications.waiting import Waiting
from .machine import AGENCY, PORTAL, USER

_OVER = Waiting("", N_("This agreement is over. Whoever needs the data longer applies again, in time before the end."))
_BY_STATE = {
    "presented": Waiting(USER, N_("The user reads the text to its end and signs, or declines.")),
    "signed": Waiting(AGENCY, N_("The agency seals; with the seal the agreement takes effect.")),
    "sealed": Waiting(PORTAL, N_("The portal waits for the timestamp of the seal, and tries again by itself.")),
    "effective": Waiting("", N_("It runs until its last day. Duties with a date are below.")),
    "noticed": Waiting(USER, N_("The user replies to the notice; then the agency drops it or suspends the agreement.")),
    "suspended": Waiting(AGENCY, N_("The agency lets it go on or terminates it; until then nothing can be taken.")),
}


def waiting(state: str) -> Waiting:
    """The next step of an agreement in a state."""
    return _BY_STATE.get(state, _OVER)
