"""Actions of the applicant: what is asked, drafting, files, submitting, completing, withdrawing, appealing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ... import config
from ...access.parties.domain import may_act
from ...access.parties.model import Party
from ...access.parties.standing import standing_of
from ...catalogue.record import acting
from ...columns import now
from ...roles.actors import actor_of_context
from ...rules.working_days import day_in_shanghai
from ...workflow import cases
from . import attaching, domain, schema, shown, telling, timing
from .dataset import Asked, asked_for, refuse_kind
from .domain import Content, Kind, Offer, Sharing
from .machine import APPLICANT
from .model import Application, Attachment
from .moving import finish, moved, step
from .standing import Place, absent, place_of, refuse_unless_acting
from .vocabulary import purposes

_CONTENT = tuple(Content().as_dict())


@tk.side_effect_free
@validate(schema.by_id)
def govdata_application_options(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What an application for a dataset asks, and why: fields, purposes, the dataset's published conditions, the date.

    :param id: name or id of the dataset
    :returns: `dataset`, `kinds` (`open`, `sharing`) that can be applied for, `purposes`, `conditions` by key, `items`,
        `longest` (months), `commercial_by_award`, and `clocks` by kind: the answer's clock as it would start now
    """
    tk.check_access("govdata_application_options", context, data_dict)
    asked = asked_for(context, data_dict["id"])
    pack = config.rule_pack()
    kinds = [Kind.OPEN] if asked.open_tier == "conditional" else []
    if asked.sharing_tier and actor_of_context(context).agencies:
        kinds.append(Kind.SHARING)
    views = {kind.value: timing.foresee(kind) for kind in kinds}
    return {
        "dataset": {"id": asked.id, "name": asked.name, "title": asked.title, "agency": asked.agency},
        "kinds": [kind.value for kind in kinds] if asked.published else [],
        "sharing_tier": asked.sharing_tier,
        "purposes": [_purpose(code, domain.commercial_by_award(pack)) for code in purposes()],
        "conditions": dict(asked.offer.conditions),
        "items": sorted(asked.offer.items),
        "item_titles": dict(asked.item_titles),
        "longest": {"use": domain.LONGEST_TERM, "operation": domain.longest_term(True, pack)},
        "commercial_by_award": domain.commercial_by_award(pack),
        "refusal_needs": {kind.value: domain.demanded_of_refusal(kind, pack).value for kind in kinds},
        "clocks": {kind: view.as_dict() if view else None for kind, view in views.items()},
    }


def _purpose(code: str, by_award: bool) -> dict[str, Any]:
    """A purpose to choose, and which field of the form it alone asks for."""
    one = purposes()[code]
    asks = "public_good" if one.public_good else "award" if one.commercial and by_award else ""
    return {"code": code, "title": shown.purpose_title(code), "asks": asks}


