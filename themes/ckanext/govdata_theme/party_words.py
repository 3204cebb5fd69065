"""Parties in plain words: what somebody is in one, where it stands, what happened to it, and what to do next."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk

from . import words


def govdata_party_kind(kind: str) -> str:
    return {"person": tk._("Person"), "enterprise": tk._("Enterprise or other organisation")}.get(kind, kind)


def govdata_party_state(state: str) -> str:
    return {
        "unverified": tk._("Not verified yet"),
        "verified": tk._("Verified"),
        "closed": tk._("Closed"),
        "merged": tk._("Joined to another party"),
    }.get(state, state)


def govdata_party_role(role: str, confirmed: bool) -> str:
    """A role in a party; a claimed one says that it is not verified."""
    word = {
        "self": tk._("the person"),
        "legal_representative": tk._("legal representative"),
        "signer": tk._("authorised signer"),
        "member": tk._("member"),
    }.get(role, role)
    if role == "member" or confirmed:
        return word
    return tk._("{role}, not verified yet").format(role=word)


def govdata_party_case(kind: str) -> str:
    return {
        "identity": tk._("Identity of the party"),
        "representative": tk._("Legal representative"),
        "authorisation": tk._("Authorisation to sign"),
    }.get(kind, kind)


def govdata_party_case_state(state: str) -> str:
    return {
        "pending": tk._("waits for the operator"),
        "accepted": tk._("accepted"),
        "refused": tk._("refused"),
        "taken_back": tk._("taken back"),
    }.get(state, state)


def govdata_party_breaches() -> list[dict[str, str]]:
    """The kinds of breach for which a party is blocked."""
    return [
        {"key": "harm_to_others", "text": tk._("Harm to the rights of others")},
        {"key": "agreement_duties", "text": tk._("Breach of duties from an agreement")},
        {"key": "unlawful_gain", "text": tk._("Data got or used unlawfully")},
        {"key": "attack", "text": tk._("Attack on the portal")},
        {"key": "security_duties", "text": tk._("Breach of security duties")},
        {"key": "other_law", "text": tk._("Breach of other law")},
    ]


def govdata_party_breach(key: str) -> str:
    return next((one["text"] for one in govdata_party_breaches() if one["key"] == key), key)


def govdata_party_block_state(block: dict[str, Any]) -> str:
    """Where a block stands, in a sentence."""
    state = str(block.get("state"))
    if state == "in_force" and not block.get("decided"):
        return tk._("In force at once because of danger; a second person still decides.")
    return {
        "noticed": tk._("Notice given; not in force yet."),
        "in_force": tk._("In force."),
        "dropped": tk._("Dropped; it never came into force, or was not confirmed."),
        "lifted": tk._("Lifted."),
    }.get(state, state)


def govdata_party_document(key: str) -> str:
    """The name of a kind of document in the reader's language."""
    found = next((one for one in govdata_party_documents() if one["key"] == key), None)
    return found["title"] if found else key


def govdata_party_documents(kind: str = "") -> list[dict[str, Any]]:
    """The documents that a sort of party may have, all unless named, each with its `title`."""
    language = "en" if words.is_english() else "zh"
    rows = tk.get_action("govdata_party_document_list")({"user": ""}, {})
    return [{**row, "title": row[language]} for row in rows if kind in ("", row["kind"])]


def govdata_party_event(event: str) -> str:
    """An event of a party's history in words."""
    return _events().get(event, event)


def _events() -> dict[str, str]:
    return {
        "registered": tk._("Registered"),
        "renamed": tk._("Name changed"),
        "number-claimed": tk._("Number given"),
        "number-revealed": tk._("Operator looked at the number"),
        "evidence-seen": tk._("Operator looked at a proof"),
        "verification-asked": tk._("Proof handed in"),
        "verification-taken-back": tk._("Proof taken back"),
        "verification-accepted": tk._("Proof accepted"),
        "verification-refused": tk._("Proof refused"),
        "provider-verified": tk._("Verified by an identity service"),
        "provider-withdrew": tk._("Identity service no longer vouches"),
        "provider-conflict": tk._("Identity service names a number that another party has"),
        "invited": tk._("Invitation made"),
        "invitation-revoked": tk._("Invitation taken back"),
        "joined": tk._("Member joined"),
        "left": tk._("Member left"),
        "member-removed": tk._("Member removed"),
        "member-manages": tk._("Management handed over"),
        "authorisation-ended": tk._("Authorisation ended"),
        "closed": tk._("Closed"),
        "merge-proposed": tk._("Joining proposed"),
        "merged": tk._("Joined to another party"),
        "block-noticed": tk._("Notice of a block"),
        "blocked-in-danger": tk._("Blocked at once because of danger"),
        "block-replied": tk._("Reply to the notice"),
        "blocked": tk._("Blocked"),
        "block-dropped": tk._("Block dropped"),
        "block-appealed": tk._("Appeal made"),
        "block-appeal-refused": tk._("Appeal refused"),
        "block-lifted-on-appeal": tk._("Block lifted on appeal"),
        "block-lift-proposed": tk._("Lifting proposed"),
        "block-lifted": tk._("Block lifted"),
        "purged": tk._("Personal values deleted"),
    }


def govdata_party_next(party: dict[str, Any]) -> str:
    """The one next step, in a sentence; empty where there is none."""
    if party["state"] in ("closed", "merged"):
        return ""
    if party["blocked"]:
        return tk._("This party is blocked. Read why below; you may reply or appeal.")
    if any(case["state"] == "pending" for case in party["verifications"]):
        return tk._("A proof waits for the operator. You see the decision here.")
    if party["state"] == "unverified":
        return tk._("To apply for data under conditions, give the number and hand in the proof of identity.")
    if not party["may_sign"]:
        return tk._("To sign for this party, hand in the proof of your role.")
    return tk._("This party is verified and you may sign for it.")


HELPERS = (
    govdata_party_kind,
    govdata_party_state,
    govdata_party_role,
    govdata_party_case,
    govdata_party_case_state,
    govdata_party_breaches,
    govdata_party_breach,
    govdata_party_block_state,
    govdata_party_document,
    govdata_party_documents,
    govdata_party_event,
    govdata_party_next,
)
