"""What may be done to withdrawals, objections, requests, contributions and reports of misuse. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...msgids import N_
from ..vocabulary import EDITORS, OFFICES, Permission, Role
from .row import Grant, grant

GRANTS: Mapping[Permission, Grant] = {
    Permission.WITHDRAWAL_HANDLE: grant(
        "see reports of leaks and withdrawals, look into them and record what was done",
        "LYG-26 LYG-34",
        EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority handle withdrawals. Report the leak to them."),
    ),
    Permission.EVIDENCE_UNSEAL: grant(
        "read sealed evidence of a withdrawal",
        "LYG-26",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority read sealed evidence."),
    ),
    Permission.OBJECTION_HANDLE: grant(
        "see objections with what the objector says, and take the steps that are one's own",
        "LYG-20 GY-c5",
        EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority handle objections. The register is public."),
    ),
    Permission.REQUEST_HANDLE: grant(
        "handle requests for data: show them, agree, refuse, answer them with a dataset",
        "YZ-28 GY-c5 LYG-18",
        EDITORS,
        OFFICES,
        N_("Only the agency asked, the operator and the authority handle requests for data. Add your voice instead."),
    ),
    Permission.CONTRIBUTION_HANDLE: grant(
        "see what people say of data before it is shown, and answer for the agency",
        "LYG-18 LYG-29 GY-c6",
        EDITORS,
        (Role.OPERATOR,),
        N_("Only the operator and the dataset's agency handle what people say of data."),
    ),
    Permission.MISUSE_HANDLE: grant(
        "take reports of misuse and handle them; only whoever has taken one reads it",
        "LYG-25 LYG-38",
        (),
        OFFICES,
        N_(
            "Only officers of the operator and the authority handle reports of misuse. Your own you follow by its code."
        ),
    ),
}
