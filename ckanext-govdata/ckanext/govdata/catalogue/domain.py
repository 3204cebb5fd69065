"""Tiers, holding and publishing of a catalogue entry: what the rules say about one entry, without CKAN.

Guarantee: an entry whose tier is not settled by the rules is never published. Whatever is missing, unknown or contradictory
becomes a hold cause, and an entry with a hold cause stays with its agency (LYG-6, LYG-7, DCF-22).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class OpenTier(str, Enum):
    """The three open tiers (开放类型) of LYG-6; a higher strictness opens less."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NOT_OPEN = "not_open"

    @property
    def strictness(self) -> int:
        return list(OpenTier).index(self)


class SharingTier(str, Enum):
    """The three sharing kinds between agencies (共享属性) of YZ-19 and DCF-19."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NOT_SHARED = "not_shared"


class Publication(str, Enum):
    """Where an entry stands in the catalogue's life cycle (YZ-10)."""

    DRAFT = "draft"
    HELD = "held"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class HoldCause(str, Enum):
    """Why an entry may not be published yet; each one names what somebody has to decide or supply."""

    TIER_MISSING = "tier_missing"
    TIER_UNKNOWN = "tier_unknown"
    TIER_CONFLICT = "tier_conflict"
    BASIS_OUTSTANDING = "basis_outstanding"
    EXCEPTION_OUTSTANDING = "exception_outstanding"


class OpenException(str, Enum):
    """The exceptions under which an entry may stay closed (LYG-7). State secrets are under other law and never enter."""

    PUBLIC_SECURITY = "public_security"
    TRADE_SECRET_OR_PRIVACY = "trade_secret_or_privacy"  # noqa: S105 - a rule's word, not a credential
    INTERNAL_AFFAIRS = "internal_affairs"
    AGREEMENT_OR_IP = "agreement_or_ip"
    OTHER_LAW = "other_law"


STATE_SECRET_WORDS = frozenset(
    {"state_secret", "国家秘密", "涉密", "秘密", "机密", "绝密", "國家秘密", "涉密資料", "是（涉密）", "涉密数据"}
)
_SECRET_FIELDS = ("grading", "open_exception", "secrecy", "tier_word", "open_tier", "sharing_tier")
# The parts of an entry that are rows, with the keys in which a row can say so; `unknown` are fields the schema lacks.
_SECRET_ROWS: Mapping[str, tuple[str, ...]] = {
    "data_items": ("tier", "secrecy", "grading"),
    "resources": ("secrecy", "grading"),
    "extras": ("value",),
}


class StateSecretError(ValueError):
    """The entry says that it is a state secret (DCF-2, ZB-2, LYG-7). Carries the field's name alone, never its text."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"{field}: state secrets must not enter this portal; nothing of this entry was stored")


@dataclass(frozen=True)
class Requirements:
    """What the running city's rule pack asks of an entry before it may be published."""

    basis_required_for: frozenset[OpenTier] = frozenset()
    exception_required: bool = False
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What becomes of an entry: its place in the life cycle, the causes that hold it, and CKAN's `private` flag."""

    publication: Publication
    hold_causes: tuple[HoldCause, ...]
    private: bool


def tier_of(word: object) -> OpenTier | None:
    """The tier a stored value names; None for anything else, so that an unknown word can never open."""
    try:
        return OpenTier(word)
    except ValueError:
        return None


def strictest(tiers: Iterable[OpenTier]) -> OpenTier | None:
    """The tier that opens least, or None when there is none."""
    return max(tiers, key=lambda tier: tier.strictness, default=None)


def items_stricter_than(entry: Mapping[str, Any], tier: OpenTier) -> list[str]:
    """Names of the data items whose own tier is stricter than the dataset's, which must not be."""
    return [
        str(item.get("title") or item.get("name") or "?")
        for item in entry.get("data_items") or []
        if isinstance(item, Mapping) and (own := tier_of(item.get("tier"))) and own.strictness > tier.strictness
    ]


