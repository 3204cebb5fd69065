"""Actions on agreements: presenting, breaches, suspension, ends, duties. They are signed by the actions on their documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ... import config
from ...catalogue.record import acting
from ...clocks import keeping
from ...columns import now
from ...ledger import journal
from ...refusing import refuse
from ...rules.domain import Topic, today
from ...workflow import cases
from ..applications.applying import content_of
from ..applications.dataset import asked_for
from ..applications.model import Application
from ..applications.standing import place_of as application_place
from ..errors import AgreementError
from . import following, schema, shown, steps, telling
from .clauses import clauses_on, conditions_of_dataset
from .documents import document_of, void
from .domain import midnight, months_after
from .machine import AGENCY, SUPERVISOR, USER
from .model import Agreement, Obligation
from .standing import Place, absent, place_of


@validate(schema.present)
def govdata_agreement_present(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Present an agreement on an approved application for signature (LYG-19), within what was applied for.

    Its clauses come from the authority's model text and the dataset's published use codes; none can be added (ZB-9). It is
    signed and sealed by the actions on its `document`, and takes effect with the seal.

    :param id: the application's id
    :param first_day: the first day of the term; today unless given
    :param months: the term; as applied for unless given, never longer
    :param items: names of data items; as applied for unless given, never others
    :param modes: ways of access; as applied for unless given, never others
    :param addresses: addresses or networks from which the data is taken; anywhere unless given
    :param quota: deliveries a day; no limit unless given
    :param supersedes: id of the agreement that this one follows before its end (renewal, amendment): one of the same party
        on the same dataset that is in force or suspended
    :returns: the agreement
    """
    tk.check_access("govdata_agreement_present", context, data_dict)
    place, by = application_place(context, data_dict["id"]), acting(context)
    application = place.row
    cases.locked(application.id)
    if place.case.state not in ("approved", "supplied") or application.party_id is None:
        refuse("id", tk._("An agreement follows an approved application of a party. Decide the application first."))
    _refuse_another_s(application, data_dict.get("supersedes"))
    _refuse_second(application, data_dict.get("supersedes"))
    row = _terms(context, application, data_dict)
    _refuse_overlap(row)
    paper = _paper(lambda: document_of(row, application, by))
    row.document, row.sha256, row.clauses = paper.id, paper.content_sha256, clauses_on(paper)
    steps.present(row, place.case.agency, by, AGENCY)
    steps.clock(row, place.case.agency, steps.SIGNATURE, by, to_agency=False)
    telling.presented(row)
    return _finish(context, row.id)


def _refuse_another_s(application: Application, supersedes: str | None) -> None:
    if supersedes and not following.may_follow(application, supersedes):
        words = tk._(
            "Only an agreement of the same party on the same data, in force or suspended, is followed by this one."
        )
        refuse("supersedes", words)


def _refuse_overlap(row: Agreement) -> None:
    other = following.beside(row)
    if other is not None:
        words = tk._(
            "There is an agreement on this data until {day}. Let this one follow it, or begin on the day after."
        )
        refuse("first_day", words.format(day=steps.last_day(other).isoformat()))


def _refuse_second(application: Application, supersedes: str | None) -> None:
    """One agreement at a time on one application: what is presented is replaced, and what is effective is superseded."""
    rows = sa.select(Agreement).where(
        Agreement.application_id == application.id,
        Agreement.state.in_(("presented", "signed", "sealed", "effective", "noticed", "suspended")),
    )
    for row in model.Session.scalars(rows):
        if row.id != supersedes:
            refuse("id", tk._("There is an agreement on this application already. Replace or supersede that one."))


def _terms(context: Context, application: Application, given: Mapping[str, Any]) -> Agreement:
    content, asked = content_of(application), asked_for(context, application.package_id)
    months = given.get("months") or content.months or 0
    items = tuple(given["items"]) if given.get("items") else content.items
    modes = tuple(given["modes"]) if given.get("modes") else content.modes
    if months > (content.months or 0):
        refuse("months", tk._("This is longer than what was applied for."))
    if content.items and not set(items) <= set(content.items):
        refuse("items", tk._("These are other data items than those that were applied for."))
    if not set(modes) <= set(content.modes):
        refuse("modes", tk._("This is another way of access than the one that was applied for."))
    first = given["first_day"].date() if given.get("first_day") else today()
    conditions = conditions_of_dataset(application.package_id, content)
    limited = config.rule_pack().rule(Topic.AUTHORISED_OPERATION_TERM) is not None
    row = Agreement(application_id=application.id, package_id=application.package_id, party_id=application.party_id)
    row.title, row.starts_at, row.ends_at = asked.title, midnight(first), midnight(months_after(first, months))
    row.items, row.modes, row.files = sorted(items), sorted(modes), []
    row.addresses, row.quota = list(given.get("addresses") or []), given.get("quota")
    row.conditions = [str(one) for one in conditions]
    row.operation, row.supersedes = content.operation and limited, given.get("supersedes") or None
    return row


