"""Applications as actions answer them."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from flask import has_request_context

from ... import config
from ...access.parties.model import Party
from ...clocks.views import View, explained
from ...columns import now
from ...rules.working_days import day_in_shanghai
from ...workflow import cases, showing
from ...workflow.model import Case
from ..life.model import Agreement
from .attaching import as_dict as file_as_dict
from .attaching import files_of
from .dataset import agency_title
from .domain import APPEAL_DAYS, Kind, Offer, content_from, outcome, returnable
from .machine import APPLICANT, DECIDER, REVIEWER
from .model import Application
from .standing import Place
from .vocabulary import purposes
from .waiting import Waiting, waiting


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
        "waits_for": waits_for(waiting(case.state, sharing=row.kind == Kind.SHARING.value)),
    }


def waits_for(next_step: Waiting, roles: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The next step in the reader's language: `who` has it, `words`, and whether it is the asker's (`yours`)."""
    return {
        "who": next_step.who,
        "words": tk._(next_step.words).format(days=APPEAL_DAYS),
        "yours": next_step.is_for(roles),
    }


def whole(place: Place, view: View | None = None) -> dict[str, Any]:
    """An application with its content, files, steps, and what the asker can do next. Advice is the agency's own."""
    row, case = place.row, place.case
    applicant = APPLICANT in place.roles
    next_step = waiting(case.state, sharing=row.kind == Kind.SHARING.value, agreement=_agreement_state(row.id))
    return {
        **brief(row, case, view),
        "due": explained(view),
        "waits_for": waits_for(next_step, place.roles),
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
        "next": _next(place),
        "returnable": _returnable(row),
        "officers": officers_of(case.agency) if place.roles & {REVIEWER, DECIDER} else [],
        "remedies": remedies() if case.state in ("refused", "refused_again", "upheld") else None,
    }


def _agreement_state(application_id: str) -> str:
    """The state of the newest agreement on an application; empty where there is none."""
    rows = sa.select(Agreement.state).join(Case, Case.id == Agreement.id)
    rows = rows.where(Agreement.application_id == application_id).order_by(Case.opened_at.desc(), Case.id)
    return model.Session.scalars(rows).first() or ""


def _next(place: Place) -> list[dict[str, Any]]:
    """What the asker can do now: open data comes by agreement and is no dispute on sharing; time is extended when asked for."""
    found = showing.next_steps(place.case, place.roles, place.actor.user_id or "")
    asked = any(one.command == "ask-extension" for one in cases.events(place.row.id))
    idle = {"supply", "coordinate"} if place.row.kind == Kind.OPEN.value else set()
    idle |= set() if asked else {"extend"}
    return [one for one in found if one["command"] not in idle]


def _returnable(row: Application) -> dict[str, str]:
    """The fields of the form that a return may name, in the reader's language; the published conditions come beside them."""
    pack = config.rule_pack(day_in_shanghai(row.received_at or now()))
    offer = Offer(frozenset(row.offered), row.conditions)
    return {
        name: tk._(words) for name, words in returnable(content_from(row.content), offer, Kind(row.kind), pack).items()
    }


def officers_of(agency: str | None) -> list[dict[str, str]]:
    """An agency's publishers and deciders, to whom an application can be given."""
    rows = sa.select(model.User).join(model.Member, model.Member.table_id == model.User.id)
    rows = rows.where(
        model.Member.group_id == (agency or ""),
        model.Member.table_name == "user",
        model.Member.state == "active",
        model.Member.capacity.in_(("editor", "admin")),
        model.User.state == "active",
    )
    return [{"id": one.id, "name": one.display_name} for one in model.Session.scalars(rows.order_by(model.User.name))]


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
