"""The public register: how each application was decided (LYG-19: equal treatment, every decision on record)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...workflow.model import Case
from . import schema, shown
from .dataset import agency_title
from .domain import UNREGISTERED, outcome, register_words
from .model import Application

COLUMNS = (
    "received", "dataset", "title", "agency_title", "kind", "applicant_kind", "purpose", "purpose_title", "outcome",
    "decided", "days", "applicant", "scenario",
)  # fmt: skip
_MOST = 1000


@tk.side_effect_free
@validate(schema.public)
def govdata_register_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The public register of applications: dataset, agency, kind of applicant, purpose, working days, outcome.

    An enterprise's name and scenario stand in it only with its consent; a person's never.

    :param dataset: id of a dataset
    :param agency: id of an agency
    :param purpose: a code
    :param outcome: `approved`, `refused`, `withdrawn`, `pending`
    :param kind: `open` or `sharing`
    :param year: of the receipt
    :param limit: at most 1000, 20 unless given
    :param offset: how many to leave out at the beginning
    :returns: `count`, `results` (the newest first), and `figures`: how many by outcome
    """
    tk.check_access("govdata_register_list", context, data_dict)
    found = _wanted(data_dict)
    by_state = found.with_only_columns(Case.state, sa.func.count()).group_by(Case.state)
    figures: dict[str, int] = {}
    for state, number in model.Session.execute(by_state):
        figures[outcome(state)] = figures.get(outcome(state), 0) + number
    page = found.order_by(Application.received_at.desc(), Application.id)
    page = page.limit(min(data_dict["limit"], _MOST)).offset(data_dict["offset"])
    rows = [_line(row, case) for row, case in model.Session.execute(page)]
    return {"count": sum(figures.values()), "results": rows, "figures": figures}


def _wanted(data_dict: DataDict) -> sa.Select[Any]:
    found = sa.select(Application, Case).join(Case, Case.id == Application.id)
    found = found.where(Application.received_at.is_not(None), Case.state.not_in(list(UNREGISTERED)))
    # Data that is not open is no business of the public: sharing between agencies stands here for what is conditional.
    found = found.where(sa.or_(Application.kind == "open", Application.sharing_tier != "not_shared"))
    given = {
        Application.package_id: data_dict.get("dataset"),
        Case.agency: data_dict.get("agency"),
        Application.content["purpose"].astext: data_dict.get("purpose"),
        Application.kind: data_dict.get("kind"),
    }
    for column, value in given.items():
        if value:
            found = found.where(column == value)
    if str(data_dict.get("year") or "").isdigit():
        found = found.where(sa.extract("year", Application.received_at) == int(str(data_dict["year"])))
    if data_dict.get("outcome"):
        states = [state.name for state in _states() if outcome(state.name) == data_dict["outcome"]]
        found = found.where(Case.state.in_(states))
    return found


def _states() -> Any:
    from .machine import APPLICATION

    return APPLICATION.states


def _line(row: Application, case: Case) -> dict[str, Any]:
    enterprise, consent = row.party_kind == "enterprise", bool(row.content.get("consent"))
    name, scenario = register_words(enterprise, consent, shown.applicant_name(row), row.content.get("scenario", ""))
    if row.applicant_agency:
        name = agency_title(row.applicant_agency)
    return {
        "received": row.received_at.date().isoformat() if row.received_at else None,
        "decided": row.decided_at.date().isoformat() if row.decided_at else None,
        "dataset": row.package_id,
        "title": row.title,
        "agency": case.agency,
        "agency_title": agency_title(case.agency) or row.agency_title,
        "kind": row.kind,
        "applicant_kind": "agency" if row.applicant_agency else row.party_kind,
        "purpose": row.content.get("purpose", ""),
        "purpose_title": shown.purpose_title(row.content.get("purpose", "")),
        "days": row.days,
        "outcome": outcome(case.state),
        "applicant": name,
        "scenario": scenario,
    }


ACTIONS: dict[str, Callable[..., Any]] = {"govdata_register_list": govdata_register_list}
