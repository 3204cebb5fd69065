"""Actions of withdrawals: report, withdraw, the steps after it, a holder's answer, what is withdrawn, sealed evidence."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from redis.exceptions import RedisError

from ...access import switch
from ...access.parties.standing import parties_of
from ...catalogue.record import acting
from ...columns import new_id, now
from ...confirming import demand_confirmation
from ...ledger import journal
from ...roles.actors import actor_of_context
from ...roles.domain import Role
from ...workflow import cases, queries
from ...workflow.domain import PORTAL
from ...workflow.errors import WorkflowError
from ...workflow.model import Case
from ...workflow.showing import as_action_error, case_as_dict
from .. import evidence, limits, sealing
from ..known import case_of, package_of
from . import cleaning, holders, reports, schema, showing, titles, tombstones, withdrawing
from .auth import agencies_seen
from .domain import (
    AFTER_TELLING,
    AGENCY,
    AUTHORITY,
    MACHINE,
    OFFICERS,
    OPERATOR,
    REPORTER,
    SHUT_IN,
    VISITOR,
    WAITS_IN,
    PersonsTold,
)
from .machine import WITHDRAWAL
from .model import Sealed, Withdrawal

_MOST_ROWS, _MOST_TOMBSTONES = 200, 1000


def roles_in(context: Context, agency: str | None) -> frozenset[str]:
    """The roles of the case that the actor holds towards this agency's data."""
    if context.get("ignore_auth") and not context.get("user"):
        return frozenset({PORTAL})
    actor = actor_of_context(context)
    found = {REPORTER}
    if agency and agency in actor.agencies:
        found.add(AGENCY)
    if {Role.OPERATOR} & actor.roles:
        found.add(OPERATOR)
    if {Role.AUTHORITY, Role.ADMINISTRATOR} & actor.roles:
        found.add(AUTHORITY)
    return frozenset(found)


def _office(context: Context, agency: str | None, fitting: frozenset[str] = OFFICERS) -> str:
    """In which role the actor takes a step: of those that fit the nearest to the data; else any, for the refusal's words."""
    held = [one for one in (PORTAL, AGENCY, OPERATOR, AUTHORITY) if one in roles_in(context, agency)]
    return next((one for one in held if one in fitting), (held or [REPORTER])[0])


def _fitting(case: Case, command: str) -> frozenset[str]:
    step = WITHDRAWAL.step(case.state, command)
    return step.roles if step is not None else OFFICERS


