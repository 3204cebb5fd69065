"""The one decision on bytes and rows: may this visitor have this dataset's data, and if not, why and what next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..catalogue.domain import OpenTier, Publication


class Reason(str, Enum):
    """Why the gate answered as it did; a stable code for programs, worded for people in messages.py."""

    OPEN = "open"
    OWN_AGENCY = "own_agency"
    SIGN_IN_REQUIRED = "sign_in_required"
    AGREEMENT_REQUIRED = "agreement_required"
    NOT_OPEN = "not_open"
    NOT_PUBLISHED = "not_published"


@dataclass(frozen=True)
class Facts:
    """What the gate has to know: the dataset's tier and place, and how the visitor stands to it."""

    tier: OpenTier | None
    publication: Publication
    signed_in: bool
    own_agency: bool
    sign_in_for_unconditional: bool


@dataclass(frozen=True)
class Verdict:
    """Allow or deny, with the reason."""

    allowed: bool
    reason: Reason


def decide(facts: Facts) -> Verdict:
    """Allow or deny bytes and rows.

    Only published unconditional data goes to everybody, after signing in where the city asks for it (LYG-9, YZ-27). An
    agency has its own data. Conditional data needs an agreement (LYG-10, LYG-19): no role, not even the portal's
    administrator's, gives it.
    """
    if facts.own_agency:
        return Verdict(True, Reason.OWN_AGENCY)
    if facts.tier is OpenTier.NOT_OPEN:
        return Verdict(False, Reason.NOT_OPEN)
    if facts.publication is not Publication.PUBLISHED or facts.tier is None:
        return Verdict(False, Reason.NOT_PUBLISHED)
    if facts.tier is OpenTier.CONDITIONAL:
        return Verdict(False, Reason.AGREEMENT_REQUIRED)
    if facts.sign_in_for_unconditional and not facts.signed_in:
        return Verdict(False, Reason.SIGN_IN_REQUIRED)
    return Verdict(True, Reason.OPEN)
