"""Actions of requests for data: ask, find what is alike, add one's voice, handle, list, figures."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...access.gate import is_absent_for
from ...catalogue.record import acting
from ...clocks import keeping as clocks
from ...columns import now
from ...refusing import refuse
from ...roles.actors import actor_of_context
from ...roles.domain import Permission, Role, permits
from ...rules.working_days import day_in_shanghai
from ...workflow import cases
from ...workflow.errors import WorkflowError
from ...workflow.model import Case
from ...workflow.showing import as_action_error
from .. import identities, limits
from . import filing, finding, schema, showing
from .domain import AGENCY, ASKER, AUTHORITY, OPERATOR, PUBLIC, SUPPORTED_IN
from .machine import REQUEST
from .model import DataRequest

_MOST_ROWS = 1000
_LONGEST_PROMISE = datetime.timedelta(days=730)


@validate(schema.filing)
def govdata_request_file(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for data that no list has (YZ-28, GY-c5). The operator reads it before anybody else does.

    :param title: what is asked for, in at most 100 characters
    :param text: which data, with which items, for which time and place
    :param purpose: what it is for; never public
    :param agency: name or id of the agency that is likely to have it
    :returns: `number`
    """
    tk.check_access("govdata_request_file", context, data_dict)
    for name, most in filing.LONGEST.items():
        if len(data_dict[name]) > most:
            refuse(name, tk._("At most {number} characters.").format(number=most))
    agency = _agency(data_dict["agency"]) if data_dict["agency"] else None
    limits.demand("request")
    row = filing.file(acting(context), data_dict, agency)
    model.Session.commit()
    return {"number": row.number}


