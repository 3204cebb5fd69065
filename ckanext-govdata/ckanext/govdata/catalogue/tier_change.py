"""When a tier may change, and how many persons it takes (LYG-7, YZ-29)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .domain import OpenTier, Publication


class Direction(str, Enum):
    """Whether a change of tier opens more or less than before."""

    SAME = "same"
    STRICTER = "stricter"
    LOOSER = "looser"


class ProofKind(str, Enum):
    """What makes closed data fit to be opened (LYG-7)."""

    DESENSITISED = "desensitised"
    CONSENT = "consent"


class TierChangeStatus(str, Enum):
    PENDING = "pending"
    APPLIED = "applied"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class Refusal:
    """Why a change of tier is not taken: a stable code and the field that has to be mended."""

    code: str
    field: str


def direction(old: OpenTier | None, new: OpenTier | None) -> Direction:
    """An entry without a tier counts as closed: giving it any open tier is looser, closing it is not."""
    before = OpenTier.NOT_OPEN if old is None else old
    if new is None or new is old:
        return Direction.SAME if new is old else Direction.STRICTER
    if new.strictness < before.strictness:
        return Direction.LOOSER
    return Direction.STRICTER


def refuse_edit(old: OpenTier | None, new: OpenTier | None, publication: Publication, reason: str) -> Refusal | None:
    """Whether an ordinary edit may change the tier: only to a stricter one, with a reason; looser ones are proposed.

    A tier may be chosen freely while the agency's own draft has none yet.
    """
    if old is None and publication is Publication.DRAFT:
        return None
    way = direction(old, new)
    if way is Direction.LOOSER:
        return Refusal("looser_needs_two_persons", "open_tier")
    if way is Direction.STRICTER and old is not None and not reason.strip():
        return Refusal("reason_missing", "tier_change_reason")
    return None


def refuse_proposal(old: OpenTier | None, new: OpenTier, reason: str, proof_kind: str, proof: str) -> Refusal | None:
    """Whether a proposal can be taken: it changes something, says why, and brings LYG-7's proof for closed data."""
    if new is old:
        return Refusal("no_change", "open_tier")
    if not reason.strip():
        return Refusal("reason_missing", "reason")
    if old is OpenTier.NOT_OPEN and (proof_kind not in ProofKind._value2member_map_ or not proof.strip()):
        return Refusal("proof_missing", "proof")
    return None


def refuse_decision(status: TierChangeStatus, proposer_id: str, decider_id: str, reason: str) -> Refusal | None:
    """Whether this person may decide this proposal: it is pending, someone else made it, a reason is given."""
    if status is not TierChangeStatus.PENDING:
        return Refusal("already_decided", "id")
    if proposer_id == decider_id:
        return Refusal("same_person", "id")
    if not reason.strip():
        return Refusal("reason_missing", "reason")
    return None
