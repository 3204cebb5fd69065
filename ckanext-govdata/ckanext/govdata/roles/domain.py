"""Roles and permissions: a short table, asked by `permits`, that answers with its reason. Pure.

Guarantee: what the table does not name is denied, and every denial says why and whom to turn to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..msgids import N_


class Role(str, Enum):
    """The rules' parties, in the software's words. Member, publisher and decider are an agency's people."""

    VISITOR = "visitor"
    DATA_USER = "data_user"
    MEMBER = "member"
    PUBLISHER = "publisher"
    DECIDER = "decider"
    OPERATOR = "operator"
    AUTHORITY = "authority"
    ADMINISTRATOR = "administrator"


class Permission(str, Enum):
    """What a role may be permitted to do."""

    CATALOGUE_READ_UNPUBLISHED = "catalogue.read_unpublished"
    CATALOGUE_READ_SHARED = "catalogue.read_shared"
    CATALOGUE_EDIT = "catalogue.edit"
    CATALOGUE_PUBLISH = "catalogue.publish"
    TIER_PROPOSE = "tier.propose"
    TIER_APPROVE = "tier.approve"
    LIST_REVIEW_AGENCY = "list.review.agency"
    LIST_REVIEW_OPERATOR = "list.review.operator"
    LIST_REVIEW_AUTHORITY = "list.review.authority"
    NEGATIVE_LIST_RELEASE = "negative_list.release"
    IMPORT_RUN = "import.run"
    OFFICERS_READ = "officers.read"
    OFFICERS_APPOINT = "officers.appoint"
    POSTS_MANAGE = "posts.manage"
    LEDGER_READ = "ledger.read"
    USES_READ = "uses.read"
    USES_TRACE = "uses.trace"
    TERMS_READ = "terms.read"
    DATA_SHUT = "data.shut"
    DATA_OPEN_AGAIN_PROPOSE = "data.open_again.propose"
    DATA_OPEN_AGAIN_DECIDE = "data.open_again.decide"
    GRANT_READ = "grant.read"
    GRANT_SUSPEND = "grant.suspend"
    GRANT_REVOKE = "grant.revoke"
    INSPECTION_REQUEST = "inspection.request"
    INSPECTION_DECIDE = "inspection.decide"
    AGREEMENT_READ = "agreement.read"
    AGREEMENT_KEEP = "agreement.keep"
    AGREEMENT_TEXT = "agreement.text"
    PARTY_READ = "party.read"
    PARTY_VERIFY = "party.verify"
    PARTY_BLOCK_PROPOSE = "party.block.propose"
    PARTY_BLOCK_DECIDE = "party.block.decide"
    MARKING_DECLARE = "marking.declare"
    LEAK_TRACE = "leak.trace"
    WITHDRAWAL_HANDLE = "withdrawal.handle"
    EVIDENCE_UNSEAL = "evidence.unseal"
    APPLICATION_READ = "application.read"
    APPLICATION_REVIEW = "application.review"
    APPLICATION_DECIDE = "application.decide"
    APPLICATION_APPEAL_DECIDE = "application.appeal.decide"
    AGREEMENT_SUSPEND = "agreement.suspend"
    SUCCESSION = "succession"
    OBJECTION_HANDLE = "objection.handle"
    REQUEST_HANDLE = "request.handle"
    MISUSE_HANDLE = "misuse.handle"
    CONTRIBUTION_HANDLE = "contribution.handle"


class Reach(str, Enum):
    """How far a permission goes: the own agency, or every agency."""

    OWN = "own"
    ALL = "all"


class Reason(str, Enum):
    """Why a permission is denied."""

    SIGN_IN = "sign_in"
    OTHER_AGENCY = "other_agency"
    ROLE = "role"


