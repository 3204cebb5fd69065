"""The life of an application, for open data and for sharing between agencies. Pure."""

from __future__ import annotations

from ...msgids import N_
from ...workflow.domain import SAME, Apart, Machine, Needs, State, step, steps
from ...workflow.registry import register

APPLICANT, REVIEWER, DECIDER, AUTHORITY, PORTAL = "applicant", "reviewer", "decider", "authority", "portal"
# Where the agency has to answer: received, received again after the one return, sent back by the authority.
WITH_AGENCY = ("submitted", "resubmitted", "sent_back")
WITH_AUTHORITY = ("appealed", "coordinating")


APPLICATION = register(
    Machine(
        name="application",
        version=1,
        title=N_("Application for data"),
        source="LYG-10 LYG-19 DCF-25 YZ-22 YZ-23 ZB-9",
        states=(
            State("draft", N_("draft")),
            State("submitted", N_("received, with the agency")),
            State("returned", N_("returned for completion")),
            State("resubmitted", N_("completed, with the agency")),
            State("approved", N_("approved, waits for the agreement or the data")),
            State("refused", N_("refused; an appeal is open")),
            State("appealed", N_("under appeal, with the authority")),
            State("coordinating", N_("a dispute on sharing, with the authority")),
            State("sent_back", N_("sent back, with the agency")),
            State("supplied", N_("data supplied"), final=True),
            State("lapsed", N_("lapsed: not signed in time"), final=True),
            State("closed", N_("refused, closed"), final=True),
            State("upheld", N_("refusal upheld"), final=True),
            State("refused_again", N_("refused after having been sent back"), final=True),
            State("withdrawn", N_("withdrawn"), final=True),
            State("discarded", N_("discarded"), final=True),
        ),
        roles={
            APPLICANT: N_("the applicant"),
            REVIEWER: N_("a publisher of the agency"),
            DECIDER: N_("a decider of the agency"),
            AUTHORITY: N_("the authority"),
            PORTAL: N_("the portal itself"),
        },
        commands={
            "draft": N_("begin"),
            "discard": N_("discard"),
            "submit": N_("submit"),
            "obtain": N_("obtain at once"),
            "return": N_("return for completion"),
            "complete": N_("complete"),
            "advise": N_("advise"),
            "ask-extension": N_("ask for more time"),
            "extend": N_("extend the time"),
            "approve": N_("approve"),
            "refuse": N_("refuse"),
            "withdraw": N_("withdraw"),
            "supply": N_("supply the data"),
            "lapse": N_("let lapse"),
            "appeal": N_("appeal"),
            "coordinate": N_("ask the authority to coordinate"),
            "uphold": N_("uphold the refusal"),
            "send-back": N_("send back to the agency"),
            "close": N_("close"),
        },
        transitions=(
            step("", "draft", "draft", APPLICANT),
            step("draft", "discard", "discarded", APPLICANT),
            step("draft", "submit", "submitted", APPLICANT),
            # Shared without conditions: asked for, and obtained at once (YZ-22).
            step("draft", "obtain", "supplied", APPLICANT),
            # Not shared: the authority coordinates (YZ-23).
            step("draft", "coordinate", "coordinating", APPLICANT, needs=Needs.REASON),
            # One return; the clock neither stops nor starts anew, and the agency may decide meanwhile.
            step("submitted", "return", "returned", REVIEWER, DECIDER, needs=Needs.REASON, apart=Apart.OPENER),
            step("returned", "complete", "resubmitted", APPLICANT),
            step("returned", "refuse", "refused", DECIDER, needs=Needs.PACK, apart=Apart.OPENER),
            step("returned", "approve", "approved", DECIDER, apart=Apart.OPENER),
            step("returned", "withdraw", "withdrawn", APPLICANT),
            # What the agency does where it has to answer. Nobody decides on what they asked for (LYG-19).
            *steps(WITH_AGENCY, "advise", SAME, REVIEWER, DECIDER, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(WITH_AGENCY, "ask-extension", SAME, REVIEWER, DECIDER, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(WITH_AGENCY, "extend", SAME, DECIDER, needs=Needs.REASON, apart=Apart.OPENER),
            *steps(WITH_AGENCY, "approve", "approved", DECIDER, apart=Apart.OPENER),
            *steps(("submitted", "resubmitted"), "refuse", "refused", DECIDER, needs=Needs.PACK, apart=Apart.OPENER),
            step("sent_back", "refuse", "refused_again", DECIDER, needs=Needs.PACK, apart=Apart.OPENER),
            *steps(WITH_AGENCY, "withdraw", "withdrawn", APPLICANT),
            step("approved", "supply", "supplied", DECIDER, PORTAL),
            step("approved", "lapse", "lapsed", PORTAL),
            step("approved", "withdraw", "withdrawn", APPLICANT),
            step("refused", "appeal", "appealed", APPLICANT, needs=Needs.REASON),
            step("refused", "coordinate", "coordinating", APPLICANT, needs=Needs.REASON),
            step("refused", "close", "closed", APPLICANT, PORTAL),
            # The authority does not decide for the agency: the refusal stands, or the agency decides anew.
            *steps(WITH_AUTHORITY, "uphold", "upheld", AUTHORITY, needs=Needs.REASON, apart=Apart.ALL),
            *steps(WITH_AUTHORITY, "send-back", "sent_back", AUTHORITY, needs=Needs.REASON, apart=Apart.ALL),
        ),
    )
)
