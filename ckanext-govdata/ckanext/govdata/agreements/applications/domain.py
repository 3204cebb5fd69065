"""What an application has to state, what may be asked of it, and what the city's pack makes of it. Pure.

Guarantee: nothing is demanded of an applicant but the form's own fields and the dataset's published conditions (ZB-9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import rfc8785

from ...msgids import N_
from ...rules.domain import RulePack, Topic
from ...workflow.domain import Needs
from .vocabulary import purposes


class Kind(str, Enum):
    """For data opened to the public, or shared between agencies (YZ-19..23)."""

    OPEN = "open"
    SHARING = "sharing"


class Sharing(str, Enum):
    """The three kinds of sharing (YZ-19)."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NOT_SHARED = "not_shared"


class Mode(str, Enum):
    """How the data is to be taken (YZ-8)."""

    DOWNLOAD = "download"
    API = "api"
    VIEW = "view"


# How long a refusal stays open to the portal's own appeal: no rule's number, so no term of a clock.
APPEAL_DAYS = 60
LONGEST_TERM = 60  # months; authorised operation has a shorter one by rule
_LONGEST = {"scenario": 4000, "security": 4000, "award": 500, "note": 4000}
# What the form itself asks; a return may name these and the published conditions, nothing else.
FIELDS: Mapping[str, str] = {
    "purpose": N_("purpose of use"),
    "scenario": N_("scenario of use"),
    "security": N_("security measures"),
    "items": N_("data items asked for"),
    "modes": N_("way of access"),
    "months": N_("time limit"),
    "award": N_("award of a tender or another competition"),
    "public_good": N_("limitation to research, teaching and the public good"),
    "files": N_("attachments"),
}


@dataclass(frozen=True)
class Content:
    """What an application states. `items` empty asks for all; `answers` tell, condition by condition, how it is met."""

    purpose: str = ""
    scenario: str = ""
    security: str = ""
    items: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    months: int | None = None
    award: str = ""
    public_good: bool = False
    operation: bool = False
    consent: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "purpose": self.purpose,
            "scenario": self.scenario,
            "security": self.security,
            "items": list(self.items),
            "modes": list(self.modes),
            "months": self.months,
            "award": self.award,
            "public_good": self.public_good,
            "operation": self.operation,
            "consent": self.consent,
            "answers": dict(self.answers),
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the content in its one spelling (RFC 8785), which the ledger keeps."""
        return hashlib.sha256(rfc8785.dumps(self.as_dict())).hexdigest()


def content_from(kept: Mapping[str, Any]) -> Content:
    """What was kept of an application (`Content.as_dict`), read again."""
    return Content(**{**kept, "items": tuple(kept["items"]), "modes": tuple(kept["modes"])})


@dataclass(frozen=True)
class Offer:
    """The dataset as it was published when the application was made: its data items, and its conditions by key."""

    items: frozenset[str]
    conditions: Mapping[str, str]


def conditions_of(published: str) -> dict[str, str]:
    """A dataset's published conditions, one a line, each under a key of its own."""
    lines = [line.strip() for line in published.splitlines()]
    return {f"condition-{number}": line for number, line in enumerate(filter(None, lines), 1)}


def lacks(content: Content, offer: Offer, kind: Kind, pack: RulePack) -> dict[str, str]:
    """What an application lacks before it can be received, all at once: field to words (a msgid)."""
    found: dict[str, str] = {}
    for name in ("scenario", "security"):
        if not getattr(content, name).strip():
            found[name] = N_("State this: the agency decides by it.")
        elif len(getattr(content, name)) > _LONGEST[name]:
            found[name] = N_("This is too long. Attach a file for the details.")
    found |= _lacks_choices(content, offer)
    found |= _lacks_term(content, pack)
    if kind is Kind.OPEN:
        found |= _lacks_by_purpose(content, pack)
    for key in offer.conditions:
        if not str(content.answers.get(key, "")).strip():
            found.setdefault("answers", N_("Say for each published condition how you meet it."))
    return found


def _lacks_choices(content: Content, offer: Offer) -> dict[str, str]:
    found: dict[str, str] = {}
    if content.purpose not in purposes():
        found["purpose"] = N_("Choose a purpose from the list.")
    if not content.modes or not set(content.modes) <= {mode.value for mode in Mode}:
        found["modes"] = N_("Choose how you want to take the data: download, api, view.")
    if not set(content.items) <= offer.items:
        found["items"] = N_("One of these data items is not in the dataset. Choose from its list.")
    return found


