"""Actions of reports of misuse: report without a name, add and follow by number and code, handle, go over to the breach path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...catalogue.record import acting
from ...clocks import keeping as clocks
from ...ledger import journal
from ...refusing import refuse
from ...roles.actors import actor_of_context
from ...roles.domain import Role
from ...workflow import cases
from ...workflow.errors import WorkflowError
from ...workflow.model import Case
from ...workflow.showing import as_action_error
from .. import limits, sealing
from ..known import case_of, row_of
from . import keeping, schema
from .domain import AUTHORITY, MACHINE, OPERATOR, REPORTER, VISITOR, Kind
from .model import MisuseReport

_MOST_ROWS, _LONGEST = 200, 8000
# What the handler says with a step is for the reporter alone: the case holds a commitment to it, and the words are sealed.
_SAID_WITH = {"ask": "question", "settle": "reply", "dismiss": "reply"}


@validate(schema.report)
def govdata_misuse_report(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Report that data is used unlawfully or improperly (LYG-25, LYG-38). Anybody may, without a name.

    Neither account nor address is kept, whoever is signed in; all words are sealed for whoever handles the report.

    :param kind: `harm_to_others`, `agreement_duties`, `unlawful_gain`, `attack`, `security_duties` or `other`
    :param text: what happens, and how one knows
    :param who: who does it, as far as it is known
    :param dataset: which data it is
    :param contact: how to reach the reporter, if they want to be reached otherwise than by number and code
    :returns: `number` and `code`, by which it is followed
    """
    tk.check_access("govdata_misuse_report", context, data_dict)
    if data_dict["kind"] not in {one.value for one in Kind}:
        words = tk._("Choose one of: {reasons}.").format(reasons=", ".join(one.value for one in Kind))
        refuse("kind", words)
    _check_length(data_dict, "text", "who", "dataset", "contact")
    limits.demand("misuse")
    row, code = keeping.open_report(data_dict)
    model.Session.commit()
    return {"number": row.number, "code": code}