@validate(schema.draft)
def govdata_application_draft(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Begin an application for conditional data (LYG-10), or between agencies (YZ-22).

    :param id: name or id of the dataset
    :param party: the party that applies; for a body that is no agency but has a public duty as well (DCF-20)
    :param agency: the agency that applies, for data shared between agencies; instead of a party
    :param purpose: a code of the purposes (see govdata_application_options)
    :param scenario: what the data is used for, where, by whom
    :param security: how the data is protected
    :param items: names of the data items asked for; all unless given
    :param modes: `download`, `api`, `view`
    :param months: for how long
    :param award: the award of a tender, for commercial development where the city's rule asks for it
    :param public_good: that research keeps to research, teaching and the public good
    :param operation: whether this is authorised operation (GY-c6)
    :param consent: whether the public register may show the enterprise's name and scenario
    :param answers: for each published condition by its key, how it is met
    :returns: the application
    """
    tk.check_access("govdata_application_draft", context, data_dict)
    asked = asked_for(context, data_dict["id"])
    kind, side = _side(context, data_dict, asked)
    refuse_kind(asked, kind)
    user_id = acting(context)
    case = cases.open_case(
        "application",
        user_id,
        APPLICANT,
        command="draft",
        agency=asked.agency,
        dataset=asked.id,
        party=side.get("party_id"),
        subject=asked.title,
    )
    row = Application(id=case.id, kind=kind.value, package_id=asked.id, title=asked.title, **side)
    row.agency_title, row.sharing_tier = asked.agency_title, asked.sharing_tier
    _fill(row, data_dict, asked.offer)
    model.Session.add(row)
    return finish(context, row.id)


def _side(context: Context, data_dict: Mapping[str, Any], asked: Asked) -> tuple[Kind, dict[str, Any]]:
    """The applicant: a party that the asker belongs to, or an agency whose publisher or decider the asker is."""
    actor = actor_of_context(context)
    if data_dict.get("agency"):
        group = model.Group.get(data_dict["agency"])
        held = actor.capacities.get(group.id) if group else None
        if group is None or held is None or held.value == "member":
            raise tk.NotAuthorized(tk._("Only an agency's publishers and deciders apply for it. Ask one of them."))
        if group.id == asked.agency:
            raise tk.ValidationError({"agency": [tk._("This is your agency's own data.")]})
        return Kind.SHARING, {"applicant_agency": group.id}
    party = model.Session.get(Party, data_dict.get("party") or "")
    decision = may_act(standing_of(party, actor.user_id)) if party else None
    if party is None or decision is None or decision.reason == "not_member":
        raise tk.ValidationError({"party": [tk._("Choose a party that you belong to, or register one first.")]})
    if not decision.allowed:
        raise tk.NotAuthorized(tk._(decision.message))
    return Kind.OPEN, {"party_id": party.id, "party_kind": party.kind}


@validate(schema.update)
def govdata_application_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change an application while it is a draft or returned; fields left out stay as they are.

    :param id: the application's id
    :returns: the application
    """
    place = _mine(context, data_dict, "govdata_application_update")
    if place.case.state not in ("draft", "returned"):
        raise tk.ValidationError({"id": [tk._("It has been submitted and does not change any more.")]})
    offer = Offer(frozenset(place.row.offered), place.row.conditions)
    if place.case.state == "draft":
        offer = asked_for(context, place.row.package_id).offer
    _fill(place.row, data_dict, offer)
    return finish(context, place.row.id)


def _fill(row: Application, data_dict: Mapping[str, Any], offer: Offer) -> None:
    given = {name: data_dict[name] for name in _CONTENT if name in data_dict and data_dict[name] is not None}
    row.content = {**Content().as_dict(), **(row.content or {}), **given}
    row.conditions, row.offered, row.changed_at = dict(offer.conditions), sorted(offer.items), now()


def content_of(row: Application) -> Content:
    """What the application states."""
    return domain.content_from(row.content)


@validate(schema.attach)
def govdata_application_attach(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Attach a file: PDF, JPEG, PNG, Word or Excel, told by its content; never public.

    :param id: the application's id
    :param upload: the file
    :returns: the attachment
    """
    place = _mine(context, data_dict, "govdata_application_attach")
    _refuse_unless_open(place)
    found = attaching.attach(place.row, data_dict["upload"], acting(context))
    model.Session.commit()
    return attaching.as_dict(found)


@validate(schema.by_id)
def govdata_application_detach(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a file out of an application that is a draft or returned.

    :param id: the attachment's id
    :returns: the application
    """
    tk.check_access("govdata_application_detach", context, data_dict)
    found = model.Session.get(Attachment, data_dict["id"])
    if found is None:
        raise absent()
    place = _mine(context, {"id": found.application_id}, "govdata_application_update")
    _refuse_unless_open(place)
    attaching.detach(found)
    return finish(context, place.row.id)


def _refuse_unless_open(place: Place) -> None:
    cases.locked(place.row.id)
    if place.case.state not in ("draft", "returned"):
        raise tk.ValidationError({"id": [tk._("It has been submitted and does not change any more.")]})


@validate(schema.by_id)
def govdata_application_submit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Submit an application: the answer's clock starts (LYG-19, YZ-22). What it lacks is named all at once.

    Data shared without conditions is obtained at once (YZ-22); for data not shared, govdata_application_coordinate.

    :param id: the application's id
    :returns: the application, with `due`
    """
    place = _mine(context, data_dict, "govdata_application_submit")
    row, user_id, moment = place.row, acting(context), now()
    cases.locked(row.id)
    _refuse_what_lacks(row)
    pack = config.rule_pack(day_in_shanghai(moment))
    kind = Kind(row.kind)
    row.pack, row.received_at = pack.key, moment
    facts = {"sha256": content_of(row).digest, "files": [one.sha256 for one in attaching.files_of(row.id)]}
    if kind is Kind.SHARING and row.sharing_tier == Sharing.UNCONDITIONAL.value:
        row.decided_at, row.days = moment, 0
        step(row, "obtain", user_id, APPLICANT, facts=facts, at=moment)
        moved("obtain", row)
        return finish(context, row.id)
    _refuse_not_shared(row)
    demands = domain.demanded_of_refusal(kind, pack)
    step(row, "submit", user_id, APPLICANT, facts=facts, demands=demands, at=moment)
    timing.answer_received(row, place.case, moment, user_id)
    telling.received(row, place.case, user_id)
    return finish(context, row.id)


def _refuse_not_shared(row: Application) -> None:
    if row.kind == Kind.SHARING.value and row.sharing_tier == Sharing.NOT_SHARED.value:
        words = tk._("This data is not shared. Ask the authority to coordinate, with the duty that needs it.")
        raise tk.ValidationError({"id": [words]})


def _refuse_what_lacks(row: Application) -> None:
    """A verified party, and everything that form and conditions ask: what lacks is named at once."""
    offer = Offer(frozenset(row.offered), row.conditions)
    pack = config.rule_pack(day_in_shanghai(now()))
    lacking = domain.lacks(content_of(row), offer, Kind(row.kind), pack)
    found: dict[str, Any] = {name: [tk._(words)] for name, words in lacking.items()}
    party = model.Session.get(Party, row.party_id) if row.party_id else None
    if party is not None and party.state != "verified":
        found["party"] = [tk._("This party is not verified yet. Hand in its proof of identity first.")]
    if found:
        model.Session.rollback()
        raise tk.ValidationError(found)


@validate(schema.by_id)
def govdata_application_complete(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand a returned application in again. The answer's clock has run on, and runs on (LYG-19).

    :param id: the application's id
    :returns: the application
    """
    place = _mine(context, data_dict, "govdata_application_complete")
    row, user_id = place.row, acting(context)
    cases.locked(row.id)
    if place.case.state == "returned":
        _refuse_what_lacks(row)
    facts = {"sha256": content_of(row).digest, "files": [one.sha256 for one in attaching.files_of(row.id)]}
    step(row, "complete", user_id, APPLICANT, facts=facts)
    timing.held_by(row, "agency", user_id)
    telling.completed(row, place.case, user_id)
    return finish(context, row.id)


def _own_step(name: str, command: str, words: str, after: Callable[[Place, str], None]) -> Callable[..., Any]:
    @validate(schema.maybe_reason)
    def action(context: Context, data_dict: DataDict) -> dict[str, Any]:
        place = _mine(context, data_dict, name)
        user_id = acting(context)
        step(place.row, command, user_id, APPLICANT, reason=data_dict["reason"])
        after(place, user_id)
        return finish(context, place.row.id)

    action.__name__, action.__doc__ = name, words
    return action


def _ended(place: Place, user_id: str) -> None:
    timing.end_all(place.row, user_id)
    if place.row.received_at:
        telling.withdrawn(place.row, place.case, user_id)


def _appealed(place: Place, user_id: str) -> None:
    timing.start(place.row, place.case, timing.APPEAL, now(), user_id, to_agency=False)
    telling.appealed(place.row, user_id)


def _coordinating(place: Place, user_id: str) -> None:
    timing.start(place.row, place.case, timing.COORDINATION, now(), user_id, to_agency=False)
    telling.appealed(place.row, user_id)


govdata_application_withdraw = _own_step(
    "govdata_application_withdraw",
    "withdraw",
    """Withdraw an application.

    :param id: the application's id
    :param reason: why, if you like
    :returns: the application
    """,
    _ended,
)
govdata_application_discard = _own_step(
    "govdata_application_discard",
    "discard",
    """Discard a draft.

    :param id: the application's id
    :returns: the application
    """,
    _ended,
)
govdata_application_appeal = _own_step(
    "govdata_application_appeal",
    "appeal",
    """Appeal to the authority against a refusal. It lets the refusal stand or sends it back; it never decides for the agency.

    The appeal is the portal's own: administrative reconsideration (行政复议) and the courts (行政诉讼) remain open beside it.

    :param id: the application's id
    :param reason: why the refusal is wrong
    :returns: the application, with `remedies`
    """,
    _appealed,
)


@validate(schema.with_reason)
def govdata_application_coordinate(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask the authority to coordinate: data not shared, or refused, that a duty needs (YZ-23).

    :param id: the application's id
    :param reason: the duty that needs the data
    :returns: the application
    """
    place = _mine(context, data_dict, "govdata_application_coordinate")
    row, user_id, moment = place.row, acting(context), now()
    if row.kind != Kind.SHARING.value:
        raise tk.ValidationError({"id": [tk._("Only data shared between agencies is coordinated. Appeal instead.")]})
    cases.locked(row.id)
    demands = None
    if place.case.state == "draft":
        _refuse_what_lacks(row)
        pack = config.rule_pack(day_in_shanghai(moment))
        row.pack, row.received_at = pack.key, moment
        demands = domain.demanded_of_refusal(Kind.SHARING, pack)
    facts = {"sha256": content_of(row).digest}
    step(row, "coordinate", user_id, APPLICANT, reason=data_dict["reason"], facts=facts, demands=demands, at=moment)
    _coordinating(place, user_id)
    return finish(context, row.id)


def _mine(context: Context, data_dict: Mapping[str, Any], name: str) -> Place:
    tk.check_access(name, context, dict(data_dict))
    place = place_of(context, str(data_dict["id"]))
    refuse_unless_acting(place.row, place.actor)
    return place


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        govdata_application_options,
        govdata_application_draft,
        govdata_application_update,
        govdata_application_attach,
        govdata_application_detach,
        govdata_application_submit,
        govdata_application_complete,
        govdata_application_withdraw,
        govdata_application_discard,
        govdata_application_appeal,
        govdata_application_coordinate,
    )
}
