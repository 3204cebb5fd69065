"""What may be done to data, its grants, and the record of its use. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...msgids import N_
from ..vocabulary import AGENCY_ROLES, EDITORS, OFFICES, Permission, Role
from .row import Grant, grant

GRANTS: Mapping[Permission, Grant] = {
    Permission.DATA_SHUT: grant(
        "shut a dataset, so that nobody gets its data",
        "LYG-26",
        EDITORS,
        OFFICES,
        N_(
            "Only the dataset's agency, the operator and the authority shut it. Report the danger to one of them at once."
        ),
    ),
    Permission.DATA_OPEN_AGAIN_PROPOSE: grant(
        "propose that a dataset that was shut is opened again, with what was done",
        "LYG-26",
        EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority propose to open it again."),
    ),
    Permission.DATA_OPEN_AGAIN_DECIDE: grant(
        "open a dataset again, as the second person",
        "LYG-26",
        (Role.DECIDER,),
        OFFICES,
        N_("Only a decider of the agency, the operator and the authority open a dataset again. Ask one of them."),
    ),
    Permission.GRANT_READ: grant(
        "see who has data under which grant",
        "YZ-30 LYG-25",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority see its grants. Your own are yours to see."),
    ),
    Permission.GRANT_SUSPEND: grant(
        "suspend a grant, and let it go on",
        "LYG-40",
        (Role.DECIDER,),
        OFFICES,
        N_("Only a decider of the agency, the operator and the authority suspend a grant. Report the breach to them."),
    ),
    Permission.GRANT_REVOKE: grant(
        "end a grant early",
        "LYG-40",
        (Role.DECIDER,),
        (Role.AUTHORITY,),
        N_("Only a decider of the agency and the authority end a grant early. Report the breach to them."),
    ),
    Permission.INSPECTION_REQUEST: grant(
        "ask for leave to look into data for an inspection",
        "LYG-25 LYG-33",
        EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority inspect its data."),
    ),
    Permission.INSPECTION_DECIDE: grant(
        "allow an inspection, as the second person",
        "LYG-25 LYG-33",
        (Role.DECIDER,),
        (Role.AUTHORITY,),
        N_("Only a decider of the dataset's agency and the authority allow an inspection. Ask one of them."),
    ),
    Permission.LEDGER_READ: grant(
        "see how the ledger stands, and any entry's receipt",
        "LYG-21 LYG-37",
        (),
        OFFICES,
        N_(
            "Only officers of the operator and the authority see the ledger. Your own entries' receipts are yours to see."
        ),
    ),
    Permission.USES_READ: grant(
        "see how the agency's data is used",
        "YZ-30 LYG-25",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the agency's own people, the operator and the authority see how its data is used."),
    ),
    Permission.USES_TRACE: grant(
        "trace who has which data, with names",
        "LYG-21 LYG-26",
        (),
        OFFICES,
        N_("Only officers of the operator and the authority trace who has which data."),
    ),
    Permission.TERMS_READ: grant(
        "see which terms run, and which are over",
        "LYG-19 LYG-39",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the agency's own people, the operator and the authority see its open terms."),
    ),
    Permission.MARKING_DECLARE: grant(
        "say that the order of a file's rows means nothing, so that deliveries of it can carry marks",
        "LYG-26 LYG-21",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency says what the order of its rows means. Ask one of them."),
    ),
    Permission.LEAK_TRACE: grant(
        "find out whose delivery a leaked file is consistent with",
        "LYG-26 LYG-21",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority trace a leaked file: they keep the register of recipients."),
    ),
}
