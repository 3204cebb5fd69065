"""The path of an objection. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import BEFORE, PORTAL, Apart, Machine, Needs, State, step, steps
from ...workflow.registry import register
from .domain import AGENCY, AUTHORITY, MACHINE, OBJECTOR, OPERATOR

# The agency has answered, and the objector can ask the authority to look again.
ANSWERED = ("declined", "unfounded", "corrected")

OBJECTION = register(
    Machine(
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
            step(BEFORE, "file", "filed", OBJECTOR),
            # Every objection reaches the agency, and only the agency declines.
            step("filed", "accept", "checking", AGENCY, apart=Apart.OPENER),
            step("filed", "decline", "declined", AGENCY, needs=Needs.REASON, apart=Apart.OPENER),
            step("checking", "correct", "corrected", AGENCY, needs=Needs.REASON, apart=Apart.OPENER),
            step("checking", "uphold-data", "unfounded", AGENCY, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(ANSWERED, "look-again", "looked_at", OBJECTOR, needs=Needs.REASON),
            *steps(ANSWERED, "close", "closed", PORTAL, AUTHORITY, OPERATOR, apart=Apart.OPENER),
            step("looked_at", "send-back", "filed", AUTHORITY, needs=Needs.REASON, apart=Apart.OPENER),
            step("looked_at", "close", "closed", AUTHORITY, needs=Needs.REASON, apart=Apart.OPENER),
        ),
    )
)
