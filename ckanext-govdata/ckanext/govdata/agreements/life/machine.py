"""The machine of agreements. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import Apart, Machine, Needs, State, step, steps
from ...workflow.registry import register

USER, AGENCY, SUPERVISOR, PORTAL = "user", "agency", "supervisor", "portal"
# While it is in one of these, an agreement gives data: its own grant, inside its term.
LIVE = ("effective", "noticed")
# Before it takes effect.
PENDING = ("presented", "signed", "sealed")


AGREEMENT = register(
    Machine(
        name="agreement",
        version=1,
        title=N_("Agreement on the use of data"),
        source="LYG-19 YZ-27 LYG-40 GY-c6",
        states=(
            State("presented", N_("presented for signature")),
            State("signed", N_("signed by the user, waits for the agency's seal")),
            State("sealed", N_("sealed, waits for its timestamp")),
            State("effective", N_("effective")),
            State("noticed", N_("effective; notice of a breach was given")),
            State("suspended", N_("suspended")),
            State("expired", N_("expired"), final=True),
            State("terminated", N_("terminated"), final=True),
            State("superseded", N_("superseded by another"), final=True),
            State("declined", N_("declined by the user"), final=True),
            State("lapsed", N_("lapsed: not signed or sealed in time"), final=True),
            State("replaced", N_("replaced before it took effect"), final=True),
        ),
        roles={
            USER: N_("who signs for the user"),
            AGENCY: N_("a decider of the agency"),
            SUPERVISOR: N_("the operator or the authority"),
            PORTAL: N_("the portal itself"),
        },
        commands={
            "present": N_("present"),
            "sign": N_("sign"),
            "decline": N_("decline"),
            "seal": N_("seal"),
            "take-effect": N_("take effect"),
            "replace": N_("replace"),
            "lapse": N_("let lapse"),
            "notice": N_("give notice of a breach"),
            "reply": N_("reply to the notice"),
            "drop": N_("drop the notice"),
            "suspend": N_("suspend"),
            "suspend-in-danger": N_("suspend at once, in danger"),
            "resume": N_("resume"),
            "terminate": N_("terminate"),
            "give-up": N_("give up"),
            "supersede": N_("supersede"),
            "expire": N_("expire"),
        },
        transitions=(
            step("", "present", "presented", AGENCY),
            step("presented", "sign", "signed", USER, apart=Apart.OPENER),
            step("presented", "decline", "declined", USER),
            # Changed conditions ask for a new signature: what was presented or signed is replaced, never changed.
            *steps(PENDING, "replace", "replaced", AGENCY, needs=Needs.REASON),
            *steps(PENDING, "lapse", "lapsed", PORTAL),
            step("signed", "seal", "sealed", AGENCY, apart=Apart.LAST),
            step("sealed", "take-effect", "effective", AGENCY, PORTAL),
            # Without notice and reply only in danger (LYG-40); who does it says the danger and the clause.
            *steps(LIVE, "suspend-in-danger", "suspended", AGENCY, SUPERVISOR, needs=Needs.BOTH),
            *steps(LIVE, "supersede", "superseded", PORTAL),
            *steps(LIVE, "give-up", "terminated", USER),
            *steps(LIVE, "expire", "expired", PORTAL),
            step("effective", "notice", "noticed", AGENCY, SUPERVISOR, needs=Needs.BOTH),
            step("noticed", "reply", "noticed", USER, needs=Needs.REASON),
            step("noticed", "drop", "effective", AGENCY, SUPERVISOR, needs=Needs.REASON),
            step("noticed", "suspend", "suspended", AGENCY, needs=Needs.BOTH),
            step("suspended", "resume", "effective", AGENCY, needs=Needs.REASON),
            step("suspended", "terminate", "terminated", AGENCY, needs=Needs.BOTH, apart=Apart.LAST),
            step("suspended", "reply", "suspended", USER, needs=Needs.REASON),
            step("suspended", "give-up", "terminated", USER),
            step("suspended", "expire", "expired", PORTAL),
            step("suspended", "supersede", "superseded", PORTAL),
        ),
    )
)
