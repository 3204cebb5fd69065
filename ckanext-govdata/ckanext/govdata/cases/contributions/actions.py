"""Actions of contributions: hand in, change, delete, report, show, hide, answer, list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from ...access.gate import is_absent_for, is_shut
from ...catalogue.record import acting
from ...refusing import refuse
from ...roles.actors import actor_of_context
from ...roles.domain import Permission, Role, permits
from ...workflow import cases
from ...workflow.errors import WorkflowError
from ...workflow.model import Case
from ...workflow.showing import as_action_error
from .. import identities, limits
from ..known import package_of
from . import keeping, schema
from .domain import AGENCY, AUTHOR, MACHINE, OPERATOR, READER, Kind, mistakes
from .machine import CONTRIBUTION
from .model import ONE_RATING, Contribution

_MOST_ROWS = 200


@validate(schema.handing_in)
def govdata_contribution_hand_in(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say something of a dataset (LYG-18, LYG-29): the operator reads it first, then it stands under a pseudonym.

    :param id: name or id of the dataset
    :param kind: `rating`, `question`, `suggestion` or `reuse`
    :param stars: with a rating, 1 to 5; an account rates a dataset once
    :param title: with a reuse, what it is called
    :param text: what is said; a rating may have none
    :param url: with a reuse, its address
    :returns: the contribution
    """
    tk.check_access("govdata_contribution_hand_in", context, data_dict)
    package, by = package_of(context, data_dict["id"]), acting(context)
    if data_dict["kind"] not in {one.value for one in Kind}:
        words = tk._("Choose one of: {reasons}.").format(reasons=", ".join(one.value for one in Kind))
        refuse("kind", words)
    kind = Kind(data_dict["kind"])
    _check(kind, data_dict)
    if package.owner_org in actor_of_context(context).agencies:
        refuse("id", tk._("This is your own agency's data. Others say what they think of it; you answer."))
    if kind is Kind.RATING and _own_rating(package.id, by):
        refuse("stars", tk._("You have rated this data. Change your rating instead."))
    limits.demand("contribution")
    try:
        row = keeping.hand_in(package, by, kind, data_dict)
        model.Session.commit()
    except IntegrityError as error:
        if ONE_RATING not in str(error.orig):
            raise
        refuse("stars", tk._("You have rated this data. Change your rating instead."))  # at this very moment
    return _shown(context, row.case_id)


@validate(schema.editing)
def govdata_contribution_edit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change what one has said; the operator reads it again before it is shown.

    :param id: id of the contribution
    :param stars: as when it was handed in
    :param title: likewise
    :param text: likewise
    :param url: likewise
    :returns: the contribution
    """
    tk.check_access("govdata_contribution_edit", context, data_dict)
    row, case = _found(context, data_dict["id"])
    _check(Kind(row.kind), data_dict)
    limits.demand("contribution")
    _take(context, case, "edit", "")
    keeping.rewrite(row, data_dict)
    keeping.follow(row, case, "edit", "", acting(context))
    model.Session.commit()
    return _shown(context, case.id)


@validate(schema.step)
def govdata_contribution_step(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a step: `delete` by the author, `report` by any reader, `show` and `hide` by the operator, `answer` by the agency.

    :param id: id of the contribution
    :param command: the step
    :param reason: with `hide` why, for the author; with `answer` the answer, which everybody reads; with `report` why
    :param seen: `at` of what one has read; where its author has changed it since, nothing is done
    :returns: the contribution, where it is still there
    """
    tk.check_access("govdata_contribution_step", context, data_dict)
    row, case = _found(context, data_dict["id"])
    command, reason = data_dict["command"], data_dict["reason"].strip()
    if command in ("hand-in", "edit"):
        refuse("command", tk._("Use the action for it."))
    if command == "answer":
        identities.demand_none(data_dict, "reason")
    if command == "report":
        limits.demand_length(data_dict, reason=2000)
        limits.demand("contribution-report")
    _take(context, case, command, reason)
    model.Session.refresh(row)
    if data_dict["seen"] and data_dict["seen"] != keeping.moment_of(row):
        refuse("seen", tk._("Its author has changed it just now. Read it once more."))
    keeping.follow(row, case, command, reason, acting(context))
    model.Session.commit()
    return _shown(context, case.id) if row.living else {"id": case.id, "state": case.state}


