"""Agreements as actions answer them."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ...access.parties.model import Party
from ...clocks.views import due_of, explained
from ...workflow import cases, showing
from ...workflow.model import Case
from ..applications.shown import waits_for
from ..texts.vocabulary import read_conditions, words
from .model import Agreement, Obligation
from .standing import Place
from .steps import last_day
from .waiting import waiting


def brief(row: Agreement, case: Case) -> dict[str, Any]:
    """A line of a list."""
    own = showing.case_as_dict(case)
    party = model.Session.get(Party, row.party_id)
    return {
        **{name: own[name] for name in ("id", "state", "state_title", "final", "opened_at", "moved_at", "agency")},
        "title": row.title,
        "dataset": row.package_id,
        "application": row.application_id,
        "document": row.document,
        "party": row.party_id,
        "party_name": party.name if party else "",
        "starts_at": f"{row.starts_at.isoformat()}Z",
        "ends_at": f"{row.ends_at.isoformat()}Z",
        "last_day": last_day(row).isoformat(),
        "operation": row.operation,
    }


def whole(place: Place) -> dict[str, Any]:
    """An agreement with its terms, duties, clock, steps, and what the asker can do next."""
    row, case = place.row, place.case
    view = due_of([row.id]).get(row.id)
    terms = {
        name: getattr(row, name) for name in ("items", "files", "modes", "addresses", "quota", "supersedes", "sha256")
    }
    return {
        **brief(row, case),
        **terms,
        "clauses": list(row.clauses),
        "conditions": [{"code": str(one), "label": words(one, "label")} for one in read_conditions(row.conditions)],
        "obligations": [obligation(one) for one in obligations_of(row.id)],
        "due": explained(view),
        "waits_for": waits_for(waiting(case.state), place.roles),
        "steps": [showing.event_as_dict(one) for one in cases.events(row.id)],
        "next": showing.next_steps(case, place.roles, place.actor.user_id or ""),
    }


def obligations_of(agreement_id: str) -> list[Obligation]:
    """An agreement's duties, by date."""
    rows = sa.select(Obligation).where(Obligation.agreement_id == agreement_id).order_by(Obligation.due)
    return list(model.Session.scalars(rows))


def obligation(row: Obligation) -> dict[str, Any]:
    met: datetime.datetime | None = row.met_at
    return {
        "id": row.id,
        "duty": row.duty,
        "due": row.due.isoformat(),
        "met_at": f"{met.isoformat()}Z" if met else None,
        "words": row.words,
    }