def refuse_state_secret(entry: Mapping[str, Any]) -> None:
    """Raise StateSecretError when the entry, a data item, a file or a free field of it is marked as a state secret."""
    for field in _SECRET_FIELDS:
        if _is_secret_word(entry.get(field)):
            raise StateSecretError(field)
    for part, keys in _SECRET_ROWS.items():
        for row in entry.get(part) or []:
            if isinstance(row, Mapping) and any(_is_secret_word(row.get(key)) for key in keys):
                raise StateSecretError(part)
    for field, value in (entry.get("unknown") or {}).items():
        if _is_secret_word(value):
            raise StateSecretError(str(field))


def _bare(word: str) -> str:
    """A word without spaces, brackets, case and width, which lists write as they like."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", word)).lower()


_BARE_SECRET_WORDS = frozenset(map(_bare, STATE_SECRET_WORDS))


def _is_secret_word(value: object) -> bool:
    return isinstance(value, str) and _bare(value) in _BARE_SECRET_WORDS


def hold_causes(entry: Mapping[str, Any], requirements: Requirements) -> tuple[HoldCause, ...]:
    """Why this entry may not be published under the city's rules, in the order in which they should be settled."""
    tier = tier_of(entry.get("open_tier"))
    if tier is None:
        known_word = str(entry.get("tier_word") or "").strip()
        return (HoldCause.TIER_UNKNOWN if known_word else HoldCause.TIER_MISSING,)
    causes: list[HoldCause] = []
    not_shared = entry.get("sharing_tier") == SharingTier.NOT_SHARED.value
    if items_stricter_than(entry, tier) or (not_shared and tier is not OpenTier.NOT_OPEN):
        causes.append(HoldCause.TIER_CONFLICT)
    if tier in requirements.basis_required_for and not str(entry.get("open_basis") or "").strip():
        causes.append(HoldCause.BASIS_OUTSTANDING)
    if tier is OpenTier.NOT_OPEN and requirements.exception_required and not entry.get("open_exception"):
        causes.append(HoldCause.EXCEPTION_OUTSTANDING)
    return tuple(causes)


def judge(entry: Mapping[str, Any], requirements: Requirements, *, asked: Publication, reviewed: bool) -> Judgement:
    """Decide where an entry stands.

    `asked` is what its agency wants (draft or published); `reviewed` says that everyone whom the pack names has agreed, or
    that no review applies (the operator's own act). Draft and withdrawn are kept as asked; otherwise any hold cause holds.
    """
    causes = hold_causes(entry, requirements)
    if asked in (Publication.DRAFT, Publication.WITHDRAWN):
        publication = asked
    elif causes:
        publication = Publication.HELD
    elif requirements.reviewers and not reviewed:
        publication = Publication.IN_REVIEW
    else:
        publication = Publication.PUBLISHED
    return Judgement(publication, causes, private=not is_public(publication, tier_of(entry.get("open_tier"))))


def is_public(publication: Publication, tier: OpenTier | None) -> bool:
    """Whether everybody may see the entry's metadata: published, and open at least under conditions."""
    return publication is Publication.PUBLISHED and tier in (OpenTier.UNCONDITIONAL, OpenTier.CONDITIONAL)


def labels(publication: str, tier: str, sharing_tier: str, agency_id: str | None) -> list[str]:
    """The permission labels under which an entry may be seen.

    Public entries carry `public`. Any other is seen by its agency and the supervisors (operator, authority); a registered
    *not open* entry also by officers of other agencies, unless it is not shared (YZ-22).
    """
    place = Publication(publication) if publication in Publication._value2member_map_ else Publication.HELD
    known_tier = tier_of(tier)
    if is_public(place, known_tier):
        return ["public"]
    found = ["supervisor", *([f"agency-{agency_id}"] if agency_id else [])]
    shared = sharing_tier != SharingTier.NOT_SHARED.value
    if place is Publication.PUBLISHED and known_tier is OpenTier.NOT_OPEN and shared:
        found.append("officer")
    return found


# Kinds of resources whose bytes the portal keeps itself; of any other kind, the address leads elsewhere.
KEPT_HERE = ("upload", "datastore", "tabledesigner")


def is_held_here(resources: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the portal itself keeps any of a dataset's data; otherwise it only says where the data is, or has none."""
    return any(resource.get("url_type") in KEPT_HERE for resource in resources)
