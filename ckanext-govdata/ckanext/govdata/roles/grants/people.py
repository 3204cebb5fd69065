"""What may be done about officers, agencies' posts and parties. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...msgids import N_
from ..vocabulary import OFFICES, Permission, Role
from .row import Grant, grant

GRANTS: Mapping[Permission, Grant] = {
    Permission.OFFICERS_READ: grant(
        "see who acts for authority and operator",
        "ZB-6 LYG-35",
        (),
        OFFICES,
        N_("Only officers of the operator and the authority see the register of officers."),
    ),
    Permission.OFFICERS_APPOINT: grant(
        "appoint and dismiss officers of authority and operator",
        "LYG-4 LYG-35",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority appoint and dismiss officers. Ask the authority or the administrator."),
    ),
    Permission.POSTS_MANAGE: grant(
        "invite an agency's officers, end and hand over their posts, record training and the unit in charge",
        "ZB-6 LYG-35 GY-c1",
        (Role.DECIDER,),
        (Role.AUTHORITY,),
        N_("Only the agency's administrator and the authority manage its officers. Ask one of them."),
    ),
    Permission.PARTY_READ: grant(
        "see any party, its people and its history",
        "LYG-25 LYG-37",
        (),
        OFFICES,
        N_("Only officers of the operator and the authority see every party. You see those that you belong to."),
    ),
    Permission.PARTY_VERIFY: grant(
        "verify who a party is and who signs for it, and join two that are one",
        "YZ-17 ZB-12 LYG-19",
        (),
        (Role.OPERATOR,),
        N_("Only officers of the operator verify parties. The authority appoints them."),
    ),
    Permission.PARTY_BLOCK_PROPOSE: grant(
        "give a party notice that it is to be blocked; in danger, block it at once",
        "LYG-40",
        (),
        OFFICES,
        N_(
            "Only officers of the operator and the authority propose that a party is blocked. Report the breach to them."
        ),
    ),
    Permission.PARTY_BLOCK_DECIDE: grant(
        "decide, as the second person, that a party is blocked, and on its appeal",
        "LYG-40",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority decide that a party is blocked."),
    ),
    Permission.SUCCESSION: grant(
        "pass an agency's or an officer's cases to the successor",
        "LYG-4 LYG-35",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority pass cases to a successor. Ask the authority."),
    ),
}