@tk.side_effect_free
@validate(schema.similar)
def govdata_request_similar(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Requests that ask for something similar, the most similar first, so that one joins rather than asks again.

    :param text: what is looked for
    :param limit: at most 20, 5 unless given
    :returns: lines as `govdata_request_list` gives them, each with `likeness` from 0 to 1
    """
    tk.check_access("govdata_request_similar", context, data_dict)
    near = finding.alike(data_dict["text"], min(data_dict["limit"], 20))
    lines = showing.public([(row, case) for _, row, case in near], actor_of_context(context).user_id)
    return [{**line, "likeness": round(one[0], 2)} for line, one in zip(lines, near, strict=True)]


@validate(schema.support)
def govdata_request_support(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Add one's voice to a request, or take it back: one voice an account.

    :param number: the request
    :param withdraw: true to take it back
    :returns: `number`, `voices`, `supported`
    """
    tk.check_access("govdata_request_support", context, data_dict)
    row, case = _found(data_dict["number"])
    if case.state not in PUBLIC:
        raise _absent()
    if case.state not in SUPPORTED_IN:
        refuse("number", tk._("This request is settled; voices are counted no more."))
    limits.demand("request-voice")
    # A request that is joined or settled at this moment takes no voice that would be lost.
    if cases.locked(case.id).state not in SUPPORTED_IN:
        refuse("number", tk._("This request is settled; voices are counted no more."))
    filing.support(row, acting(context), data_dict["withdraw"])
    model.Session.commit()
    return {"number": row.number, "voices": row.voices, "supported": not data_dict["withdraw"]}


@tk.side_effect_free
@validate(schema.listing)
def govdata_request_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Requests for data that are shown, those with most voices first, and how they were answered; no names of askers.

    :param q: words that title or text has
    :param state: `shown`, `agreed`, `fulfilled` or `refused`
    :param agency: name or id of an agency
    :param order: `voices`, `newest` or `promised`
    :param mine: one's own, shown or not
    :param limit: at most 1000, 20 unless given
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_request_list", context, data_dict)
    me = actor_of_context(context).user_id
    given = {name: data_dict[name] for name in ("q", "state", "order", "offset")}
    if data_dict["agency"]:
        group = model.Group.get(data_dict["agency"])
        given["agency"] = group.id if group else data_dict["agency"]
    mine = (me or "nobody") if data_dict["mine"] else ""
    count, page = finding.find(**given, limit=min(data_dict["limit"], _MOST_ROWS), mine=mine)
    return {"count": count, "results": showing.public(page, me)}


@tk.side_effect_free
@validate(schema.one)
def govdata_request_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One request: to everybody once it is shown; to whoever asked and to its handlers with the asker's words and the next steps.

    Of one that was joined to another, the public gets the other: its `number` says so.

    :param number: the request
    :returns: the list's line with `dataset`, `clocks`, `joined_to`; for asker and handlers `asked`, `events`, `next`
    """
    tk.check_access("govdata_request_show", context, data_dict)
    row, case, roles = _visible(context, data_dict["number"])
    return showing.whole(row, case, roles, actor_of_context(context).user_id)


@tk.side_effect_free
def govdata_request_figures(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How many requests were filed and shown, how they stand, with how many voices, and how many were answered in time.

    :returns: `filed`, `shown`, `states`, `voices`, `answered`, `in_time`
    """
    tk.check_access("govdata_request_figures", context, data_dict)
    return finding.figures()


@validate(schema.step)
def govdata_request_step(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a step: `show`, `turn-away`, `join` by the operator; `agree`, `refuse`, `fulfil` by the agency; see the machine.

    :param number: the request
    :param command: the step
    :param reason: with `refuse`, `pass-on`, `postpone`, `turn-away`; with the agency's steps everybody reads it
    :param title: with `show`, what everybody reads, without personal data; the asker's unless given
    :param text: likewise
    :param agency: with `show` and `pass-on`, name or id of the agency
    :param promised: with `agree` and `postpone`, the day by which the data is open
    :param dataset: with `fulfil`, name or id of the dataset that answers it
    :param into: with `join`, number of the request that it is joined to
    :returns: the request
    """
    tk.check_access("govdata_request_step", context, data_dict)
    row, case = _found(data_dict["number"])
    command, by = data_dict["command"], acting(context)
    if command == "file":
        refuse("command", tk._("Use the action for it."))
    prepared = _PREPARE.get(command, _nothing)(row, case, data_dict)
    if command != "turn-away":
        identities.demand_none(data_dict, "reason", "title", "text")
    try:
        cases.take(case.id, command, by, _role(context, case, command), reason=data_dict["reason"], facts=prepared)
    except WorkflowError as error:
        raise as_action_error(error) from error
    _FOLLOW[command](row, case, data_dict, by)
    model.Session.commit()
    return showing.whole(row, case, _roles(context, case), by)


def _nothing(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    return {}


def _prepare_show(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    """What is missing is refused before the case moves."""
    asked = showing.asked(row)
    given["title"], given["text"] = given["title"].strip() or asked["title"], given["text"].strip() or asked["text"]
    given["agency"] = _agency(given["agency"] or case.agency or "")
    return {"agency": given["agency"]}


def _prepare_pass_on(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    given["agency"] = _agency(given["agency"])
    return {"agency": given["agency"]}


def _prepare_promise(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    day = given["promised"].date() if given.get("promised") else None
    today = day_in_shanghai(now())
    if day is None or not today <= day <= today + _LONGEST_PROMISE:
        refuse("promised", tk._("Name the day by which the data is to be open, within two years."))
    given["promised"] = day
    return {"promised": day.isoformat()}


def _prepare_fulfil(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    package = model.Package.get(given["dataset"]) if given["dataset"] else None
    if package is None or package.state != "active" or is_absent_for(package, None):
        refuse("dataset", tk._("Name a dataset that everybody finds on this portal."))
    given["dataset"] = package.id
    return {"dataset": package.id}


def _prepare_join(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    found = finding.by_number(given["into"]) if given["into"] else None
    # Both are held, in one order, so that two are not joined to each other, nor one to what is being settled.
    both = sorted({row.case_id, found[0].case_id}) if found else []
    states = {one: cases.locked(one).state for one in both}
    if found is None or len(both) < 2 or states[found[0].case_id] not in SUPPORTED_IN:
        refuse("into", tk._("Name another request that is shown and not settled."))
    given["into"] = found[0]
    return {"into": found[0].case_id}


def _prepare_take_back(row: DataRequest, case: Case, given: DataDict) -> dict[str, Any]:
    cases.locked(case.id)
    model.Session.refresh(row)
    if row.voices > 1:
        refuse("number", tk._("Others ask for this too, so it stays. Take your own voice back instead."))
    return {}


_PREPARE: dict[str, Callable[[DataRequest, Case, DataDict], dict[str, Any]]] = {
    "show": _prepare_show,
    "pass-on": _prepare_pass_on,
    "agree": _prepare_promise,
    "postpone": _prepare_promise,
    "fulfil": _prepare_fulfil,
    "join": _prepare_join,
    "take-back": _prepare_take_back,
}


def _agree(row: DataRequest, case: Case, given: DataDict, by: str) -> None:
    row.promised = given["promised"]
    filing.answered(row, given["reason"], by)
    filing.tell_askers(row, "request_agreed", {"day": given["promised"].isoformat(), "reply": given["reason"]})


def _refused(row: DataRequest, case: Case, given: DataDict, by: str) -> None:
    filing.answered(row, given["reason"], by)
    filing.tell_askers(row, "request_refused", {"reply": given["reason"]})


def _fulfil(row: DataRequest, case: Case, given: DataDict, by: str) -> None:
    row.package_id = given["dataset"]
    filing.answered(row, given["reason"] or row.reply, by)
    package = model.Session.get_one(model.Package, given["dataset"])
    facts = {"dataset": package.title or package.name}
    filing.tell_askers(row, "request_fulfilled", facts, link=f"/dataset/{package.name}")


def _away(row: DataRequest, case: Case, given: DataDict, by: str) -> None:
    clocks.end(row.case_id, by=by)
    if given["command"] == "turn-away":
        filing.tell_askers(row, "request_not_shown", {"reply": given["reason"]})


_FOLLOW: dict[str, Callable[[DataRequest, Case, DataDict, str], None]] = {
    "show": lambda row, case, given, by: filing.show(row, case, given["title"], given["text"], given["agency"], by),
    "pass-on": lambda row, case, given, by: filing.pass_on(row, case, given["agency"], given["reason"], by),
    "agree": _agree,
    "postpone": _agree,
    "refuse": _refused,
    "fulfil": _fulfil,
    "join": lambda row, case, given, by: filing.join(row, given["into"]),
    "turn-away": _away,
    "take-back": _away,
}


def _found(number: str) -> tuple[DataRequest, Case]:
    found = finding.by_number(number)
    if found is None:
        raise _absent()
    return found


def _visible(context: Context, number: str) -> tuple[DataRequest, Case, frozenset[str]]:
    """A request that somebody may see, and in which roles; in place of one that was joined, that in which it goes on."""
    row, case = _found(number)
    roles = _roles(context, case)
    while not roles and case.state not in PUBLIC:
        # What is joined is joined for good, and to one that was not: this ends.
        joined = finding.goes_on_in(row)
        if joined is None:
            raise _absent()
        row, case = joined
        roles = _roles(context, case)
    return row, case, roles


def _absent() -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There is no such request, or it is not shown yet."))


def _roles(context: Context, case: Case) -> frozenset[str]:
    """In which roles somebody stands to a request; none for the public."""
    actor = actor_of_context(context)
    held = {ASKER} if actor.user_id and case.opened_by == actor.user_id else set()
    if case.agency in actor.agencies and permits(actor, Permission.REQUEST_HANDLE, case.agency).allowed:
        held.add(AGENCY)
    held |= {OPERATOR} if Role.OPERATOR in actor.roles else set()
    return frozenset(held | ({AUTHORITY} if Role.AUTHORITY in actor.roles else set()))


def _role(context: Context, case: Case, command: str) -> str:
    """The role in which the step can be taken, where the actor has one; else any, for the refusal's words."""
    held = _roles(context, case)
    step = REQUEST.step(case.state, command)
    fitting = sorted(held & step.roles) if step else []
    return (fitting or sorted(held) or [ASKER])[0]


def _agency(reference: str) -> str:
    group = model.Group.get(reference) if reference else None
    if group is None or not group.is_organization or group.state != "active":
        refuse("agency", tk._("Choose one of the agencies."))
    return group.id


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_request_file,
        govdata_request_similar,
        govdata_request_support,
        govdata_request_list,
        govdata_request_show,
        govdata_request_figures,
        govdata_request_step,
    )
}
