"""What may be done to catalogue, tiers and lists. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...msgids import N_
from ..vocabulary import AGENCY_ROLES, EDITORS, OFFICES, Permission, Role
from .row import Grant, grant

GRANTS: Mapping[Permission, Grant] = {
    Permission.CATALOGUE_READ_UNPUBLISHED: grant(
        "see drafts, held entries and entries in review",
        "YZ-10 LYG-12",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority see what is not published."),
    ),
    Permission.CATALOGUE_READ_SHARED: grant(
        "see what is not open, as metadata, so that sharing can be asked for",
        "YZ-22",
        (),
        (*AGENCY_ROLES, *OFFICES),
        N_("Only officers of an agency see data that is shared between agencies. Ask your agency to add you."),
    ),
    Permission.CATALOGUE_EDIT: grant(
        "add and change entries",
        "YZ-12 LYG-11",
        EDITORS,
        (),
        N_("Only the agency's publishers and deciders change its entries. Ask your agency to make you one."),
    ),
    Permission.CATALOGUE_PUBLISH: grant(
        "hand entries in for publication, and withdraw them",
        "YZ-10 LYG-11",
        EDITORS,
        (),
        N_("Only the agency's publishers and deciders publish its entries. Ask your agency to make you one."),
    ),
    Permission.TIER_PROPOSE: grant(
        "propose another tier; a stricter one holds at once",
        "LYG-7 YZ-29",
        EDITORS,
        (),
        N_("Only the agency's publishers and deciders propose another tier. Ask your agency to make you one."),
    ),
    Permission.TIER_APPROVE: grant(
        "decide a proposal for a looser tier, as the second person",
        "LYG-7 YZ-29",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency decides a proposed tier. Ask your agency's decider."),
    ),
    Permission.LIST_REVIEW_AGENCY: grant(
        "review the open list for the agency",
        "LYG-12 DCF-23",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the agency reviews its list for the agency. Ask your agency's decider."),
    ),
    Permission.LIST_REVIEW_OPERATOR: grant(
        "review open lists for the operator",
        "LYG-12 YZ-14",
        (),
        (Role.OPERATOR,),
        N_("Only officers of the operator review lists for the operator. The authority appoints them."),
    ),
    Permission.LIST_REVIEW_AUTHORITY: grant(
        "review catalogues and open lists for the authority",
        "LYG-12 YZ-14 DCF-15 ZB-10",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority review lists for the authority. The authority appoints them."),
    ),
    Permission.NEGATIVE_LIST_RELEASE: grant(
        "release entries of the negative list to the public, and take them back",
        "GY-c2",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the agency releases entries of its negative list. Ask your agency's decider."),
    ),
    Permission.IMPORT_RUN: grant(
        "take in a list of entries",
        "LYG-11 ZB-7",
        EDITORS,
        (Role.OPERATOR,),
        N_("Only the agency's publishers and deciders and the operator take in lists. Ask one of them."),
    ),
}
