"""The gate's answers in words: what is the matter, and what to do."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

from .domain import Reason, Verdict


def message(reason: Reason) -> str:
    """The answer in the reader's language."""
    return {**_allowing(), **_denying(), **_of_grants()}[reason]


def _allowing() -> dict[Reason, str]:
    return {
        Reason.OPEN: tk._("This data is open to everybody."),
        Reason.OWN_AGENCY: tk._("This is your agency's own data."),
        Reason.GRANTED: tk._("You have this data under an agreement."),
        Reason.INSPECTION: tk._("You have this data for an inspection."),
    }


def _denying() -> dict[Reason, str]:
    return {
        Reason.SHUT: tk._(
            "This dataset has been shut while it is looked into. Nobody gets its data meanwhile. "
            "Its page tells whom to ask and when it is open again."
        ),
        Reason.SIGN_IN_REQUIRED: tk._(
            "This city's rules ask you to sign in before you get the data. Sign in and try again."
        ),
        Reason.AGREEMENT_REQUIRED: tk._(
            "This data is open under conditions: it is given under an agreement with the agency. "
            "The dataset's page tells the conditions and whom to ask."
        ),
        Reason.NOT_OPEN: tk._("This data is not open."),
        Reason.NOT_PUBLISHED: tk._("This data is not published yet."),
        Reason.LEDGER: tk._(
            "The portal cannot record this delivery at the moment, and hands out no conditional data unrecorded. "
            "Try again in a few minutes."
        ),
    }


def _of_grants() -> dict[Reason, str]:
    return {
        Reason.UNDECIDED: tk._("Your request for this data is not decided yet. Its page tells who has it."),
        Reason.NOT_BEGUN: tk._(
            "The term of your agreement has not begun. It tells the day from which you get the data."
        ),
        Reason.ENDED: tk._("The term of your agreement is over. Apply again if you need the data further."),
        Reason.SUSPENDED: tk._("Your access under the agreement is suspended. Ask the agency what it needs from you."),
        Reason.REVOKED: tk._("Your access under the agreement was ended early. The agency tells the reason."),
        Reason.BLOCKED: tk._("The party that holds the agreement is blocked. Its page tells why, and how to appeal."),
        Reason.OTHER_FILE: tk._("Your agreement is about other files of this dataset. Apply for this one."),
        Reason.MODE: tk._("Your agreement does not cover this way of taking the data. Ask the agency to add it."),
        Reason.ADDRESS: tk._(
            "Your agreement names the network addresses from which the data is taken, and yours is not among them. "
            "Ask from there, or have it added."
        ),
        Reason.QUOTA: tk._("You have taken this data as often today as your agreement allows. Go on tomorrow."),
        Reason.UNCUTTABLE: tk._(
            "Your agreement covers some data items, and this file cannot be cut to them. "
            "Take the rows through the API, or ask the agency for a CSV, JSON or XLSX file."
        ),
        Reason.REPLACED: tk._(
            "This version was replaced. It goes to its agency, to inspections, and to whoever received it and names the "
            "number of that delivery."
        ),
        Reason.ELSEWHERE: tk._(
            "The agency keeps this file outside of the portal, so it cannot be handed out under an agreement here. "
            "Ask the agency to put the file on the portal."
        ),
    }


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """What programs read: `allowed`, `reason` and `next` as codes, `message` in words."""
    return {
        "allowed": verdict.allowed,
        "reason": verdict.reason.value,
        "message": message(verdict.reason),
        "next": verdict.next.value,
    }