@validate(schema.following)
def govdata_misuse_follow(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How one's report stands, what the handler asks and answers, by number and code.

    :param number: as it was answered when it was reported
    :param code: likewise
    :returns: `number`, `kind`, `state`, `day`, `words`, `may_add`
    """
    tk.check_access("govdata_misuse_follow", context, data_dict)
    row, case = _followed(data_dict)
    return keeping.for_reporter(row, case)


@validate(schema.adding)
def govdata_misuse_add(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Add something to one's report, or answer what the handler asks, by number and code.

    :param number: as it was answered when it was reported
    :param code: likewise
    :param text: what is added
    :returns: as `govdata_misuse_follow`
    """
    tk.check_access("govdata_misuse_add", context, data_dict)
    _check_length(data_dict, "text")
    row, case = _followed(data_dict)
    limits.demand("misuse")
    _take(case, "add", VISITOR, REPORTER)
    keeping.say(row, "added", data_dict["text"].strip())
    keeping.tell_handler(row, case)
    model.Session.commit()
    return keeping.for_reporter(row, case_of(MACHINE, row.case_id))


@tk.side_effect_free
@validate(schema.page)
def govdata_misuse_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Reports of misuse for their handlers, the newest first: number, kind, state, day, whether somebody has taken it; no words.

    :param limit: how many, at most 200
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_misuse_list", context, data_dict)
    found = sa.select(MisuseReport, Case).join(Case, Case.id == MisuseReport.case_id)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    ordered = found.order_by(MisuseReport.day.desc(), MisuseReport.number)
    page = model.Session.execute(ordered.limit(min(data_dict["limit"], _MOST_ROWS)).offset(data_dict["offset"]))
    return {"count": count, "results": [keeping.line(row, case, acting(context)) for row, case in page]}


@tk.side_effect_free
@validate(schema.one)
def govdata_misuse_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A report: whole for the officer who has taken it, and each reading is in the ledger; for other handlers its line.

    :param id: id of the case
    :returns: the list's line with `clocks` and `next`; for its handler `text`, `who`, `dataset`, `contact`, `words`, `party`,
        `deliveries`, `agreements`, `events`
    """
    tk.check_access("govdata_misuse_show", context, data_dict)
    row, case = row_of(MisuseReport, data_dict["id"]), case_of(MACHINE, data_dict["id"])
    by = acting(context)
    if case.officer == by:
        journal.change("misuse-report-read", by, {"govdata.case.id": case.id})
        model.Session.commit()
    return keeping.whole(row, case, _roles(context), by)


@validate(schema.step)
def govdata_misuse_step(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a step: `examine` takes the report; then its handler alone may `ask`, `tie`, `settle`, `dismiss`.

    :param id: id of the case
    :param command: the step
    :param text: with `ask`, `settle` and `dismiss`, what the reporter reads
    :param party: with `tie`, id of the party that it is about
    :returns: as `govdata_misuse_show`
    """
    tk.check_access("govdata_misuse_step", context, data_dict)
    row, case, by = row_of(MisuseReport, data_dict["id"]), case_of(MACHINE, data_dict["id"]), acting(context)
    command, text = data_dict["command"], data_dict["text"].strip()
    if command in ("report", "add", "notice"):
        refuse("command", tk._("Use the action for it."))
    _demand_handler(case, command, by)
    _check_length(data_dict, "text")
    if command in _SAID_WITH and not text:
        refuse("text", tk._("Say it to whoever reported: they read it by number and code."))
    party = _party(context, data_dict["party"]) if command == "tie" else None
    _take(
        case,
        command,
        by,
        _role(context),
        reason=sealing.commitment(text.encode(), case.id) if text else "",
        facts={"party": party} if party else None,
    )
    if command == "examine":
        cases.hand_over(case, by, officer=by)
    if command in _SAID_WITH:
        keeping.say(row, _SAID_WITH[command], text)
    if command in ("settle", "dismiss"):
        clocks.meet(case.id, by=by)
    row.party_id = party or row.party_id
    model.Session.commit()
    return keeping.whole(row, case_of(MACHINE, case.id), _roles(context), by)


@validate(schema.notice)
def govdata_misuse_notice(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Go over to the breach path of an agreement of the party that the report is about (LYG-40), in one transaction with it.

    The user reads the reason: it must not tell who reported.

    :param id: id of the case
    :param agreement: id of the agreement
    :param breach: as `govdata_agreement_notice`
    :param clause: as `govdata_agreement_notice`
    :param reason: what happened; the user reads it
    :param danger: true to suspend the agreement at once, because waiting would do harm
    :returns: as `govdata_misuse_show`
    """
    tk.check_access("govdata_misuse_notice", context, data_dict)
    row, case, by = row_of(MisuseReport, data_dict["id"]), case_of(MACHINE, data_dict["id"]), acting(context)
    _demand_handler(case, "notice", by)
    agreement = tk.get_action("govdata_agreement_show")(context, {"id": data_dict["agreement"]})
    if not row.party_id or agreement["party"] != row.party_id:
        refuse("agreement", tk._("First say which party the report is about; then choose one of its agreements."))
    _take(case, "notice", by, _role(context), facts={"agreement": agreement["id"], "danger": data_dict["danger"]})
    row.agreements = [*row.agreements, agreement["id"]]
    name = "govdata_agreement_suspend_in_danger" if data_dict["danger"] else "govdata_agreement_notice"
    order = {field: data_dict[field] for field in ("breach", "clause", "reason")}
    try:
        tk.get_action(name)(context, {"id": agreement["id"], **order})
    except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound):
        model.Session.rollback()
        raise
    return keeping.whole(row_of(MisuseReport, data_dict["id"]), case_of(MACHINE, data_dict["id"]), _roles(context), by)


def _followed(data_dict: DataDict) -> tuple[MisuseReport, Case]:
    limits.demand_few_misses("misuse-code")
    row = keeping.by_number(data_dict["number"], data_dict["code"])
    if row is None:
        limits.missed("misuse-code")
        raise tk.ObjectNotFound(tk._("There is no report with this number and code."))
    return row, case_of(MACHINE, row.case_id)


def _take(case: Case, command: str, by: str, role: str, **more: Any) -> None:
    try:
        cases.take(case.id, command, by, role, **more)
    except WorkflowError as error:
        raise as_action_error(error) from error


def _demand_handler(case: Case, command: str, by: str) -> None:
    """Whoever has taken the report handles it; another one is given it by them."""
    if command != "examine" and case.officer != by:
        raise tk.NotAuthorized(
            tk._("Another officer handles this report, or nobody yet: take it first, or have it handed over.")
        )


def _party(context: Context, party_id: str) -> str:
    try:
        return str(tk.get_action("govdata_party_show")(context, {"id": party_id})["id"])
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        refuse("party", tk._("Choose the party."))


def _roles(context: Context) -> frozenset[str]:
    roles = actor_of_context(context).roles
    held = {OPERATOR} if Role.OPERATOR in roles else set()
    return frozenset(held | ({AUTHORITY} if Role.AUTHORITY in roles else set()))


def _role(context: Context) -> str:
    return next(iter(sorted(_roles(context))), REPORTER)


def _check_length(given: DataDict, *names: str) -> None:
    for name in names:
        if len(given[name]) > _LONGEST:
            refuse(name, tk._("At most {number} characters.").format(number=_LONGEST))


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_misuse_report,
        govdata_misuse_follow,
        govdata_misuse_add,
        govdata_misuse_list,
        govdata_misuse_show,
        govdata_misuse_step,
        govdata_misuse_notice,
    )
}
