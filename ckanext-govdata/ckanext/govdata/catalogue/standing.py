"""What the catalogue already knows of an entry and who is acting: the impure half of judging (the pure one is domain.py)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan import authz, model
from ckan.types import Context

from .. import config
from .domain import OpenTier, Publication, Requirements, tier_of
from .model import Review

# What a reviewer agrees to; an edit of any of these asks the reviewers anew.
REVIEWED_FIELDS = (
    "title",
    "notes",
    "open_tier",
    "open_basis",
    "open_exception",
    "open_conditions",
    "sharing_tier",
    "sharing_basis",
    "grading",
    "theme",
    "update_cycle",
    "data_items",
)
# By which list an entry came, and what its row said.
LIST_FIELDS = ("list_id", "list_key", "list_hash")
# Fields that an update without them leaves as they are: leaving out a tier must not take it away.
KEPT_FIELDS = (
    "open_tier",
    "open_basis",
    "open_exception",
    "sharing_tier",
    "publication",
    "tier_word",
    *LIST_FIELDS,
    "released",
)


@dataclass(frozen=True)
class Standing:
    """The stored state of an entry before the change at hand; a new entry has no tier and is a draft."""

    exists: bool
    tier: OpenTier | None
    publication: Publication
    private: bool
    kept: Mapping[str, str]


NEW = Standing(exists=False, tier=None, publication=Publication.DRAFT, private=True, kept={})


def standing_of(package: model.Package | None) -> Standing:
    """Read the standing of a stored package; an entry written before this extension was on has no publication: held."""
    if package is None:
        return NEW
    extras = dict(package.extras or {})
    place = extras.get("publication", "")
    return Standing(
        exists=True,
        tier=tier_of(extras.get("open_tier")),
        publication=Publication(place) if place in Publication._value2member_map_ else Publication.HELD,
        private=bool(package.private),
        kept={field: extras[field] for field in KEPT_FIELDS if extras.get(field)},
    )


def is_own_act(context: Context) -> bool:
    """Whether the portal itself or its administrator acts, for whom no review is asked (the operator's own act, on record)."""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))


def requirements() -> Requirements:
    """What the running city's pack asks of an entry."""
    pack = config.rule_pack()
    return Requirements(
        basis_required_for=frozenset(OpenTier(tier) for tier in pack.basis_required_for),
        exception_required=pack.exception_required,
        reviewers=config.reviewers(),
    )


def digest_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 of what reviewers agree to, the same for equal content in any order of keys."""
    given: list[dict[str, Any]] = entry.get("data_items") or []
    items = [{key: value for key, value in item.items() if value} for item in given]
    content: dict[str, Any] = {**{field: entry.get(field) or "" for field in REVIEWED_FIELDS}, "data_items": items}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def reviewers_agreed(package_id: str, digest: str) -> set[str]:
    """The reviewers whose latest word on this state of the entry is yes."""
    words = (
        model.Session.query(Review)
        .filter(Review.package_id == package_id, Review.digest == digest)
        .order_by(Review.decided_at)
    )
    latest = {word.reviewer: word.accepted for word in words}
    return {reviewer for reviewer, accepted in latest.items() if accepted}


def is_reviewed(context: Context, package_id: str | None, entry: Mapping[str, Any], standing: Standing) -> bool:
    """Whether the entry may be published as far as review goes (LYG-12, ZB-10, YZ-10)."""
    if standing.publication is Publication.PUBLISHED:
        return True
    if standing.publication is Publication.IN_REVIEW:
        asked = set(requirements().reviewers)
        return bool(package_id) and asked <= reviewers_agreed(str(package_id), digest_of(entry))
    return is_own_act(context) and not context.get("govdata_ask_review")