# The officers whom the authority appoints, and the people of an agency.
OFFICES = (Role.AUTHORITY, Role.OPERATOR)
AGENCY_ROLES = (Role.MEMBER, Role.PUBLISHER, Role.DECIDER)


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a visitor (`user_id` None) or a user.

    `roles` are all roles held, in whichever agency; `capacities` gives the one held in each agency.
    """

    user_id: str | None = None
    name: str | None = None
    roles: frozenset[Role] = frozenset({Role.VISITOR})
    capacities: Mapping[str, Role] = field(default_factory=dict)

    @property
    def agencies(self) -> frozenset[str]:
        """The ids of the agencies whose people the actor belongs to."""
        return frozenset(self.capacities)


@dataclass(frozen=True)
class Decision:
    """The answer to a question of permission. `reason` is the role that allows, or a Reason; `message` is a msgid."""

    allowed: bool
    reason: str
    message: str = ""


@dataclass(frozen=True)
class Grant:
    """A row of the table: what the permission is, who has it how far, the rule behind it, and the words of a denial."""

    meaning: str
    source: str
    own: frozenset[Role]
    all: frozenset[Role]
    denial: str

    def reach(self, role: Role) -> Reach | None:
        return Reach.ALL if role in self.all else Reach.OWN if role in self.own else None


def _grant(meaning: str, source: str, own: tuple[Role, ...], every: tuple[Role, ...], denial: str) -> Grant:
    """The administrator (CKAN's sysadmin) is technical and has every permission: CKAN does not ask for one."""
    return Grant(meaning, source, frozenset(own), frozenset({*every, Role.ADMINISTRATOR}), denial)


_EDITORS = (Role.PUBLISHER, Role.DECIDER)

GRANTS: Mapping[Permission, Grant] = {
    Permission.CATALOGUE_READ_UNPUBLISHED: _grant(
        "see drafts, held entries and entries in review",
        "YZ-10 LYG-12",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority see what is not published."),
    ),
    Permission.CATALOGUE_READ_SHARED: _grant(
        "see what is not open, as metadata, so that sharing can be asked for",
        "YZ-22",
        (),
        (*AGENCY_ROLES, *OFFICES),
        N_("Only officers of an agency see data that is shared between agencies. Ask your agency to add you."),
    ),
    Permission.CATALOGUE_EDIT: _grant(
        "add and change entries",
        "YZ-12 LYG-11",
        _EDITORS,
        (),
        N_("Only the agency's publishers and deciders change its entries. Ask your agency to make you one."),
    ),
    Permission.CATALOGUE_PUBLISH: _grant(
        "hand entries in for publication, and withdraw them",
        "YZ-10 LYG-11",
        _EDITORS,
        (),
        N_("Only the agency's publishers and deciders publish its entries. Ask your agency to make you one."),
    ),
    Permission.TIER_PROPOSE: _grant(
        "propose another tier; a stricter one holds at once",
        "LYG-7 YZ-29",
        _EDITORS,
        (),
        N_("Only the agency's publishers and deciders propose another tier. Ask your agency to make you one."),
    ),
    Permission.TIER_APPROVE: _grant(
        "decide a proposal for a looser tier, as the second person",
        "LYG-7 YZ-29",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency decides a proposed tier. Ask your agency's decider."),
    ),
    Permission.LIST_REVIEW_AGENCY: _grant(
        "review the open list for the agency",
        "LYG-12 DCF-23",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the agency reviews its list for the agency. Ask your agency's decider."),
    ),
    Permission.LIST_REVIEW_OPERATOR: _grant(
        "review open lists for the operator",
        "LYG-12 YZ-14",
        (),
        (Role.OPERATOR,),
        N_("Only officers of the operator review lists for the operator. The authority appoints them."),
    ),
    Permission.LIST_REVIEW_AUTHORITY: _grant(
        "review catalogues and open lists for the authority",
        "LYG-12 YZ-14 DCF-15 ZB-10",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority review lists for the authority. The authority appoints them."),
    ),
    Permission.NEGATIVE_LIST_RELEASE: _grant(
        "release entries of the negative list to the public, and take them back",
        "GY-c2",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the agency releases entries of its negative list. Ask your agency's decider."),
    ),
    Permission.IMPORT_RUN: _grant(
        "take in a list of entries",
        "LYG-11 ZB-7",
        _EDITORS,
        (Role.OPERATOR,),
        N_("Only the agency's publishers and deciders and the operator take in lists. Ask one of them."),
    ),
    Permission.OFFICERS_READ: _grant(
        "see who acts for authority and operator",
        "ZB-6 LYG-35",
        (),
        OFFICES,
        N_("Only officers of the operator and the authority see the register of officers."),
    ),
    Permission.OFFICERS_APPOINT: _grant(
        "appoint and dismiss officers of authority and operator",
        "LYG-4 LYG-35",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority appoint and dismiss officers. Ask the authority or the administrator."),
    ),
    Permission.POSTS_MANAGE: _grant(
        "invite an agency's officers, end and hand over their posts, record training and the unit in charge",
        "ZB-6 LYG-35 GY-c1",
        (Role.DECIDER,),
        (Role.AUTHORITY,),
        N_("Only the agency's administrator and the authority manage its officers. Ask one of them."),
    ),
    Permission.DATA_SHUT: _grant(
        "shut a dataset, so that nobody gets its data",
        "LYG-26",
        _EDITORS,
        OFFICES,
        N_(
            "Only the dataset's agency, the operator and the authority shut it. Report the danger to one of them at once."
        ),
    ),
    Permission.DATA_OPEN_AGAIN_PROPOSE: _grant(
        "propose that a dataset that was shut is opened again, with what was done",
        "LYG-26",
        _EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority propose to open it again."),
    ),
    Permission.DATA_OPEN_AGAIN_DECIDE: _grant(
        "open a dataset again, as the second person",
        "LYG-26",
        (Role.DECIDER,),
        OFFICES,
        N_("Only a decider of the agency, the operator and the authority open a dataset again. Ask one of them."),
    ),
    Permission.GRANT_READ: _grant(
        "see who has data under which grant",
        "YZ-30 LYG-25",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority see its grants. Your own are yours to see."),
    ),
    Permission.GRANT_SUSPEND: _grant(
        "suspend a grant, and let it go on",
        "LYG-40",
        (Role.DECIDER,),
        OFFICES,
        N_("Only a decider of the agency, the operator and the authority suspend a grant. Report the breach to them."),
    ),
    Permission.GRANT_REVOKE: _grant(
        "end a grant early",
        "LYG-40",
        (Role.DECIDER,),
        (Role.AUTHORITY,),
        N_("Only a decider of the agency and the authority end a grant early. Report the breach to them."),
    ),
    Permission.INSPECTION_REQUEST: _grant(
        "ask for leave to look into data for an inspection",
        "LYG-25 LYG-33",
        _EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority inspect its data."),
    ),
    Permission.INSPECTION_DECIDE: _grant(
        "allow an inspection, as the second person",
        "LYG-25 LYG-33",
        (Role.DECIDER,),
        (Role.AUTHORITY,),
        N_("Only a decider of the dataset's agency and the authority allow an inspection. Ask one of them."),
    ),
    Permission.LEDGER_READ: _grant(
        "see how the ledger stands, and any entry's receipt",
        "LYG-21 LYG-37",
        (),
        OFFICES,
        N_(
            "Only officers of the operator and the authority see the ledger. Your own entries' receipts are yours to see."
        ),
    ),
    Permission.USES_READ: _grant(
        "see how the agency's data is used",
        "YZ-30 LYG-25",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the agency's own people, the operator and the authority see how its data is used."),
    ),
    Permission.USES_TRACE: _grant(
        "trace who has which data, with names",
        "LYG-21 LYG-26",
        (),
        OFFICES,
        N_("Only officers of the operator and the authority trace who has which data."),
    ),
    Permission.TERMS_READ: _grant(
        "see which terms run, and which are over",
        "LYG-19 LYG-39",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the agency's own people, the operator and the authority see its open terms."),
    ),
    Permission.AGREEMENT_READ: _grant(
        "see agreements on the agency's data",
        "LYG-19 LYG-37",
        AGENCY_ROLES,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority see its agreements. Your own are yours to see."),
    ),
    Permission.AGREEMENT_KEEP: _grant(
        "present and seal agreements, give notice of a breach, suspend and end them",
        "LYG-19 LYG-40",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency keeps its agreements. Ask your agency's decider."),
    ),
    Permission.AGREEMENT_TEXT: _grant(
        "write model texts of agreements and put them in force",
        "LYG-19 YZ-27",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority keep the model texts of agreements. Ask the authority."),
    ),
    Permission.PARTY_READ: _grant(
        "see any party, its people and its history",
        "LYG-25 LYG-37",
        (),
        OFFICES,
        N_("Only officers of the operator and the authority see every party. You see those that you belong to."),
    ),
    Permission.PARTY_VERIFY: _grant(
        "verify who a party is and who signs for it, and join two that are one",
        "YZ-17 ZB-12 LYG-19",
        (),
        (Role.OPERATOR,),
        N_("Only officers of the operator verify parties. The authority appoints them."),
    ),
    Permission.PARTY_BLOCK_PROPOSE: _grant(
        "give a party notice that it is to be blocked; in danger, block it at once",
        "LYG-40",
        (),
        OFFICES,
        N_(
            "Only officers of the operator and the authority propose that a party is blocked. Report the breach to them."
        ),
    ),
    Permission.PARTY_BLOCK_DECIDE: _grant(
        "decide, as the second person, that a party is blocked, and on its appeal",
        "LYG-40",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority decide that a party is blocked."),
    ),
    Permission.MARKING_DECLARE: _grant(
        "say that the order of a file's rows means nothing, so that deliveries of it can carry marks",
        "LYG-26 LYG-21",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency says what the order of its rows means. Ask one of them."),
    ),
    Permission.LEAK_TRACE: _grant(
        "find out whose delivery a leaked file is consistent with",
        "LYG-26 LYG-21",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority trace a leaked file: they keep the register of recipients."),
    ),
    Permission.WITHDRAWAL_HANDLE: _grant(
        "see reports of leaks and withdrawals, look into them and record what was done",
        "LYG-26 LYG-34",
        _EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority handle withdrawals. Report the leak to them."),
    ),
    Permission.EVIDENCE_UNSEAL: _grant(
        "read sealed evidence of a withdrawal",
        "LYG-26",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority read sealed evidence."),
    ),
    Permission.APPLICATION_READ: _grant(
        "see applications for the agency's data",
        "LYG-19 LYG-37",
        AGENCY_ROLES,
        OFFICES,
        N_(
            "Only the dataset's agency, the operator and the authority see its applications. Your own are yours to see."
        ),
    ),
    Permission.APPLICATION_REVIEW: _grant(
        "review applications: return, advise, ask for more time",
        "LYG-19 YZ-22",
        _EDITORS,
        (),
        N_("Only the agency's publishers and deciders review its applications. Ask your agency to make you one."),
    ),
    Permission.APPLICATION_DECIDE: _grant(
        "decide applications, extend their time, supply shared data",
        "LYG-19 DCF-25 YZ-22",
        (Role.DECIDER,),
        (),
        N_("Only a decider of the dataset's agency decides its applications. Ask your agency's decider."),
    ),
    Permission.APPLICATION_APPEAL_DECIDE: _grant(
        "let a refusal stand or send it back, and coordinate disputes on sharing",
        "YZ-23 LYG-37",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority settle appeals and coordinate. The authority appoints them."),
    ),
    Permission.AGREEMENT_SUSPEND: _grant(
        "suspend an agreement at once where there is danger",
        "LYG-40 LYG-26",
        (Role.DECIDER,),
        OFFICES,
        N_(
            "Only the dataset's agency, the operator and the authority suspend an agreement. Report the danger to them."
        ),
    ),
    Permission.SUCCESSION: _grant(
        "pass an agency's or an officer's cases to the successor",
        "LYG-4 LYG-35",
        (),
        (Role.AUTHORITY,),
        N_("Only officers of the authority pass cases to a successor. Ask the authority."),
    ),
    Permission.OBJECTION_HANDLE: _grant(
        "see objections with what the objector says, and take the steps that are one's own",
        "LYG-20 GY-c5",
        _EDITORS,
        OFFICES,
        N_("Only the dataset's agency, the operator and the authority handle objections. The register is public."),
    ),
    Permission.REQUEST_HANDLE: _grant(
        "handle requests for data: show them, agree, refuse, answer them with a dataset",
        "YZ-28 GY-c5 LYG-18",
        _EDITORS,
        OFFICES,
        N_("Only the agency asked, the operator and the authority handle requests for data. Add your voice instead."),
    ),
    Permission.CONTRIBUTION_HANDLE: _grant(
        "see what people say of data before it is shown, and answer for the agency",
        "LYG-18 LYG-29 GY-c6",
        _EDITORS,
        (Role.OPERATOR,),
        N_("Only the operator and the dataset's agency handle what people say of data."),
    ),
    Permission.MISUSE_HANDLE: _grant(
        "take reports of misuse and handle them; only whoever has taken one reads it",
        "LYG-25 LYG-38",
        (),
        OFFICES,
        N_(
            "Only officers of the operator and the authority handle reports of misuse. Your own you follow by its code."
        ),
    ),
}

_SIGN_IN = N_("Sign in: this is not for visitors.")
_OTHER_AGENCY = N_("You may do this for your own agency, but this belongs to another one.")


def permits(actor: Actor, permission: Permission, agency_id: str | None = None) -> Decision:
    """Whether the actor may do this to what belongs to the agency; without an agency, whether to every agency's.

    A role's reach over its own agency never helps with another one, nor with something that belongs to none.
    """
    grant = GRANTS[permission]
    own = actor.capacities.get(agency_id) if agency_id else None
    if own is not None and own in grant.own:
        return Decision(True, own.value)
    for role in Role:
        if role in actor.roles and role in grant.all:
            return Decision(True, role.value)
    if actor.user_id is None:
        return Decision(False, Reason.SIGN_IN.value, _SIGN_IN)
    if not grant.own.isdisjoint(actor.capacities.values()):
        return Decision(False, Reason.OTHER_AGENCY.value, _OTHER_AGENCY)
    return Decision(False, Reason.ROLE.value, grant.denial)
