"""What the actions of objections look up: a dataset, a case, an objection; ObjectNotFound where there is none."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ...access.gate import is_absent_for
from ...workflow import cases
from ...workflow.model import Case
from .domain import MACHINE
from .model import Objection


def package(context: Context, reference: str) -> model.Package:
    """A dataset that somebody may know of; one that they may not is absent as one that is not there."""
    found = model.Package.get(reference)
    user = context.get("auth_user_obj") or model.User.get(context.get("user") or "")
    if found is None or is_absent_for(found, user):
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    return found


def case(case_id: str) -> Case:
    """An objection's case by its id."""
    found = cases.get(case_id)
    if found is None or found.machine != MACHINE:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return found


def objection(case_id: str) -> Objection:
    """The objection of a case by the case's id."""
    row = model.Session.get(Objection, case_id)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return row
