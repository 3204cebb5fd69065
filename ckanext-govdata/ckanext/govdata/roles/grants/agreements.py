"""What may be done to applications and agreements. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...msgids import N_
from ..vocabulary import AGENCY_ROLES, EDITORS, OFFICES, Permission, Role
from .row import Grant, grant

GRANTS: Mapping[Permission, Grant] = {
    Permission.AGREEMENT_READ: grant(
        "see agreements on the agency's data",
        "LYG-19 LYG-37",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority see its agreements. Your own are yours to see."),
    ),
    Permission.AGREEMENT_KEEP: grant(
        "present and seal agreements, give notice of a breach, suspend and end them",
        "LYG-19 LYG-40",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency keeps its agreements. Ask your agency's decider."),
    ),
    Permission.AGREEMENT_TEXT: grant(
        "write model texts of agreements and put them in force",
        "LYG-19 YZ-27",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority keep the model texts of agreements. Ask the authority."),
    ),
    Permission.APPLICATION_READ: grant(
        "see applications for the agency's data",
        "LYG-19 LYG-37",
        AGENCY_ROLES,
        OFFICES,
        N_(
            "Only the dataset's agency, the operator and the authority see its applications. Your own are yours to see."
        ),
    ),
    Permission.APPLICATION_REVIEW: grant(
        "review applications: return, advise, ask for more time",
        "LYG-19 YZ-22",
        EDITORS,
        (),
        N_("Only the agency's publishers and deciders review its applications. Ask your agency to make you one."),
    ),
    Permission.APPLICATION_DECIDE: grant(
        "decide applications, extend their time, supply shared data",
        "LYG-19 DCF-25 YZ-22",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency decides its applications. Ask your agency's decider."),
    ),
    Permission.APPLICATION_APPEAL_DECIDE: grant(
        "let a refusal stand or send it back, and coordinate disputes on sharing",
        "YZ-23 LYG-37",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority settle appeals and coordinate. The authority appoints them."),
    ),
    Permission.AGREEMENT_SUSPEND: grant(
        "suspend an agreement at once where there is danger",
        "LYG-40 LYG-26",
        (Role.DECIDER,),
        OFFICES,
        N_(
            "Only the dataset's agency, the operator and the authority suspend an agreement. Report the danger to them."
        ),
    ),
}
