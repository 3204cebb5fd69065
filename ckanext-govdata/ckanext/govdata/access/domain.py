"""The one decision on bytes and rows: may this visitor have this dataset's data, and if not, why and what next. Pure.

Guarantee: whatever no line here allows is denied. A role gives nobody conditional data; a running grant does, and an
inspection, which is a grant of its own kind.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address, ip_network

from ..catalogue.domain import OpenTier, Publication


class Reason(str, Enum):
    """Why the gate answered as it did; a stable code for programs, worded for people in messages.py."""

    OPEN = "open"
    OWN_AGENCY = "own_agency"
    GRANTED = "granted"
    INSPECTION = "inspection"
    SHUT = "shut"
    SIGN_IN_REQUIRED = "sign_in_required"
    AGREEMENT_REQUIRED = "agreement_required"
    UNDECIDED = "undecided"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    BLOCKED = "party_blocked"
    OTHER_FILE = "other_file"
    MODE = "mode_not_granted"
    ADDRESS = "address_not_granted"
    QUOTA = "quota_used_up"
    UNCUTTABLE = "cannot_be_cut"
    ELSEWHERE = "kept_elsewhere"
    REPLACED = "replaced"
    NOT_OPEN = "not_open"
    NOT_PUBLISHED = "not_published"
    LEDGER = "ledger_unavailable"


class Next(str, Enum):
    """What the visitor can do about a denial; a stable code for programs."""

    NOTHING = "nothing"
    SIGN_IN = "sign_in"
    APPLY = "apply"
    WAIT = "wait"
    ASK_AGENCY = "ask_agency"
    CHANGE_REQUEST = "change_request"


class Mode(str, Enum):
    """How data is taken (YZ-8): as a file, through the API, by looking at it in the portal."""

    DOWNLOAD = "download"
    API = "api"
    VIEW = "view"


class Kind(str, Enum):
    """Under what a grant stands: an agreement (LYG-19), sharing between agencies (YZ-22), an inspection (LYG-25, LYG-33)."""

    AGREEMENT = "agreement"
    SHARING = "sharing"
    INSPECTION = "inspection"


class State(str, Enum):
    """Where a grant stands. Its beginning and end are dates, not states."""

    REQUESTED = "requested"
    RUNNING = "running"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REFUSED = "refused"


NEXT_STEP: dict[Reason, Next] = {
    Reason.SHUT: Next.WAIT,
    Reason.SIGN_IN_REQUIRED: Next.SIGN_IN,
    Reason.AGREEMENT_REQUIRED: Next.APPLY,
    Reason.UNDECIDED: Next.WAIT,
    Reason.NOT_BEGUN: Next.WAIT,
    Reason.ENDED: Next.APPLY,
    Reason.SUSPENDED: Next.ASK_AGENCY,
    Reason.REVOKED: Next.ASK_AGENCY,
    Reason.BLOCKED: Next.ASK_AGENCY,
    Reason.OTHER_FILE: Next.APPLY,
    Reason.MODE: Next.CHANGE_REQUEST,
    Reason.ADDRESS: Next.CHANGE_REQUEST,
    Reason.QUOTA: Next.WAIT,
    Reason.UNCUTTABLE: Next.CHANGE_REQUEST,
    Reason.ELSEWHERE: Next.ASK_AGENCY,
    Reason.REPLACED: Next.ASK_AGENCY,
    Reason.LEDGER: Next.WAIT,
}


@dataclass(frozen=True)
class GrantFacts:
    """A grant of this dataset to this visitor or a party of theirs, as the decision needs it.

    `items` and `files` empty mean all of them; `addresses` are addresses or networks, empty for anywhere; `quota` is
    deliveries a day, None for no limit; moments are UTC without a zone.
    """

    id: str
    kind: Kind
    state: State
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    modes: frozenset[Mode] = frozenset(Mode)
    items: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()
    quota: int | None = None
    used_today: int = 0
    party_blocked: bool = False


@dataclass(frozen=True)
class Facts:
    """What the gate has to know: the dataset's tier and place, how the visitor stands to it, and what is asked."""

    tier: OpenTier | None
    publication: Publication
    signed_in: bool
    own_agency: bool
    sign_in_for_unconditional: bool
    shut: bool = False
    mode: Mode | None = None
    file: str | None = None
    address: str | None = None
    now: datetime.datetime = datetime.datetime.min
    grants: tuple[GrantFacts, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Allow or deny, with the reason and the next step; where a grant allows, which one and for which data items."""

    allowed: bool
    reason: Reason
    grant: str | None = None
    items: frozenset[str] = field(default_factory=frozenset)

    @property
    def next(self) -> Next:
        return Next.NOTHING if self.allowed else NEXT_STEP.get(self.reason, Next.NOTHING)


def decide(facts: Facts) -> Verdict:
    """Allow or deny bytes and rows.

    Nothing leaves a dataset that is shut (LYG-26), but for an inspection. An agency has its own data. Only published
    unconditional data goes to everybody, after signing in where the city asks for it (LYG-9, YZ-27). Conditional data
    goes out under a grant (LYG-10, LYG-19): no role, not even the portal's administrator's, gives it. `mode`, `file` and
    `address` left out are not judged: so a page asks what it may offer.
    """
    judged = [(_judge(grant, facts), grant) for grant in facts.grants]
    inspection = _widest([grant for reason, grant in judged if reason is Reason.INSPECTION])
    if inspection is not None:
        return Verdict(True, Reason.INSPECTION, inspection.id, inspection.items)
    if facts.shut:
        return Verdict(False, Reason.SHUT)
    if facts.own_agency:
        return Verdict(True, Reason.OWN_AGENCY)
    shared = _widest([grant for reason, grant in judged if reason is Reason.GRANTED and grant.kind is Kind.SHARING])
    if shared is not None:
        # What agencies share follows its own kind of sharing, whether or not it is open to the public (YZ-19).
        return Verdict(True, Reason.GRANTED, shared.id, shared.items)
    if facts.tier is OpenTier.NOT_OPEN:
        return Verdict(False, Reason.NOT_OPEN)
    if facts.publication is not Publication.PUBLISHED or facts.tier is None:
        return Verdict(False, Reason.NOT_PUBLISHED)
    if facts.tier is OpenTier.CONDITIONAL:
        return _under_agreement(judged)
    if facts.sign_in_for_unconditional and not facts.signed_in:
        return Verdict(False, Reason.SIGN_IN_REQUIRED)
    return Verdict(True, Reason.OPEN)


def _under_agreement(judged: list[tuple[Reason, GrantFacts]]) -> Verdict:
    granted = _widest([grant for reason, grant in judged if reason is Reason.GRANTED])
    if granted is not None:
        return Verdict(True, Reason.GRANTED, granted.id, granted.items)
    found = dict(judged)
    for reason in _NEAREST:
        if reason in found:
            return Verdict(False, reason, found[reason].id)
    return Verdict(False, Reason.AGREEMENT_REQUIRED)


# Of several grants that do not help, the one that is nearest to helping tells why.
_NEAREST = (
    Reason.QUOTA,
    Reason.ADDRESS,
    Reason.MODE,
    Reason.OTHER_FILE,
    Reason.BLOCKED,
    Reason.SUSPENDED,
    Reason.NOT_BEGUN,
    Reason.REVOKED,
    Reason.ENDED,
    Reason.UNDECIDED,
)
_OF_STATE = {
    State.REQUESTED: Reason.UNDECIDED,
    State.SUSPENDED: Reason.SUSPENDED,
    State.REVOKED: Reason.REVOKED,
    State.REFUSED: Reason.AGREEMENT_REQUIRED,
}


def _widest(grants: list[GrantFacts]) -> GrantFacts | None:
    """The grant with most data items; one of all items before any other."""
    return max(grants, key=lambda grant: len(grant.items) or 1 << 30, default=None)


def _judge(grant: GrantFacts, facts: Facts) -> Reason:
    """What one grant says: GRANTED or INSPECTION, or why it does not help."""
    if grant.state is not State.RUNNING:
        return _OF_STATE[grant.state]
    if grant.party_blocked:
        return Reason.BLOCKED
    if facts.now < grant.starts_at:
        return Reason.NOT_BEGUN
    if facts.now >= grant.ends_at:
        return Reason.ENDED
    return _limits(grant, facts) or (Reason.INSPECTION if grant.kind is Kind.INSPECTION else Reason.GRANTED)


def _limits(grant: GrantFacts, facts: Facts) -> Reason | None:
    if facts.file is not None and grant.files and facts.file not in grant.files:
        return Reason.OTHER_FILE
    if facts.mode is not None and facts.mode not in grant.modes:
        return Reason.MODE
    if facts.address is not None and grant.addresses and not is_within(facts.address, grant.addresses):
        return Reason.ADDRESS
    if grant.quota is not None and grant.used_today >= grant.quota:
        return Reason.QUOTA
    return None


def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the networks; whatever cannot be read lies in none."""
    try:
        own = ip_address(address)
        mapped = getattr(own, "ipv4_mapped", None)
        return any((mapped or own) in ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
