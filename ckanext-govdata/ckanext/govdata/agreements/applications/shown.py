"""Applications as actions answer them."""

from __future__ import annotations

import datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit as tk
from flask import has_request_context

from ...access.parties.model import Party
from ...clocks.views import View
from ...workflow import cases, showing
from ...workflow.model import Case
from .attaching import as_dict as file_as_dict
from .attaching import files_of
from .dataset import agency_title
from .domain import outcome
from .machine import APPLICANT
from .model import Application
from .standing import Place
from .vocabulary import purposes


def brief(row: Application, case: Case, view: View | None = None) -> dict[str, Any]:
    """A line of a list."""
    own = showing.case_as_dict(case)
    purpose = row.content.get("purpose", "")
    return {
        **{name: own[name] for name in ("id", "state", "state_title", "final", "officer", "opened_at", "moved_at")},
        "kind": row.kind,
        "dataset": row.package_id,
        "title": row.title,
        "agency": case.agency,
        "agency_title": agency_title(case.agency) or row.agency_title,
        "party": row.party_id,
        "applicant": applicant_name(row),
        "applicant_agency": row.applicant_agency,
        "purpose": purpose,
        "purpose_title": purpose_title(purpose),
        "received_at": _moment(row.received_at),
        "decided_at": _moment(row.decided_at),
        "outcome": outcome(case.state),
        "due": view.as_dict() if view else None,
    }


def whole(place: Place, view: View | None = None) -> dict[str, Any]:
    """An application with its content, files, steps, and what the asker can do next. Advice is the agency's own."""
    row, case = place.row, place.case
    acting = place.actor.user_id or ""
    applicant = APPLICANT in place.roles
    return {
        **brief(row, case, view),
        "sharing_tier": row.sharing_tier,
        "content": dict(row.content),
        "conditions": dict(row.conditions),
        "missing": list(row.missing),
        "pack": row.pack,
        "demands": case.demands,
        "files": [file_as_dict(one) for one in files_of(row.id)],
        "steps": [
            showing.event_as_dict(one)
            for one in cases.events(row.id)
            if not (applicant and one.command in ("advise", "ask-extension"))
        ],
        "next": showing.next_steps(case, place.roles, acting),
        "remedies": remedies() if case.state in ("refused", "refused_again", "upheld") else None,
    }


def remedies() -> dict[str, str]:
    """What stays open beside the portal's own appeal; each refusal and each answer to an appeal names it."""
    return {
        "appeal": tk._(
            "The appeal to the authority is the portal's own. The authority lets the refusal stand or sends it back; it does"
            " not decide for the agency."
        ),
        "law": tk._(
            "Beside it, administrative reconsideration (行政复议) and an action before the people's court (行政诉讼) remain open,"
            " within their own time limits; an appeal does not prolong them."
        ),
    }


def applicant_name(row: Application) -> str:
    if row.applicant_agency:
        return agency_title(row.applicant_agency)
    party = model.Session.get(Party, row.party_id) if row.party_id else None
    return party.name if party else ""


def purpose_title(code: str) -> str:
    """A purpose in the reader's language."""
    purpose = purposes().get(code)
    if purpose is None:
        return code
    language = str(tk.h.lang()) if has_request_context() else str(tk.config.get("ckan.locale_default"))
    return purpose.label["zh" if language.startswith("zh") else "en"]


def _moment(value: datetime.datetime | None) -> str | None:
    return f"{value.isoformat()}Z" if value else None