@validate(schema.report)
def govdata_withdrawal_report(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Report that a dataset contains what must not be public (LYG-26). Anybody may; without signing in, no address is kept.

    The report is sealed: only those who handle the case read it, and no page says that there is one.

    :param id: name or id of the dataset
    :param text: what was seen, and where
    :param personal: whether it is about persons
    :param evidence: a PDF, JPEG or PNG, sealed as evidence; and `evidence_2`, `evidence_3`
    :param objection: it comes as an objection: the register of objections has it once the dataset is shut or cleared
    :returns: `id` of the case; `number` and `code`, by which `govdata_objection_follow` answers how it stands
    """
    tk.check_access("govdata_withdrawal_report", context, data_dict)
    # An objection that alleges a leak brings its items and rows with its text.
    limits.demand_length(data_dict, text=40_000)
    files = evidence.attached(data_dict)
    limits.demand("leak-report")
    package = package_of(context, data_dict["id"])
    by = actor_of_context(context).user_id or VISITOR
    row = Withdrawal(case_id=new_id(), package_id=package.id, personal=data_dict["personal"], grants=[], done={})
    code, row.objection = reports.give_number(row), data_dict["objection"]
    case = cases.open_case(
        MACHINE, by, REPORTER, command="report", agency=package.owner_org, dataset=package.id, subject=row.number or "",
        case_id=row.case_id,
    )  # fmt: skip
    row.report = sealing.seal(data_dict["text"].encode(), case.id)
    model.Session.add(row)
    for number, (media_type, content) in enumerate(files, start=1):
        name, piece = f"reported {number} ({media_type})", sealing.seal(content, case.id)
        model.Session.add(Sealed(case_id=case.id, kind="report", name=name, size=len(content), sealed=piece))
    holders.tell_handlers(case, package)
    model.Session.commit()
    return {"id": case.id, "number": row.number, "code": code}


@validate(schema.withdraw)
def govdata_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Withdraw a dataset at once (LYG-26): routes shut, grants suspended, holders told, in one transaction.

    Files, rows and metadata, the title too, are then sealed as evidence, and the page stays as a notice. Where the ledger
    takes no entry the dataset is shut all the same, and the withdrawal has to be done again.

    :param id: name or id of the dataset
    :param reason: why, for those who handle it
    :param what: what leaked, as its holders are told; never the content itself
    :param notice_title: the title that stays on the notice and that holders are told, without what leaked; withheld unless given
    :param case: the report's case, where there was one
    :param personal: whether it is about persons
    :returns: the case, with `holders`, `events`, `done`, `next`
    """
    tk.check_access("govdata_withdraw", context, data_dict)
    demand_confirmation("withdraw")
    package = package_of(context, data_dict["id"])
    by, role = acting(context), _office(context, package.owner_org)
    case = case_of(MACHINE, data_dict["case"]) if data_dict.get("case") else None
    if case is not None and case.dataset != package.id:
        raise tk.ValidationError({"case": [tk._("This report is about another dataset.")]})
    if case is None and withdrawing.open_case_of(package.id) is not None:
        raise tk.ValidationError({"id": [tk._("This dataset is withdrawn already.")]})
    try:
        row = withdrawing.withdraw(
            package, by, role, data_dict["reason"], data_dict["what"],
            case=case, personal=data_dict["personal"], notice_title=data_dict["notice_title"],
        )  # fmt: skip
    except WorkflowError as error:
        raise as_action_error(error) from error
    except journal.IntakeUnavailable:
        model.Session.rollback()
        switch.shut(package, by, data_dict["reason"])
        raise
    model.Session.commit()
    case_id = row.case_id
    cleaning.cut_off(case_id)
    go_on(case_id)
    cleaning.find_holders(case_id)
    return _shown(context, case_id)


def go_on(case_id: str) -> None:
    """Have a job do what follows; where the queue does not answer, the portal's chores find it."""
    try:
        tk.enqueue_job(cleaning.follow, [case_id], title=f"withdrawal {case_id}")
    except RedisError:
        cleaning.follow_all()


@validate(schema.step)
def govdata_withdrawal_step(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a step of a withdrawal: `assess`, `dismiss`, `rework`, `propose`, `turn-down`, `open-again`, `keep-closed`,
    and by the authority, once whoever reported has asked it to look again, `assess` or `close`.

    To open again takes two persons; the tier is the one that the dataset has then, so that a looser one is decided first.

    :param id: id of the case
    :param command: the step
    :param reason: what was found or done; needed by most
    :param tier: with `propose`, the tier in which it is to be opened
    :returns: the case
    """
    tk.check_access("govdata_withdrawal_step", context, data_dict)
    case = case_of(MACHINE, data_dict["id"])
    if data_dict["command"] in ("report", "withdraw", "look-again"):
        raise tk.ValidationError({"command": [tk._("Use the action for it.")]})
    by, command = acting(context), data_dict["command"]
    facts = _facts(case, command, data_dict["tier"])
    try:
        reports.demand_another(case, command, by)
        role = _office(context, case.agency, _fitting(case, command))
        cases.take(case.id, command, by, role, reason=data_dict["reason"], facts=facts)
    except WorkflowError as error:
        raise as_action_error(error) from error
    if command == "dismiss":
        reports.answer_cleared(case.id)
    if command == "open-again":
        _open_again(case, by)
    model.Session.commit()
    if command == "open-again" and case.dataset:
        switch.follow_in_index(case.dataset)
    return _shown(context, case.id)


def _facts(case: Case, command: str, tier: str) -> dict[str, Any]:
    package = model.Session.get(model.Package, case.dataset or "")
    has = str((package.extras or {}).get("open_tier") or "") if package else ""
    row = withdrawing.of_case(case.id)
    if command in ("propose", "open-again") and (row is None or row.finished_at is None):
        raise tk.ValidationError({"id": [tk._("What leaked is still being sealed. Try again in a minute.")]})
    if command in AFTER_TELLING and row is not None and row.personal and row.persons_told is None:
        words = tk._("Personal data leaked here. Record first how the persons concerned were told.")
        raise tk.ValidationError({"id": [words]})
    if command == "propose" and tier != has:
        words = tk._("The dataset's tier is {has} now. Change it on its page first; a looser one takes two persons.")
        raise tk.ValidationError({"tier": [words.format(has=has)]})
    if command == "open-again" and _proposed(case.id).facts.get("tier") != has:
        raise tk.ValidationError({"id": [tk._("The tier was changed since it was proposed. Propose it again.")]})
    return {"tier": tier} if command == "propose" else {}


def _proposed(case_id: str) -> Any:
    proposals = [one for one in cases.events(case_id) if one.command == "propose"]
    if not proposals:
        raise tk.ValidationError({"id": [tk._("Nobody has proposed to open this dataset again. Propose it first.")]})
    return proposals[-1]


def _open_again(case: Case, by: str) -> None:
    proposal, shutting = _proposed(case.id), switch.shutting_of(case.dataset or "")
    if shutting is not None:
        switch.open_within(shutting, proposal.done_by, proposal.reason, by)
    row, package = withdrawing.of_case(case.id), model.Session.get(model.Package, case.dataset or "")
    if row is not None and package is not None:
        withdrawing.resume(row, package, str(proposal.facts.get("tier") or ""), by, proposal.reason)


@validate(schema.persons_told)
def govdata_withdrawal_persons_told(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Record how the persons whose data leaked were told (LYG-26); needed before such a case is proposed for opening or closed.

    :param id: id of the case
    :param how: `each` (one by one), `publicly` (they are not known, or too many), `needless` (why stands in `reason`)
    :param reason: when and in which way, or why it is needless; the ledger commits to it
    :returns: the case
    """
    tk.check_access("govdata_withdrawal_persons_told", context, data_dict)
    case = case_of(MACHINE, data_dict["id"])
    row = withdrawing.of_case(case.id)
    if data_dict["how"] not in {one.value for one in PersonsTold}:
        words = tk._("Choose one of: {reasons}.").format(reasons=", ".join(one.value for one in PersonsTold))
        raise tk.ValidationError({"how": [words]})
    if row is None or case.state not in SHUT_IN:
        raise tk.ValidationError({"id": [tk._("This dataset is not withdrawn.")]})
    row.persons_told, row.persons_told_at = data_dict["how"], now()
    fields = {"govdata.case.id": case.id, "govdata.dataset.id": case.dataset, "govdata.persons_told": data_dict["how"]}
    journal.change("withdrawal-persons-told", acting(context), fields, journal.in_words(data_dict["reason"]))
    model.Session.commit()
    return _shown(context, case.id)


@validate(schema.confirm)
def govdata_withdrawal_confirm(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Confirm, as a holder, that the data is no longer used and its copies are deleted.

    :param id: id of the case
    :param answer: what was done, where it needs words
    :returns: what concerns this holder
    """
    tk.check_access("govdata_withdrawal_confirm", context, data_dict)
    case, by = case_of(MACHINE, data_dict["id"]), acting(context)
    holder = holders.mine(case.id, by, {one.id for one in parties_of(by)})
    if holder is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    if holder.confirmed_at is None:
        holder.confirmed_at, holder.confirmed_by, holder.answer = now(), by, data_dict["answer"][:2000]
        fields = {"govdata.case.id": case.id, "govdata.dataset.id": case.dataset, "govdata.holder.id": holder.id}
        journal.change("withdrawal-confirmed", by, fields)
        model.Session.commit()
    return _shown(context, case.id)


@tk.side_effect_free
@validate(schema.one)
def govdata_withdrawal_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A withdrawal: to those who handle it, whole; to a holder, what concerns them; to others it is not there.

    :param id: id of the case
    :returns: `title`, `what`, `due`, `withdrawn_at`, `state`; and `events` with the ledger's entries, `holders`, `evidence`,
        `next`, or `holder`
    """
    tk.check_access("govdata_withdrawal_show", context, data_dict)
    return _shown(context, data_dict["id"])


def _shown(context: Context, case_id: str) -> dict[str, Any]:
    case, row = case_of(MACHINE, case_id), withdrawing.of_case(case_id)
    actor = actor_of_context(context)
    seen = agencies_seen(actor)
    if row is not None and (context.get("ignore_auth") or seen is None or case.agency in seen):
        return showing.whole(case, row, roles_in(context, case.agency), acting(context))
    holder = holders.mine(case.id, actor.user_id or "", {one.id for one in parties_of(actor.user_id or "")})
    if row is None or holder is None:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return showing.for_holder(case, row, holder)


@tk.side_effect_free
@validate(schema.page)
def govdata_withdrawal_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Reports of leaks and withdrawals, the newest first: an agency's own; for operator and authority, all.

    :param open: only those that wait for something
    :param limit: how many, at most 200
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_withdrawal_list", context, data_dict)
    seen = None if context.get("ignore_auth") else agencies_seen(actor_of_context(context))
    wanted = queries.Wanted([MACHINE], agencies=seen, states=WAITS_IN if data_dict["open"] else None)
    count, page = queries.find(wanted, min(data_dict["limit"], _MOST_ROWS), data_dict["offset"])
    return {"count": count, "results": [{**case_as_dict(one), "title": _title(one)} for one in page]}


def _title(case: Case) -> str:
    row, package = withdrawing.of_case(case.id), model.Session.get(model.Package, case.dataset or "")
    return titles.shown(row, package) if row else case.dataset or ""


@tk.side_effect_free
@validate(schema.page)
def govdata_withdrawn_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Datasets that are shut now: tombstones for whoever mirrors them, valid for what they took from this portal alone.

    A mirror shuts what is listed at once and deletes nothing. What is neither in `results` nor in `opened` stays as it is.

    :param limit: how many of `results`, at most 1000
    :param offset: how many to leave out
    :returns: `format`, `portal`, `generated_at`, `count`, `results` with `id`, `name`, `withdrawn_at`, `address`; and `opened`
        with `id`, `opened_at`, of those that were opened again
    """
    tk.check_access("govdata_withdrawn_list", context, data_dict)
    return tombstones.as_answer(min(data_dict["limit"], _MOST_TOMBSTONES), data_dict["offset"])


@validate(schema.unseal)
def govdata_evidence_unseal(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Read a piece of sealed evidence; for officers of the authority, on record.

    :param id: id of the piece
    :param reason: why; the ledger's entry commits to it
    :returns: `kind`, `name` and `data` (base64)
    """
    tk.check_access("govdata_evidence_unseal", context, data_dict)
    row = model.Session.get(Sealed, data_dict["id"])
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such evidence."))
    fields = {"govdata.case.id": row.case_id, "govdata.evidence.id": row.id}
    journal.change("evidence-unsealed", acting(context), fields, journal.in_words(data_dict["reason"]))
    model.Session.commit()
    data = base64.b64encode(sealing.unseal(row.sealed, row.case_id)).decode()
    return {"kind": row.kind, "name": row.name, "data": data}


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_withdrawal_report,
        govdata_withdraw,
        govdata_withdrawal_step,
        govdata_withdrawal_persons_told,
        govdata_withdrawal_confirm,
        govdata_withdrawal_show,
        govdata_withdrawal_list,
        govdata_withdrawn_list,
        govdata_evidence_unseal,
    )
}