def _paper(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except AgreementError as error:
        model.Session.rollback()
        raise tk.ValidationError({error.field: [tk._(error.message).format(**error.values)]}) from error


def _step(name: str, command: str, roles: tuple[str, ...], words: str) -> Callable[..., Any]:
    """An action that takes one step with a reason."""

    @validate(schema.with_reason)
    def action(context: Context, data_dict: DataDict) -> dict[str, Any]:
        place, by = _place(context, data_dict, name), acting(context)
        steps.move(place.row, command, by, _role(place, roles), reason=data_dict["reason"])
        if command in ("decline", "replace"):
            _paper(lambda: void(place.row, by, data_dict["reason"]))
        if command == "reply":
            keeping.meet(place.row.id, steps.REPLY, by=by)
        telling.moved(place.row, place.case.agency, command, data_dict["reason"], by)
        return _finish(context, place.row.id)

    action.__name__ = name
    action.__doc__ = words + "\n\n:param id: the agreement's id\n:param reason: why\n:returns: the agreement\n"
    return action


govdata_agreement_decline = _step(
    "govdata_agreement_decline", "decline", (USER,), "Decline an agreement that was presented."
)
govdata_agreement_replace = _step(
    "govdata_agreement_replace",
    "replace",
    (AGENCY,),
    "Take back an agreement that is not effective yet, so that another is presented: changed terms ask for a new signature.",
)
govdata_agreement_reply = _step(
    "govdata_agreement_reply", "reply", (USER,), "Reply to the notice of a breach, or to a suspension (LYG-40)."
)
govdata_agreement_drop = _step(
    "govdata_agreement_drop", "drop", (AGENCY, SUPERVISOR), "Drop the notice of a breach: the agreement goes on."
)
govdata_agreement_resume = _step(
    "govdata_agreement_resume", "resume", (AGENCY,), "Let a suspended agreement go on; its end stays as it was."
)
govdata_agreement_give_up = _step(
    "govdata_agreement_give_up", "give-up", (USER,), "Give up an agreement before its end, for the user."
)


@validate(schema.breach)
def govdata_agreement_notice(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give the user notice of a breach, with time to reply (LYG-40). The grant runs on meanwhile.

    :param id: the agreement's id
    :param breach: `harm_to_others`, `agreement_duties`, `unlawful_gain`, `attack` or `security_duties`
    :param clause: key of the agreement's own clause that was broken
    :param reason: what happened; the user reads it
    :returns: the agreement
    """
    place, by = _place(context, data_dict, "govdata_agreement_notice"), acting(context)
    facts = {"breach": data_dict["breach"]}
    _rest_on_clause(place, data_dict, "notice", (AGENCY, SUPERVISOR), facts)
    steps.clock(place.row, place.case.agency, steps.REPLY, by, to_agency=False)
    return _finish(context, place.row.id)


@validate(schema.with_clause)
def govdata_agreement_suspend(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Suspend an agreement after notice, when the user has replied or the time to reply is over (LYG-40).

    :param id: the agreement's id
    :param clause: key of the agreement's clause that it rests on
    :param reason: what the reply did not settle
    :returns: the agreement
    """
    place = _place(context, data_dict, "govdata_agreement_suspend")
    if place.case.state == "noticed":
        _refuse_before_reply(place.row.id)
    _rest_on_clause(place, data_dict, "suspend", (AGENCY,), {})
    return _finish(context, place.row.id)


def _refuse_before_reply(agreement_id: str) -> None:
    """Suspension follows the reply, or the end of the time for it."""
    events = cases.events(agreement_id)
    last = max(event.n for event in events if event.command == "notice")
    replied = any(event.command == "reply" and event.n > last for event in events)
    waiting = [view for view in keeping.of(agreement_id) if view.topic == steps.REPLY and view.open]
    if not replied and any(now() < view.due_at for view in waiting):
        words = tk._(
            "The user has time to reply until the end of {day}. In danger, suspend at once and say the danger."
        )
        refuse("id", words.format(day=max(view.due_day for view in waiting).isoformat()))


@validate(schema.breach)
def govdata_agreement_suspend_in_danger(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Suspend an agreement at once, without notice, because waiting would do harm (LYG-40): within a second nothing flows.

    :param id: the agreement's id
    :param breach: `harm_to_others`, `agreement_duties`, `unlawful_gain`, `attack` or `security_duties`
    :param clause: key of the agreement's clause that it rests on
    :param reason: the danger
    :returns: the agreement
    """
    place = _place(context, data_dict, "govdata_agreement_suspend_in_danger")
    facts = {"breach": data_dict["breach"]}
    _rest_on_clause(place, data_dict, "suspend-in-danger", (AGENCY, SUPERVISOR), facts)
    return _finish(context, place.row.id)


@validate(schema.with_clause)
def govdata_agreement_terminate(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End a suspended agreement for good, as another person than the one who acted last (LYG-40).

    :param id: the agreement's id
    :param clause: key of the agreement's clause that it rests on
    :param reason: why it does not go on
    :returns: the agreement
    """
    place = _place(context, data_dict, "govdata_agreement_terminate")
    _rest_on_clause(place, data_dict, "terminate", (AGENCY,), {})
    return _finish(context, place.row.id)


def _rest_on_clause(
    place: Place, data_dict: Mapping[str, Any], command: str, roles: tuple[str, ...], facts: Mapping[str, Any]
) -> None:
    """Suspending or ending access rests on the agreement's own clause."""
    clause = data_dict["clause"]
    if clause not in place.row.clauses:
        words = tk._("The agreement has no such clause. Its clauses are: {keys}.")
        refuse("clause", words.format(keys=", ".join(place.row.clauses)))
    by = place.actor.user_id or ""
    words = {"reason": data_dict["reason"], "basis": clause}
    steps.move(place.row, command, by, _role(place, roles), facts=dict(facts), **words)
    telling.moved(place.row, place.case.agency, command, data_dict["reason"], by)


@validate(schema.with_reason)
def govdata_agreement_obligation_meet(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say that a duty is met: the report on use, the destruction of the data (LYG-24).

    :param id: the obligation's id
    :param reason: the report, or how the data was destroyed
    :returns: the agreement
    """
    tk.check_access("govdata_agreement_obligation_meet", context, data_dict)
    duty, by = model.Session.get(Obligation, data_dict["id"], with_for_update=True), acting(context)
    if duty is None or duty.met_at is not None:
        refuse("id", tk._("This duty is met already."))
    duty.met_at, duty.met_by, duty.words = now(), by, data_dict["reason"].strip()[:4000]
    fields = {
        "govdata.agreement.id": duty.agreement_id,
        "govdata.agreement.duty": duty.duty,
        "govdata.agreement.due": duty.due.isoformat(),
    }
    journal.change("agreement-duty-met", by, fields, journal.in_words(duty.words))
    row = model.Session.get_one(Agreement, duty.agreement_id)
    telling.duty_met(row, place_of(context, row.id).case.agency)
    return _finish(context, row.id)


def _role(place: Place, roles: tuple[str, ...]) -> str:
    return next((role for role in roles if role in place.roles), roles[0])


def _place(context: Context, data_dict: DataDict, name: str) -> Place:
    tk.check_access(name, context, data_dict)
    return place_of(context, data_dict["id"])


def _finish(context: Context, agreement_id: str) -> dict[str, Any]:
    """Commit, and answer the agreement as the asker sees it now."""
    model.Session.commit()
    return shown.whole(place_of(context, agreement_id))


__all__ = ("ACTIONS", "absent")

ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_agreement_present,
        govdata_agreement_decline,
        govdata_agreement_replace,
        govdata_agreement_notice,
        govdata_agreement_reply,
        govdata_agreement_drop,
        govdata_agreement_suspend,
        govdata_agreement_suspend_in_danger,
        govdata_agreement_resume,
        govdata_agreement_terminate,
        govdata_agreement_give_up,
        govdata_agreement_obligation_meet,
    )
}