def _lacks_term(content: Content, pack: RulePack) -> dict[str, str]:
    most = longest_term(content.operation, pack)
    if content.months is None or not 1 <= content.months <= most:
        if content.operation and most < LONGEST_TERM:
            return {"months": N_("Authorised operation is granted for at most 3 years (36 months).")}
        return {"months": N_("Give the time limit in months, from 1 to 60.")}
    return {}


def longest_term(operation: bool, pack: RulePack) -> int:
    """The longest term in months; authorised operation has the pack's number of years (GY-c6)."""
    rule = pack.rule(Topic.AUTHORISED_OPERATION_TERM)
    return rule.number * 12 if operation and rule is not None and rule.number else LONGEST_TERM


def _lacks_by_purpose(content: Content, pack: RulePack) -> dict[str, str]:
    purpose = purposes().get(content.purpose)
    if purpose is None:
        return {}
    if purpose.commercial and commercial_by_award(pack) and not content.award.strip():
        return {
            "award": N_(
                "Commercial development goes to the winner of a public tender or another competition. Name the award: its"
                " notice, number and date."
            )
        }
    if purpose.public_good and not content.public_good:
        return {"public_good": N_("Confirm that the use is limited to research, teaching and the public good.")}
    return {}


def commercial_by_award(pack: RulePack) -> bool:
    """Whether commercial use of conditional data goes to the winner of a competition (DCF-25)."""
    rule = pack.rule(Topic.COMMERCIAL_USE)
    return rule is not None and "by_competition" in rule.values


def demanded_of_refusal(kind: Kind, pack: RulePack) -> Needs:
    """What a refusal states: by the pack, reason (DCF), reason or basis (LYG), both (YZ, sharing); else the portal's reason."""
    topic = Topic.OPEN_APPLICATION_REFUSAL if kind is Kind.OPEN else Topic.SHARING_APPLICATION_REFUSAL
    rule = pack.rule(topic)
    values = set(rule.values) if rule else set()
    for word, needs in _REFUSALS.items():
        if word in values:
            return needs
    return Needs.BOTH if {"reason", "basis"} <= values else Needs.REASON


_REFUSALS = {"reason_or_basis": Needs.EITHER, "reason_and_basis": Needs.BOTH}


def returnable(content: Content, offer: Offer, kind: Kind, pack: RulePack) -> dict[str, str]:
    """What a return for completion may name here: key to words; of the form what this application had to fill in (ZB-9)."""
    purpose = purposes().get(content.purpose)
    applies = {
        "items": bool(offer.items),
        "award": kind is Kind.OPEN and purpose is not None and purpose.commercial and commercial_by_award(pack),
        "public_good": kind is Kind.OPEN and purpose is not None and purpose.public_good,
    }
    return {name: words for name, words in FIELDS.items() if applies.get(name, True)}


def unpublished(asked: Iterable[str], offer: Offer) -> list[str]:
    """What a reviewer demands although no form field and no published condition asks for it (ZB-9)."""
    known = {*FIELDS, *offer.conditions}
    return [one for one in asked if one not in known]


def answer_topic(kind: Kind) -> str:
    """The clock of the agency's answer."""
    return (Topic.OPEN_APPLICATION_ANSWER if kind is Kind.OPEN else Topic.SHARING_APPLICATION_ANSWER).value


def register_words(enterprise: bool, consent: bool, name: str, scenario: str) -> tuple[str, str]:
    """Name and scenario as the public register shows them: an enterprise's own, and only with its consent (LYG-19)."""
    return (name, scenario) if enterprise and consent else ("", "")


def outcome(state: str) -> str:
    """How the register names where an application has come to."""
    return _OUTCOMES.get(state, "pending")


_OUTCOMES: Mapping[str, str] = {
    "approved": "approved",
    "supplied": "approved",
    "lapsed": "approved",
    "refused": "refused",
    "refused_again": "refused",
    "upheld": "refused",
    "closed": "refused",
    "appealed": "refused",
    "withdrawn": "withdrawn",
}
# Drafts and what never reached the agency are nobody's business.
UNREGISTERED: Collection[str] = ("draft", "discarded")
