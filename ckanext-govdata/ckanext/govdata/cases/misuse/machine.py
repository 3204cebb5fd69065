"""The path of a report of misuse. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import BEFORE, SAME, Machine, Needs, State, step, steps
from ...workflow.registry import register
from .domain import AUTHORITY, HANDLERS, MACHINE, OPEN_IN, OPERATOR, REPORTER

# Somebody of the operator or the authority has it in hand.
TAKEN = ("examining", "measures")

MISUSE = register(
    Machine(
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
            step(BEFORE, "report", "reported", REPORTER),
            *steps(OPEN_IN, "add", SAME, REPORTER),
            step("reported", "examine", "examining", *HANDLERS),
            *steps(TAKEN, "ask", SAME, *HANDLERS),
            *steps(TAKEN, "tie", SAME, *HANDLERS),
            # Who is named answers under the agreement's own breach path, with notice and time to reply.
            *steps(TAKEN, "notice", "measures", *HANDLERS),
            *steps(TAKEN, "settle", "settled", *HANDLERS, needs=Needs.REASON),
            step("examining", "dismiss", "unfounded", *HANDLERS, needs=Needs.REASON),
        ),
    )
)
