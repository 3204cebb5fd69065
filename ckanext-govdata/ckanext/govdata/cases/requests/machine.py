"""The path of a request for data. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import BEFORE, SAME, Apart, Machine, Needs, State, step, steps
from ...workflow.registry import register
from .domain import AGENCY, ASKER, AUTHORITY, MACHINE, OPERATOR

UNANSWERED = ("filed", "shown")
WITH_AGENCY = ("shown", "agreed")

REQUEST = register(
    Machine(
        name=MACHINE,
        version=1,
        title=N_("Request for data"),
        source="YZ-28 GY-c5 LYG-18",
        states=(
            State("filed", N_("waits to be shown")),
            State("shown", N_("with the agency")),
            State("agreed", N_("agreed, will be opened")),
            State("fulfilled", N_("fulfilled"), final=True),
            State("refused", N_("refused by the agency"), final=True),
            State("not_shown", N_("not shown"), final=True),
            State("joined", N_("joined to another request"), final=True),
            State("taken_back", N_("taken back"), final=True),
        ),
        roles={
            ASKER: N_("whoever asks"),
            AGENCY: N_("the agency asked"),
            OPERATOR: N_("the operator"),
            AUTHORITY: N_("the authority"),
        },
        commands={
            "file": N_("Ask"),
            "show": N_("Show it and send it to the agency"),
            "turn-away": N_("Do not show it"),
            "join": N_("Join it to another request"),
            "pass-on": N_("Pass it on to another agency"),
            "agree": N_("Agree to open the data"),
            "postpone": N_("Name another date"),
            "refuse": N_("Refuse to open it"),
            "fulfil": N_("Answer it with a dataset"),
            "take-back": N_("Take it back"),
        },
        transitions=(
            step(BEFORE, "file", "filed", ASKER),
            step("filed", "show", "shown", OPERATOR, apart=Apart.OPENER),
            step("filed", "turn-away", "not_shown", OPERATOR, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(UNANSWERED, "join", "joined", OPERATOR, AUTHORITY, apart=Apart.OPENER),
            *steps(UNANSWERED, "take-back", "taken_back", ASKER),
            # An agency that does not have the data says who has it; the request and its term go there.
            step("shown", "pass-on", SAME, AGENCY, OPERATOR, AUTHORITY, needs=Needs.REASON, apart=Apart.OPENER),
            step("shown", "agree", "agreed", AGENCY, apart=Apart.OPENER),
            step("agreed", "postpone", SAME, AGENCY, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(WITH_AGENCY, "refuse", "refused", AGENCY, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(WITH_AGENCY, "fulfil", "fulfilled", AGENCY, apart=Apart.OPENER),
        ),
    )
)
