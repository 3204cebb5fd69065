"""Actions of agency and authority: return, advise, extend, decide, supply, settle an appeal, assign."""

from __future__ import annotations

from collections.abc import Callable
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
from ...confirming import demand_confirmation
from ...roles.actors import actor_of_user
from ...rules.working_days import day_in_shanghai
from ...workflow import cases
from ...workflow.model import CaseEvent
from . import domain, schema, telling, timing
from .counting import working_days
from .domain import Kind, Offer
from .machine import AUTHORITY, DECIDER, REVIEWER
from .model import Application
from .moving import finish, moved, step
from .standing import Place, place_of
from .vocabulary import purposes


@validate(schema.returned)
def govdata_application_return(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return an application once for completion, naming everything that lacks. The clock neither stops nor starts anew.

    :param id: the application's id
    :param missing: what lacks: for each field of the form or published condition, by its key, what is expected; nothing
        that is not published can be demanded (ZB-9)
    :param reason: a word to the applicant
    :returns: the application
    """
    place = _officer(context, data_dict, "govdata_application_return")
    row, user_id = place.row, acting(context)
    missing = {key: words.strip() for key, words in data_dict["missing"].items()}
    added = domain.unpublished(missing, Offer(frozenset(row.offered), row.conditions))
    if added:
        words = tk._("This was not published when the application was made, so it cannot be demanded: {names}.")
        raise tk.ValidationError({"missing": [words.format(names=", ".join(added))]})
    if not missing or not all(missing.values()):
        raise tk.ValidationError({"missing": [tk._("Name everything that lacks, and what is expected of each.")]})
    _take(place, "return", user_id, reason=data_dict["reason"], facts={"missing": sorted(missing)})
    row.missing = [{"key": key, "words": words} for key, words in missing.items()]
    timing.held_by(row, "applicant", user_id)
    telling.returned(row)
    return finish(context, row.id)


@validate(schema.with_reason)
def govdata_application_advise(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Review an application and advise its decider; the applicant does not see advice.

    :param id: the application's id
    :param reason: the advice
    :returns: the application
    """
    place = _officer(context, data_dict, "govdata_application_advise")
    _take(place, "advise", acting(context), reason=data_dict["reason"])
    return finish(context, place.row.id)


@validate(schema.with_reason)
def govdata_application_extension_ask(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for more time to answer; a decider who did not ask grants it.

    :param id: the application's id
    :param reason: why the time is not enough; the applicant reads it
    :returns: the application
    """
    place = _officer(context, data_dict, "govdata_application_extension_ask")
    _take(place, "ask-extension", acting(context), reason=data_dict["reason"])
    return finish(context, place.row.id)


@validate(schema.extend)
def govdata_application_extend(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Extend the time of the answer, once, where the city's rule or the portal's promise allows it; the applicant is told.

    :param id: the application's id
    :param reason: why
    :param days: how many working days; as many as the rule allows unless given
    :returns: the application, with its new date
    """
    place = _officer(context, data_dict, "govdata_application_extend")
    row, user_id = place.row, acting(context)
    asked = sa.select(CaseEvent.done_by).where(CaseEvent.case_id == row.id, CaseEvent.command == "ask-extension")
    by = model.Session.scalars(asked.order_by(CaseEvent.n.desc())).first()
    if by is None or by == user_id:
        words = tk._("Another person of the agency has to ask for more time first; who asks does not grant it.")
        raise tk.ValidationError({"id": [words]})
    _take(place, "extend", user_id, reason=data_dict["reason"])
    topic = domain.answer_topic(Kind(row.kind))
    try:
        keeping.extend(row.id, topic, data_dict["reason"], by=by, approver=user_id, days=data_dict.get("days"))
    except timing.ClockRefused as error:
        model.Session.rollback()
        raise tk.ValidationError({"id": [str(error)]}) from error
    return finish(context, row.id)


@validate(schema.decide)
def govdata_application_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Decide an application (LYG-19, DCF-25, YZ-22). Nobody decides on an application of their own side.

    :param id: the application's id
    :param accept: true to approve
    :param reason: for a refusal, by the city's rule: the reason
    :param basis: for a refusal, by the city's rule: the article that it rests on
    :param award_checked: for commercial development where the city asks for an award: that it was checked
    :returns: the application
    """
    place = _officer(context, data_dict, "govdata_application_decide")
    demand_confirmation("decide")
    row, user_id, moment, accept = place.row, acting(context), now(), data_dict["accept"]
    cases.locked(row.id)
    if accept:
        _refuse_unchecked_award(row, data_dict["award_checked"])
    words = {name: data_dict[name] for name in ("reason", "basis")}
    _take(place, "approve" if accept else "refuse", user_id, **words, at=moment)
    row.decided_at, row.days = moment, working_days(row.received_at, moment)
    timing.meet(row, domain.answer_topic(Kind(row.kind)), user_id)
    if accept and row.kind == Kind.SHARING.value:
        timing.start(row, place.case, timing.SUPPLY, moment, user_id)
    telling.decided(row, accept)
    moved("approve" if accept else "refuse", row)
    return finish(context, row.id)


def _refuse_unchecked_award(row: Application, checked: bool) -> None:
    """Commercial development by award alone, by the rules of the day of receipt (DCF-25)."""
    purpose = purposes().get(row.content["purpose"])
    commercial = purpose is not None and purpose.commercial and row.kind == Kind.OPEN.value
    pack = config.rule_pack(day_in_shanghai(row.received_at or now()))
    if commercial and domain.commercial_by_award(pack) and not checked:
        words = tk._(
            "Commercial development goes to the winner of a competition. Check the award, and say that you did."
        )
        raise tk.ValidationError({"award_checked": [words]})


@validate(schema.by_id)
def govdata_application_supply(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say that the shared data is supplied (YZ-22: within 5 working days of the answer).

    :param id: the application's id
    :returns: the application
    """
    place = _officer(context, data_dict, "govdata_application_supply")
    row, user_id = place.row, acting(context)
    if row.kind != Kind.SHARING.value:
        raise tk.ValidationError({"id": [tk._("Open data is supplied under its agreement. Prepare the agreement.")]})
    _take(place, "supply", user_id)
    timing.meet(row, timing.SUPPLY, user_id)
    telling.supplied(row)
    moved("supply", row)
    return finish(context, row.id)


@validate(schema.appeal_decide)
def govdata_application_appeal_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Settle an appeal, or coordinate a dispute on sharing (YZ-23), for the authority, as somebody without part in the case.

    The authority lets the refusal stand or sends it back; it never decides for the agency.

    :param id: the application's id
    :param uphold: true to let the refusal stand
    :param reason: why; both sides read it
    :returns: the application, with `remedies` where the refusal stands
    """
    place = _officer(context, data_dict, "govdata_application_appeal_decide")
    row, user_id, moment = place.row, acting(context), now()
    topic = timing.COORDINATION if place.case.state == "coordinating" else timing.APPEAL
    upheld = data_dict["uphold"]
    _take(place, "uphold" if upheld else "send-back", user_id, reason=data_dict["reason"], at=moment)
    timing.meet(row, topic, user_id)
    if not upheld:
        # The agency answers anew, within the same time as before.
        timing.answer_received(row, place.case, moment, user_id)
    telling.appeal_decided(row, place.case, upheld)
    return finish(context, row.id)


@validate(schema.assign)
def govdata_application_assign(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give an application to an officer of the agency, on record.

    :param id: the application's id
    :param officer: name or id of a publisher or decider of the agency
    :returns: the application
    """
    place = _officer(context, data_dict, "govdata_application_assign")
    person = model.User.get(data_dict["officer"])
    held = actor_of_user(person).capacities.get(place.case.agency or "") if person else None
    if person is None or held is None or held.value == "member":
        raise tk.ValidationError({"officer": [tk._("This is no publisher or decider of the agency.")]})
    cases.hand_over(cases.locked(place.row.id), acting(context), officer=person.id)
    return finish(context, place.row.id)


def _officer(context: Context, data_dict: DataDict, name: str) -> Place:
    tk.check_access(name, context, data_dict)
    return place_of(context, data_dict["id"])


def _take(place: Place, command: str, by: str, **more: Any) -> None:
    """A step in the strongest of the asker's roles that may take it."""
    roles = [role for role in (DECIDER, REVIEWER, AUTHORITY) if role in place.roles]
    wanted = {"uphold": AUTHORITY, "send-back": AUTHORITY}.get(command)
    role = wanted or (roles[0] if roles else REVIEWER)
    step(place.row, command, by, role, **more)


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_application_return,
        govdata_application_advise,
        govdata_application_extension_ask,
        govdata_application_extend,
        govdata_application_decide,
        govdata_application_supply,
        govdata_application_appeal_decide,
        govdata_application_assign,
    )
}
