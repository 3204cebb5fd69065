"""What cannot be done to a clock, in words of the reader's language."""

from __future__ import annotations

from ckan.plugins import toolkit as tk


class ClockRefused(Exception):
    """A clock that does not move so. `code` is stable; `str()` is for the reader."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        words = {
            "not_running": tk._("This term is not running any more."),
            "no_extension": tk._("The rule does not let this term be extended."),
            "extended_already": tk._("This term was extended once already; it is not extended again."),
            "too_long": tk._("The rule does not let this term be extended by so many days."),
            "over": tk._("This term is over; it cannot be extended any more."),
            "same_person": tk._("Somebody else has to approve the extension."),
            "no_reason": tk._("Say why the term is extended."),
            "no_suspension": tk._("The rule does not let this term rest for this reason."),
            "not_suspended": tk._("This term does not rest."),
            "started_already": tk._("A term for this runs already, from another moment of receipt."),
        }
        return words[self.code]
