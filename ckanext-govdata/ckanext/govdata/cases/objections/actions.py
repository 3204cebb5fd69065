"""Actions of objections: file, follow by number and code, ask to look again, handle, and the public register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...access.parties.standing import is_verified
from ...catalogue.record import acting
from ...ledger import journal
from ...refusing import refuse
from ...roles.actors import actor_of_context
from ...roles.domain import Role
from ...workflow import cases, queries
from ...workflow.domain import Apart
from ...workflow.errors import SamePerson, WorkflowError
from ...workflow.model import Case
from ...workflow.showing import as_action_error
from .. import identities, limits
from ..known import case_of, package_of, row_of
from ..numbering import is_code
from ..withdrawal import reports
from . import changes, correction_actions, doubts, filing, register, schema, settling, showing
from .auth import agencies_seen
from .domain import AGENCY, AUTHORITY, MACHINE, OBJECTOR, OPEN_IN, OPERATOR, VISITOR, Reason
from .machine import OBJECTION
from .model import Objection

_MOST_ROWS = 200
_T = TypeVar("_T")


@validate(schema.filing)
def govdata_objection_file(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Object to a dataset, a file, data items or single rows (LYG-20, GY-c5). Anybody may, without signing in.

    What is said to be personal or secret goes straight to those who look into leaks: no register has it until the dataset is
    shut or found to be without a leak, and none ever says the reason or where.

    :param id: name or id of the dataset
    :param reason: wrong, missing, outdated, unreadable, duplicate, unexplained, personal or secret
    :param text: what is wrong, for those who handle it; never public
    :param resource: id of the file
    :param version: number of the file's version, where it is an older one
    :param own_right: a right of one's own is concerned; only for whoever is verified, and the handlers read who objects
    :param items: names of data items, one a line
    :param rows: keys of rows, one a line; register and ledger hold salted commitments alone
    :param sharing: as an officer of an agency with which the data is shared: a doubt that is settled in the city's days (YZ-25)
    :param evidence: a PDF, JPEG or PNG; and `evidence_2`, `evidence_3`
    :returns: `number` and `code`, by which it is followed; and `leak` where it is looked into as one
    """
    tk.check_access("govdata_objection_file", context, data_dict)
    if data_dict["reason"] not in {one.value for one in Reason}:
        words = tk._("Choose one of: {reasons}.").format(reasons=", ".join(one.value for one in Reason))
        raise tk.ValidationError({"reason": [words]})
    limits.demand_length(data_dict, text=8000, items=8000, rows=20_000)
    package = package_of(context, data_dict["id"])
    if Reason(data_dict["reason"]).goes_to_withdrawal:
        made = tk.get_action("govdata_withdrawal_report")(context, filing.as_report(package, data_dict))
        return {"leak": True, "number": made["number"], "code": made["code"]}
    actor = actor_of_context(context)
    if data_dict["own_right"]:
        _demand_identity(actor.user_id)
    limits.demand("objection")
    agency = doubts.using_agency(package, actor) if data_dict["sharing"] else None
    row, code = filing.file(package, actor.user_id or VISITOR, data_dict, agency)
    model.Session.commit()
    return {"number": row.number, "code": code}


def _demand_identity(user_id: str | None) -> None:
    if user_id is None:
        refuse(
            "own_right",
            tk._("Sign in to object for a right of your own: those who handle it have to know who you are."),
        )
    if not is_verified(user_id):
        refuse(
            "own_right",
            tk._(
                "Have yourself verified under “My parties” to object for a right of your own, or leave this unticked."
            ),
        )


def _followed(data_dict: DataDict, find: Callable[[str, str], _T | None]) -> _T:
    """What is found by number and code; a wrong code answers like a number that is not there."""
    limits.demand_few_misses("objection-code")
    found = find(data_dict["number"], data_dict["code"])
    if found is None:
        limits.missed("objection-code")
        raise tk.ObjectNotFound(tk._("There is no objection or report with this number and code."))
    return found


def _by_number(number: str, code: str) -> Objection | None:
    row = model.Session.scalars(sa.select(Objection).where(Objection.number == number.strip().upper())).first()
    return row if row is not None and is_code(row.code, code) else None


