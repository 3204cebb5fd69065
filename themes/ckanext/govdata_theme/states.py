"""What a tier, a state of publication and a cause of holding mean to the reader, in plain words."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

TIERS = ("unconditional", "conditional", "not_open")


def tier_icon(tier: str) -> str:
    """Name of the tier's icon in the set: open book, key, lock."""
    return {"unconditional": "open", "conditional": "conditional", "not_open": "not_open"}.get(tier, "info")


def govdata_tier_label(tier: str) -> str:
    return {
        "unconditional": tk._("Open without conditions"),
        "conditional": tk._("Open with conditions"),
        "not_open": tk._("Not open"),
    }.get(tier, tk._("Tier not decided"))


def govdata_tier_meaning(tier: str) -> str:
    """One sentence: what the tier means for the reader."""
    return {
        "unconditional": tk._("You may download and use this data. No application is needed."),
        "conditional": tk._("You may use this data once you meet the conditions and its agency agrees."),
        "not_open": tk._("This data is not given to the public. Its agency states why."),
    }.get(tier, tk._("Nobody has decided yet who may have this data. Until then it stays closed."))


def govdata_publication_label(publication: str) -> str:
    return {
        "draft": tk._("Draft"),
        "held": tk._("Held"),
        "in_review": tk._("In review"),
        "published": tk._("Published"),
        "withdrawn": tk._("Withdrawn"),
    }.get(publication, publication)


def govdata_publication_meaning(publication: str) -> str:
    return {
        "draft": tk._("Only the agency, the operator and the authority see this draft."),
        "held": tk._("This entry is held: it is not published, and only officers see it."),
        "in_review": tk._("This entry waits for review and is not published yet."),
        "withdrawn": tk._("This entry was withdrawn and is not published any more."),
    }.get(publication, "")


def govdata_hold_cause(cause: str) -> dict[str, str]:
    """A cause of holding in words: what is wrong (`what`) and what to do (`do`)."""
    what, do = {
        "tier_missing": (
            tk._("The entry names no open tier."),
            tk._("Choose the tier; the questions on the page “Change tier” help to find it."),
        ),
        "tier_unknown": (
            tk._("The list uses a word for the tier that nobody has mapped yet."),
            tk._("Choose the tier that the word stands for, and tell the operator, who adds it to the vocabulary."),
        ),
        "tier_conflict": (
            tk._(
                "Tiers contradict each other: a data item is stricter than the entry, or two rows of the list differ."
            ),
            tk._("Set the entry's tier to the strictest of its data items, or take the item out."),
        ),
        "basis_outstanding": (
            tk._("The city's rule asks for a basis, and the entry names none."),
            tk._("Name the law, rule or state document with its article in the field “Basis”."),
        ),
        "exception_outstanding": (
            tk._("Data that is not open must fall under one of the exceptions of the rule, and the entry names none."),
            tk._("Choose the exception in the form, or propose a more open tier."),
        ),
    }.get(cause, (cause, tk._("Ask the operator of the portal.")))
    return {"what": what, "do": do}


def govdata_reviewer_label(reviewer: str) -> str:
    return {
        "agency": tk._("the agency"),
        "operator": tk._("the operator"),
        "authority": tk._("the authority"),
    }.get(reviewer, reviewer)


def govdata_proof_label(kind: str) -> str:
    return {
        "desensitised": tk._("The data was desensitised"),
        "consent": tk._("The party concerned consented"),
    }.get(kind, kind)


def govdata_change_label(status: str) -> str:
    return {
        "pending": tk._("waits for a second person"),
        "applied": tk._("holds"),
        "refused": tk._("refused"),
        "taken_back": tk._("taken back"),
    }.get(status, status)


def govdata_change_reason(change: dict[str, Any]) -> str:
    """The reason of a change of tier; the catalogue's own one for a new entry in the reader's words."""
    reason = str(change.get("reason") or "")
    return tk._("First entry") if not change.get("from_tier") and reason == "first entry" else reason


def govdata_questions() -> list[dict[str, str]]:
    """The questions of LYG-6 and LYG-7 in the order of asking: `key` and `text`."""
    texts: dict[str, Any] = {
        "state_secret": tk._("Is it a state secret?"),
        "public_security": tk._("Could it endanger national, public or economic security, or social stability?"),
        "trade_secret_or_privacy": tk._("Does it touch trade secrets or personal privacy?"),
        "internal_affairs": tk._("Is it about internal affairs: staff, finance, assets?"),
        "agreement_or_ip": tk._("Does an agreement or intellectual property forbid opening it?"),
        "other_law": tk._("Does another law or rule forbid opening it, or send people another way?"),
        "high_security_demand": tk._("Does using it ask for high security or processing capacity?"),
        "high_timeliness": tk._("Is it very time-critical?"),
        "continuous_supply": tk._("Do users need it supplied continuously?"),
    }
    return [{"key": key, "text": text} for key, text in texts.items()]
