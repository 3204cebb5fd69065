"""What the actions of cases look up by a reference: a dataset, a case, its row. What is none of theirs is not found."""

from __future__ import annotations

from typing import TypeVar

from ckan import model
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ..access.gate import is_absent_for
from ..workflow import cases
from ..workflow.model import Case

Row = TypeVar("Row")


def package_of(context: Context, reference: str) -> model.Package:
    """A dataset that the asker may know of; ObjectNotFound for one that they may not as for one that is not there."""
    package = model.Package.get(reference)
    user = context.get("auth_user_obj") or model.User.get(context.get("user") or "")
    if package is None or (not context.get("ignore_auth") and is_absent_for(package, user)):
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    return package


def case_of(machine: str, case_id: str) -> Case:
    """A case of this machine by its id; ObjectNotFound for all others."""
    case = cases.get(case_id)
    if case is None or case.machine != machine:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return case


def row_of(table: type[Row], case_id: str) -> Row:
    """A case's row in the table of its kind; ObjectNotFound where it has none."""
    row = model.Session.get(table, case_id)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return row