@validate(schema.following)
def govdata_objection_follow(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How one's objection, or one's report of a leak, stands, by its number and code.

    :param number: as it was answered when it was filed
    :param code: likewise
    :returns: the register's line, with `may_ask_again`
    """
    tk.check_access("govdata_objection_follow", context, data_dict)
    if reports.is_number(data_dict["number"]):
        return reports.for_reporter(_followed(data_dict, reports.by_number))
    row = _followed(data_dict, _by_number)
    case = case_of(MACHINE, row.case_id)
    return {**showing.public(row, case), "may_ask_again": case.state in ("declined", "unfounded", "corrected")}


@validate(schema.again)
def govdata_objection_look_again(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask the authority to look again at one's objection, or at one's report that was found to be of no leak.

    :param number: as it was answered when it was filed
    :param code: likewise
    :param reason: why
    :returns: as `govdata_objection_follow`
    """
    tk.check_access("govdata_objection_look_again", context, data_dict)
    limits.demand_length(data_dict, reason=8000)
    by = actor_of_context(context).user_id or VISITOR
    if reports.is_number(data_dict["number"]):
        return _leak_again(_followed(data_dict, reports.by_number), data_dict["reason"], by)
    row = _followed(data_dict, _by_number)
    limits.demand("objection")
    filing.say_again(row, data_dict["reason"])
    _take(row, case_of(MACHINE, row.case_id), "look-again", by, OBJECTOR, filing.SEALED)
    return {**showing.public(row, case_of(MACHINE, row.case_id)), "may_ask_again": False}


def _leak_again(row: reports.Report, text: str, by: str) -> dict[str, Any]:
    limits.demand("leak-report")
    if not reports.for_reporter(row)["may_ask_again"]:
        refuse("reason", tk._("Nobody has found yet that there is no leak. Ask again when that is the answer."))
    try:
        reports.look_again(row, text, by)
    except WorkflowError as error:
        raise as_action_error(error) from error
    model.Session.commit()
    return reports.for_reporter(row)


def _take(row: Objection, case: Case, command: str, by: str, role: str, reason: str, version: str = "") -> None:
    facts: dict[str, Any] = {"version": version} if version else {}
    if command == "correct":
        settling.know_holders()
        facts["changes"] = changes.since_filed(row)
        if not facts["changes"] and not version.strip():
            # What was corrected elsewhere, or in the entry itself, nobody finds unless it is said.
            refuse("version", tk._("No file was replaced since the objection came in. Say which version has it right."))
    try:
        event = cases.take(case.id, command, by, role, reason=reason, facts=facts)
    except WorkflowError as error:
        raise as_action_error(error) from error
    settling.follow(row, case, event, facts)
    model.Session.commit()


@validate(schema.step)
def govdata_objection_step(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a step: `accept`, `decline`, `correct`, `uphold-data` by the agency, `close`, `send-back` by the authority.

    :param id: id of the case
    :param command: the step
    :param reason: with `decline`, `correct` and `uphold-data` the public reply, without personal data
    :param version: with `correct`, which version has it right, such as a file's name or id; needed where no file was replaced
    :returns: the case
    """
    tk.check_access("govdata_objection_step", context, data_dict)
    case, row = case_of(MACHINE, data_dict["id"]), row_of(Objection, data_dict["id"])
    if data_dict["command"] in ("file", "look-again"):
        raise tk.ValidationError({"command": [tk._("Use the action for it.")]})
    identities.demand_none(data_dict, "reason", "version")
    _demand_another(case, data_dict["command"], acting(context))
    role = _role(context, case, data_dict["command"])
    _take(row, case, data_dict["command"], acting(context), role, data_dict["reason"], data_dict["version"])
    return _shown(context, case.id)


def _objectors(case: Case) -> set[str]:
    """Who objects, and who has spoken as the objector by number and code."""
    spoke = {one.done_by for one in cases.events(case.id) if one.role == OBJECTOR}
    return ({case.opened_by} | spoke) - {VISITOR}


def _demand_another(case: Case, command: str, by: str) -> None:
    """Whoever filed without an account and asked again with one is the objector all the same, and decides nothing."""
    step = OBJECTION.step(case.state, command)
    if step is not None and step.apart is Apart.OPENER and by in _objectors(case):
        raise as_action_error(SamePerson(OBJECTION, step))


def _roles(context: Context, case: Case) -> frozenset[str]:
    actor = actor_of_context(context)
    held = {AGENCY} if case.agency and case.agency in actor.agencies else set()
    held |= {OPERATOR} if Role.OPERATOR in actor.roles else set()
    return frozenset(held | ({AUTHORITY} if Role.AUTHORITY in actor.roles else set()))


def _role(context: Context, case: Case, command: str) -> str:
    """The role in which the step can be taken, where the actor has one; else any, for the refusal's words."""
    held = _roles(context, case)
    step = OBJECTION.step(case.state, command)
    fitting = sorted(held & step.roles) if step else []
    return (fitting or sorted(held) or [OPERATOR])[0]


@tk.side_effect_free
@validate(schema.one)
def govdata_objection_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """An objection as those see it who handle it: words, rows by key, evidence, clocks, steps and what can be done next.

    :param id: id of the case
    :returns: the register's line with `text`, `keys`, `files`, `events`, `clocks`, `next`
    """
    tk.check_access("govdata_objection_show", context, data_dict)
    return _shown(context, data_dict["id"])


def _shown(context: Context, case_id: str) -> dict[str, Any]:
    case = case_of(MACHINE, case_id)
    return showing.for_handlers(row_of(Objection, case_id), case, _roles(context, case), acting(context))


@validate(schema.route)
def govdata_objection_route(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give an objection to the agency whose data it is, where it came here by a mirror or a merged dataset; for the operator.

    :param id: id of the case
    :param agency: name or id of the agency
    :param reason: how one knows, for the ledger
    :returns: the case
    """
    tk.check_access("govdata_objection_route", context, data_dict)
    case, row, agency = (
        case_of(MACHINE, data_dict["id"]),
        row_of(Objection, data_dict["id"]),
        model.Group.get(data_dict["agency"]),
    )
    if agency is None or not agency.is_organization or agency.state != "active":
        refuse("agency", tk._("There is no such agency. Give its name."))
    if agency.id == row.by_agency:
        refuse("agency", tk._("This agency has the doubt itself. Another one has to settle it."))
    case = cases.locked(case.id)
    if case.state not in OPEN_IN:
        refuse("id", tk._("This objection is settled already."))
    if acting(context) in _objectors(case):
        refuse("id", tk._("This is your own objection. Another officer passes it on."))
    filing.route(row, case, agency.id, acting(context), data_dict["reason"])
    model.Session.commit()
    return _shown(context, case.id)


@tk.side_effect_free
@validate(schema.page)
def govdata_objection_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Objections that wait for somebody, for their handlers: an agency's own; for operator and authority, all.

    :param limit: how many, at most 200
    :param offset: how many to leave out
    :returns: `count` and `results`, each with `id` of its case
    """
    tk.check_access("govdata_objection_list", context, data_dict)
    seen = agencies_seen(actor_of_context(context))
    wanted = queries.Wanted([MACHINE], agencies=seen, is_open=True)
    count, page = queries.find(wanted, min(data_dict["limit"], _MOST_ROWS), data_dict["offset"])
    return {
        "count": count,
        "results": [{"id": one.id, **showing.public(row_of(Objection, one.id), one)} for one in page],
    }


@tk.side_effect_free
@validate(schema.page)
def govdata_objection_register(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The public register of objections, the newest first: what, outcome, days, the agency's reply; nobody's words or names.

    What alleged a leak is on it from when its dataset was shut (`withdrawn`, later `opened`) or found to be without one
    (`cleared`), without reason, items or rows.

    :param id: name or id of a dataset, for its objections alone
    :param state: only those in this state
    :param limit: how many, at most 200
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_objection_register", context, data_dict)
    package_id = package_of(context, data_dict["id"]).id if data_dict.get("id") else ""
    limit, state = min(data_dict["limit"], _MOST_ROWS), data_dict.get("state") or ""
    count, lines = register.find(context.get("auth_user_obj"), package_id, state, limit, data_dict["offset"])
    return {"count": count, "results": lines}


@validate(schema.one)
def govdata_objection_evidence(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A file of evidence, for the handlers of its case; who looked is in the ledger.

    :param id: id of the file
    :returns: `media_type` and `data` (base64)
    """
    tk.check_access("govdata_objection_evidence", context, data_dict)
    found = showing.file_of(data_dict["id"])
    seen = agencies_seen(actor_of_context(context))
    case = cases.get(found["case"]) if found else None
    if found is None or case is None or (seen is not None and case.agency not in seen):
        raise tk.ObjectNotFound(tk._("There is no such file."))
    fields = {"govdata.case.id": case.id, "govdata.evidence.id": data_dict["id"]}
    journal.change("objection-evidence-read", acting(context), fields)
    model.Session.commit()
    return found


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_objection_file,
        govdata_objection_follow,
        govdata_objection_look_again,
        govdata_objection_step,
        govdata_objection_show,
        govdata_objection_list,
        govdata_objection_register,
        govdata_objection_evidence,
        govdata_objection_route,
    )
} | correction_actions.ACTIONS
