"""An agency renamed, merged or split, an officer who leaves: cases pass to the successor by one act, on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...catalogue.record import acting
from ...clocks import keeping
from ...ledger import journal
from ...workflow import cases
from ...workflow.model import Case
from . import schema


@validate(schema.succession)
def govdata_succession(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Pass cases to a successor: an agency's to another agency, or an officer's to another officer. Steps stay as they were.

    :param agency: name or id of the agency that has ended or given up a task
    :param successor: name or id of the agency that takes over
    :param officer: name or id of the officer who leaves
    :param successor_officer: name or id of the officer who takes over
    :param reason: the document that it rests on
    :returns: `cases`, `clocks`: how many passed over
    """
    tk.check_access("govdata_succession", context, data_dict)
    by, reason = acting(context), data_dict["reason"].strip()
    if data_dict.get("agency") and data_dict.get("successor"):
        found = _agencies(data_dict["agency"], data_dict["successor"], by, reason)
    elif data_dict.get("officer") and data_dict.get("successor_officer"):
        found = _officers(data_dict["officer"], data_dict["successor_officer"], by, reason)
    else:
        words = tk._("Name the agency and its successor, or the officer and the successor.")
        raise tk.ValidationError({"agency": [words]})
    model.Session.commit()
    return found


def _agencies(old: str, new: str, by: str, reason: str) -> dict[str, int]:
    before, after = _group(old, "agency"), _group(new, "successor")
    if before.id == after.id:
        raise tk.ValidationError({"successor": [tk._("This is the same agency.")]})
    rows = sa.select(Case).where(Case.agency == before.id).order_by(Case.id).with_for_update()
    passed = [_hand_over(case, by, reason, agency=after.id) for case in model.Session.scalars(rows).all()]
    clocks = keeping.hand_over(before.id, after.id, by=by)
    fields = {"govdata.agency.id": after.id, "govdata.agency.before": before.id, "govdata.cases": len(passed)}
    journal.change("agency-succeeded", by, fields, {"govdata.reason": reason})
    return {"cases": len(passed), "clocks": clocks}


def _officers(old: str, new: str, by: str, reason: str) -> dict[str, int]:
    before, after = _user(old, "officer"), _user(new, "successor_officer")
    rows = sa.select(Case).where(Case.officer == before.id).order_by(Case.id).with_for_update()
    passed = [_hand_over(case, by, reason, officer=after.id) for case in model.Session.scalars(rows).all()]
    fields = {"govdata.officer.id": after.id, "govdata.officer.before": before.id, "govdata.cases": len(passed)}
    journal.change("officer-succeeded", by, fields, {"govdata.reason": reason})
    return {"cases": len(passed), "clocks": 0}


def _hand_over(case: Case, by: str, reason: str, **to: str) -> Case:
    cases.hand_over(case, by, reason=reason, **to)
    return case


def _group(reference: str, field: str) -> model.Group:
    found = model.Group.get(reference)
    if found is None or not found.is_organization:
        raise tk.ValidationError({field: [tk._("There is no such agency.")]})
    return found


def _user(reference: str, field: str) -> model.User:
    found = model.User.get(reference)
    if found is None:
        raise tk.ValidationError({field: [tk._("There is no such user.")]})
    return found


ACTIONS: dict[str, Callable[..., Any]] = {"govdata_succession": govdata_succession}
