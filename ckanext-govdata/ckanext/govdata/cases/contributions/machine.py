"""The path of a contribution. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import BEFORE, SAME, Apart, Machine, Needs, State, step, steps
from ...workflow.registry import register
from .domain import AGENCY, AUTHOR, LIVING_IN, MACHINE, OPERATOR, READER, VISIBLE_IN

CONTRIBUTION = register(
    Machine(
        name=MACHINE,
        version=1,
        title=N_("Contribution on a dataset"),
        source="LYG-18 LYG-29 GY-c6",
        states=(
            State("handed_in", N_("waits to be shown")),
            State("shown", N_("shown")),
            State("reported", N_("shown; a reader reported it")),
            State("hidden", N_("hidden by the operator")),
            State("deleted", N_("deleted by its author"), final=True),
        ),
        roles={
            AUTHOR: N_("its author"),
            READER: N_("a reader"),
            AGENCY: N_("the dataset's agency"),
            OPERATOR: N_("the operator"),
        },
        commands={
            "hand-in": N_("Hand in"),
            "show": N_("Show it"),
            "hide": N_("Hide it"),
            "report": N_("Report it"),
            "answer": N_("Answer for the agency"),
            "edit": N_("Change it"),
            "delete": N_("Delete it"),
        },
        transitions=(
            step(BEFORE, "hand-in", "handed_in", AUTHOR),
            *steps(("handed_in", "reported", "hidden"), "show", "shown", OPERATOR, apart=Apart.OPENER),
            *steps(
                ("handed_in", "shown", "reported"), "hide", "hidden", OPERATOR, needs=Needs.REASON, apart=Apart.OPENER
            ),
            step("shown", "report", "reported", READER, apart=Apart.OPENER),
            *steps(VISIBLE_IN, "answer", SAME, AGENCY, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(LIVING_IN, "edit", "handed_in", AUTHOR),
            *steps(LIVING_IN, "delete", "deleted", AUTHOR),
        ),
    )
)
