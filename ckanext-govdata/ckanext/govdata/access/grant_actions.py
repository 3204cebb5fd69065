"""Actions on grants: seeing them, suspending, resuming and ending them, and inspections. None makes a grant by itself."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from .. import config
from ..catalogue.record import acting
from ..columns import now
from . import schema
from .domain import State
from .granting import record_step, request_inspection
from .model import Grant
from .shown import as_dict, as_dicts, visible, with_steps
from .steps import Command, step
from .telling import tell_agency


@tk.side_effect_free
@validate(schema.grants)
def govdata_grant_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Grants, the newest first: one's own and one's parties'; an agency's on its data; for operator and authority, all.

    :param id: name or id of a dataset, for its grants alone
    :param mine: one's own and one's parties' alone, whatever office one has
    :param kind: `agreement`, `sharing` or `inspection`
    :param state: `requested`, `running`, `suspended`, `revoked` or `refused`
    :param limit: how many, at most 1000
    :param offset: how many to leave out
    :returns: `count` and `results`; each with `party_name`, `user_name` or `agency_name`, and `standing`, which is the
        state, or `not_begun` or `ended` by the dates
    """
    tk.check_access("govdata_grant_list", context, data_dict)
    found = visible(context, data_dict["mine"])
    if data_dict.get("id"):
        package = model.Package.get(data_dict["id"])
        found = found.where(Grant.package_id == (package.id if package else ""))
    for name in ("kind", "state"):
        if data_dict.get(name):
            found = found.where(getattr(Grant, name) == data_dict[name])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    page = found.order_by(Grant.asked_at.desc()).limit(min(data_dict["limit"], 1000)).offset(data_dict["offset"])
    return {"count": count, "results": as_dicts(list(model.Session.scalars(page)))}


@tk.side_effect_free
@validate(schema.one)
def govdata_grant_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A grant with its steps: who brought it to which state, when and why.

    :param id: id of the grant
    :returns: the grant, with `steps`, and `used_today` where deliveries a day are limited
    """
    tk.check_access("govdata_grant_show", context, data_dict)
    row = model.Session.scalars(visible(context).where(Grant.id == data_dict["id"])).first()
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such grant that you may see."))
    return with_steps(row)


def _deciding(name: str, command: Command, words: str) -> Callable[..., Any]:
    @validate(schema.with_reason)
    def action(context: Context, data_dict: DataDict) -> dict[str, Any]:
        tk.check_access(name, context, data_dict)
        row = _locked(data_dict["id"])
        _take_step(row, command, acting(context), data_dict["reason"])
        model.Session.commit()
        return as_dict(row)

    action.__name__ = name
    action.__doc__ = words
    return action


govdata_grant_suspend = _deciding(
    "govdata_grant_suspend",
    Command.SUSPEND,
    """Suspend a grant at once (LYG-40): what runs under it is broken off within a second.

    :param id: id of the grant
    :param reason: the breach or the danger
    :returns: the grant
    """,
)
govdata_grant_resume = _deciding(
    "govdata_grant_resume",
    Command.RESUME,
    """Let a suspended grant go on; its end stays as it was.

    :param id: id of the grant
    :param reason: what was settled
    :returns: the grant
    """,
)
govdata_grant_revoke = _deciding(
    "govdata_grant_revoke",
    Command.REVOKE,
    """End a grant early, for good (LYG-40).

    :param id: id of the grant
    :param reason: the clause and the breach
    :returns: the grant
    """,
)


@validate(schema.inspection)
def govdata_inspection_request(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for leave to look into a dataset's data for an inspection (LYG-25, LYG-33); a second person decides.

    :param id: name or id of the dataset
    :param reason: why it is looked into
    :param days: for how many days, from now
    :returns: the grant, in the state `requested`
    """
    tk.check_access("govdata_inspection_request", context, data_dict)
    package = model.Package.get(data_dict["id"])
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    most = config.inspection_days()
    if not 1 <= data_dict["days"] <= most:
        raise tk.ValidationError({"days": [tk._("An inspection lasts 1 to {most} days.").format(most=most)]})
    end = now() + datetime.timedelta(days=data_dict["days"])
    row = request_inspection(package.id, acting(context), data_dict["reason"], end)
    tell_agency(row, acting(context))
    model.Session.commit()
    return as_dict(row)


@validate(schema.decision)
def govdata_inspection_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Allow or refuse an inspection, as the second person; the dataset's agency is told.

    :param id: id of the grant
    :param accept: whether it is allowed
    :param reason: why; needed for a refusal
    :returns: the grant
    """
    tk.check_access("govdata_inspection_decide", context, data_dict)
    row = _locked(data_dict["id"])
    by, accept = acting(context), data_dict["accept"]
    if accept and by in (row.asked_by, row.user_id):
        raise tk.ValidationError({"id": [tk._("You asked for this yourself. A second person has to decide it.")]})
    if not accept and not data_dict["reason"].strip():
        raise tk.ValidationError({"reason": [tk._("Say why the inspection is refused.")]})
    row.decided_by = by
    _take_step(row, Command.ALLOW if accept else Command.REFUSE, by, data_dict["reason"])
    tell_agency(row, by)
    model.Session.commit()
    return as_dict(row)


def _locked(grant_id: str) -> Grant:
    """The grant, held for this decision: of two at once the second finds what the first has made of it."""
    row = model.Session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such grant that you may see."))
    return row


def _take_step(row: Grant, command: Command, by: str, reason: str) -> None:
    before = State(row.state)
    after = step(before, command)
    if after is None:
        words = tk._("This grant is {state}; that cannot be done to it. Look at its steps.").format(state=before.value)
        model.Session.rollback()
        raise tk.ValidationError({"id": [words]})
    row.state = after.value
    record_step(row, by, reason)


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_grant_list": govdata_grant_list,
    "govdata_grant_show": govdata_grant_show,
    "govdata_grant_suspend": govdata_grant_suspend,
    "govdata_grant_resume": govdata_grant_resume,
    "govdata_grant_revoke": govdata_grant_revoke,
    "govdata_inspection_request": govdata_inspection_request,
    "govdata_inspection_decide": govdata_inspection_decide,
}
