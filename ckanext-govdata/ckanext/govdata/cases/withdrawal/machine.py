"""The path of a withdrawal (LYG-26): reported, withdrawn, worked over, opened by two persons or kept closed. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import BEFORE, PORTAL, Apart, Machine, Needs, State, step, steps
from ...workflow.registry import register
from .domain import AGENCY, AUTHORITY, MACHINE, OFFICERS, OPERATOR, REPORTER

WITHDRAWAL = register(
    Machine(
        name=MACHINE,
        version=2,
        title=N_("Withdrawal after a leak"),
        source="LYG-26 LYG-34",
        states=(
            State("reported", N_("reported")),
            State("assessing", N_("being looked into")),
            State("withdrawn", N_("withdrawn")),
            State("reworked", N_("desensitised again")),
            State("proposed", N_("proposed to be opened again")),
            State("opened", N_("open again"), final=True),
            State("kept_closed", N_("stays closed"), final=True),
            State("dismissed", N_("no leak found")),
            State("looked_at", N_("looked at again by the authority")),
            State("closed", N_("no leak found by the authority either"), final=True),
        ),
        roles={
            REPORTER: N_("whoever reports"),
            AGENCY: N_("the dataset's agency"),
            OPERATOR: N_("the operator"),
            AUTHORITY: N_("the authority"),
            PORTAL: N_("the portal"),
        },
        commands={
            "report": N_("Report"),
            "assess": N_("Look into it"),
            "dismiss": N_("No leak"),
            "withdraw": N_("Withdraw"),
            "rework": N_("Record what was done"),
            "propose": N_("Propose to open again"),
            "turn-down": N_("Turn the proposal down"),
            "open-again": N_("Open again"),
            "keep-closed": N_("Keep closed"),
            "look-again": N_("Ask the authority to look again"),
            "close": N_("Close"),
        },
        transitions=(
            step(BEFORE, "report", "reported", REPORTER, *OFFICERS),
            step("reported", "assess", "assessing", *OFFICERS),
            *steps(
                (BEFORE, "reported", "assessing", "looked_at"), "withdraw", "withdrawn", *OFFICERS, needs=Needs.REASON
            ),
            step("assessing", "dismiss", "dismissed", *OFFICERS, needs=Needs.REASON, apart=Apart.OPENER),
            # Whoever reported is not content with it: the authority has it assessed once more, or another one of it closes it.
            step("dismissed", "look-again", "looked_at", REPORTER, needs=Needs.REASON),
            step("looked_at", "assess", "assessing", AUTHORITY),
            step("looked_at", "close", "closed", AUTHORITY, needs=Needs.REASON, apart=Apart.ALL),
            step("withdrawn", "rework", "reworked", *OFFICERS, needs=Needs.REASON),
            *steps(("withdrawn", "reworked"), "keep-closed", "kept_closed", *OFFICERS, needs=Needs.REASON),
            step("reworked", "propose", "proposed", *OFFICERS, needs=Needs.REASON),
            step("proposed", "turn-down", "reworked", *OFFICERS, needs=Needs.REASON),
            step("proposed", "open-again", "opened", *OFFICERS, apart=Apart.LAST),
        ),
    )
)