@tk.side_effect_free
@validate(schema.one)
def govdata_contribution_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A contribution as its author and those see it who handle it; to other readers once it is shown.

    :param id: id of the contribution
    :returns: the list's line with `state`, `clocks`, `next`, and for handlers `events`
    """
    tk.check_access("govdata_contribution_show", context, data_dict)
    return _shown(context, data_dict["id"])


@tk.side_effect_free
@validate(schema.listing)
def govdata_contribution_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What is shown of a dataset, or of all, the newest first, under pseudonyms; or one's own, shown or not.

    :param id: name or id of a dataset
    :param kind: one kind
    :param mine: one's own
    :param limit: at most 200, 20 unless given
    :param offset: how many to leave out
    :returns: `count` and `results`; with a dataset `summary`
    """
    tk.check_access("govdata_contribution_list", context, data_dict)
    me = actor_of_context(context).user_id
    package = package_of(context, data_dict["id"]) if data_dict["id"] else None
    if package is not None and is_shut(package.id):
        return {"count": 0, "results": [], "summary": {"kinds": {}, "ratings": 0, "stars": None}}
    author = (me or "nobody") if data_dict["mine"] else ""
    page = (min(data_dict["limit"], _MOST_ROWS), data_dict["offset"])
    count, rows = keeping.find(package.id if package else "", data_dict["kind"], author, *page)
    found: dict[str, Any] = {"count": count, "results": keeping.lines(rows, me)}
    return {**found, "summary": keeping.summary(package.id)} if package else found


def _shown(context: Context, case_id: str) -> dict[str, Any]:
    row, case = _found(context, case_id)
    return keeping.whole(row, case, _roles(context, case, row), acting(context))


def _found(context: Context, case_id: str) -> tuple[Contribution, Case]:
    """A contribution that this reader may see; one that is not shown is for its author and its handlers."""
    row, case = model.Session.get(Contribution, case_id), cases.get(case_id)
    if row is None or case is None or case.machine != MACHINE or not row.living:
        raise _absent()
    handles = _roles(context, case, row) - {READER}
    package = model.Session.get(model.Package, row.package_id)
    hidden = is_absent_for(package, context.get("auth_user_obj") or model.User.get(context.get("user") or ""))
    if not handles and (not row.visible or hidden or is_shut(row.package_id)):
        raise _absent()
    return row, case


def _absent() -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There is nothing here, or it is not shown."))


def _roles(context: Context, case: Case, row: Contribution) -> frozenset[str]:
    actor = actor_of_context(context)
    if not actor.user_id:
        return frozenset()
    if row.author == actor.user_id:
        return frozenset({AUTHOR})
    held = {READER}
    if case.agency in actor.agencies and permits(actor, Permission.CONTRIBUTION_HANDLE, case.agency).allowed:
        held.add(AGENCY)
    return frozenset(held | ({OPERATOR} if Role.OPERATOR in actor.roles else set()))


def _take(context: Context, case: Case, command: str, reason: str) -> None:
    held = _roles(context, case, model.Session.get_one(Contribution, case.id))
    step = CONTRIBUTION.step(case.state, command)
    fitting = sorted(held & step.roles) if step else []
    try:
        cases.take(case.id, command, acting(context), (fitting or sorted(held) or [READER])[0], reason=reason)
    except WorkflowError as error:
        raise as_action_error(error) from error


def _own_rating(package_id: str, by: str) -> bool:
    own = (Contribution.package_id == package_id, Contribution.author == by, Contribution.kind == Kind.RATING.value)
    return bool(model.Session.scalar(sa.select(sa.exists().where(*own, Contribution.living))))


def _check(kind: Kind, given: DataDict) -> None:
    identities.demand_none(given, "title", "text")
    found = mistakes(kind, given)
    if found:
        model.Session.rollback()
        raise tk.ValidationError({name: [tk._(words)] for name, words in found.items()})


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_contribution_hand_in,
        govdata_contribution_edit,
        govdata_contribution_step,
        govdata_contribution_show,
        govdata_contribution_list,
    )
}
