"""The words of roles and permissions. Pure."""

from __future__ import annotations

from enum import Enum


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


# The officers whom the authority appoints, and the people of an agency.
OFFICES = (Role.AUTHORITY, Role.OPERATOR)
AGENCY_ROLES = (Role.MEMBER, Role.PUBLISHER, Role.DECIDER)
EDITORS = (Role.PUBLISHER, Role.DECIDER)
