"""Lists of applications for each role, and one application whole."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...access.parties.standing import parties_of
from ...clocks.views import first_due, late_cases
from ...columns import now
from ...roles.actors import actor_of_context
from ...roles.domain import Actor, Permission, permits
from ...workflow import queries
from ...workflow.model import Case
from ...workflow.queries import Wanted
from . import attaching, schema, shown, timing
from .model import Application, Attachment
from .standing import place_of

MOST = 1000
EXPORTED = (
    "id", "kind", "title", "agency_title", "applicant", "purpose_title", "state_title", "outcome", "received_at",
    "decided_at", "due_day", "overdue", "officer",
)  # fmt: skip


@tk.side_effect_free
@validate(schema.by_id)
def govdata_application_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """An application whole: content, files, steps, clock, what the asker can do next, and for a refusal the remedies.

    :param id: the application's id
    :returns: the application
    """
    tk.check_access("govdata_application_show", context, data_dict)
    place = place_of(context, data_dict["id"])
    return shown.whole(place, timing.due_of([place.row.id]).get(place.row.id))


@tk.side_effect_free
@validate(schema.by_id)
def govdata_application_file_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """An attachment, with its bytes, for those who handle the application.

    :param id: the attachment's id
    :returns: the attachment, with `content` (bytes; in the API's answer, in hex)
    """
    tk.check_access("govdata_application_file_show", context, data_dict)
    row = model.Session.get_one(Attachment, data_dict["id"])
    content = attaching.content_of(row)
    return {**attaching.as_dict(row), "content": content if context.get("as_bytes") else content.hex()}


@tk.side_effect_free
@validate(schema.listing)
def govdata_application_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Applications at one desk: `mine` (own and one's parties'), `agency`, or `authority`; by date, overdue ones first.

    :param desk: `mine` unless given; `agency` for an agency's publishers and deciders, `authority` for officers
    :param state: one state
    :param open: only those that wait for something (true), or that are over (false)
    :param overdue: only those whose date is over
    :param agency: id of an agency
    :param party: id of a party
    :param dataset: id of a dataset
    :param kind: `open` or `sharing`
    :param purpose: a code
    :param officer: id of whoever handles them
    :param q: part of the dataset's title
    :param limit: at most 1000, 20 unless given
    :param offset: how many to leave out at the beginning
    :returns: `count`, `results`, and `figures` of the desk whatever the filters: `open`, `overdue`
    """
    tk.check_access("govdata_application_list", context, data_dict)
    desk = _desk(context, data_dict)
    found = _filtered(desk, data_dict)
    page = _ordered(found).limit(min(data_dict["limit"], MOST)).offset(data_dict["offset"])
    # The ids first: sorting ten thousand whole applications costs ten times as much as sorting their ids.
    ids = list(model.Session.scalars(page))
    wanted = sa.select(Case, Application).join(Application, Application.id == Case.id).where(Case.id.in_(ids))
    rows = {case.id: (case, row) for case, row in model.Session.execute(wanted)}
    views = timing.due_of(ids)
    results = [shown.brief(rows[one][1], rows[one][0], views.get(one)) for one in ids]
    return {"count": _count(found), "results": results, "figures": _figures(desk)}


def _count(found: sa.Select[Any]) -> int:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0


def _figures(desk: Wanted) -> dict[str, int]:
    """How many wait at a desk, and how many of them too long."""
    return {
        "open": _count(_filtered(desk, {"open": True})),
        "overdue": _count(_filtered(desk, {"overdue": True})),
    }


def _desk(context: Context, data_dict: DataDict) -> Wanted:
    """The cases that the asker sees at this desk; a desk that is not theirs is refused in words."""
    actor, desk = actor_of_context(context), data_dict.get("desk") or "mine"
    if desk == "mine":
        own = [party.id for party in parties_of(actor.user_id or "")]
        return Wanted(("application",), mine=actor.user_id or "", parties=own)
    everything = permits(actor, Permission.APPLICATION_READ).allowed
    if desk == "authority" and everything:
        return Wanted(("application",))
    agencies = _agencies(actor)
    if desk != "agency" or not agencies:
        raise tk.NotAuthorized(tk._("This desk is not yours. Ask your agency or the authority to add you."))
    return Wanted(("application",), agencies=agencies)


def _agencies(actor: Actor) -> list[str]:
    return [one for one in sorted(actor.agencies) if permits(actor, Permission.APPLICATION_READ, one).allowed]


def _filtered(wanted: Wanted, data_dict: DataDict) -> sa.Select[Any]:
    found = queries.statement(wanted).join(Application, Application.id == Case.id).with_only_columns(Case.id)
    if wanted.mine is None:
        found = found.where(Case.state.not_in(("draft", "discarded")))
    given = {
        Case.state: data_dict.get("state"),
        Case.agency: data_dict.get("agency"),
        Case.officer: data_dict.get("officer"),
        Application.party_id: data_dict.get("party"),
        Application.package_id: data_dict.get("dataset"),
        Application.kind: data_dict.get("kind"),
        Application.content["purpose"].astext: data_dict.get("purpose"),
    }
    for column, value in given.items():
        if value:
            found = found.where(column == value)
    if data_dict.get("q"):
        found = found.where(Application.title.icontains(str(data_dict["q"]), autoescape=True))
    return _by_time(found, data_dict)


def _by_time(found: sa.Select[Any], data_dict: DataDict) -> sa.Select[Any]:
    if data_dict.get("open") is not None:
        is_open = Case.state.in_(_open_states())
        found = found.where(is_open if data_dict["open"] else sa.not_(is_open))
    if data_dict.get("overdue"):
        found = found.where(Case.id.in_(late_cases()))
    return found


def _open_states() -> Sequence[str]:
    from .machine import APPLICATION

    return sorted(APPLICATION.open)


def _ordered(found: sa.Select[Any]) -> sa.Select[Any]:
    """What has a date first, strictly by date: overdue ones on top. Then what waits without one, then what is over."""
    due, waiting = first_due(), sa.case((Case.state.in_(_open_states()), 0), else_=1)
    found = found.outerjoin(due, due.c.case_id == Case.id)
    return found.order_by(due.c.due_at.asc().nulls_last(), waiting, Case.moved_at.desc(), Case.id)


def exported(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """A desk's list as flat rows for a file: everything that the filters find, at most 10,000."""
    rows: list[dict[str, Any]] = []
    while len(rows) < MOST * 10:
        page = govdata_application_list(context, {**data_dict, "limit": MOST, "offset": len(rows)})["results"]
        rows += [_flat(one) for one in page]
        if len(page) < MOST:
            break
    return rows


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    due = one.get("due") or {}
    flat = {**one, "due_day": due.get("due_day"), "overdue": due.get("overdue")}
    return {name: flat.get(name) for name in EXPORTED}


def day(moment: datetime.datetime | None = None) -> str:
    """A day for a file's name."""
    return (moment or now()).date().isoformat()


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (govdata_application_show, govdata_application_file_show, govdata_application_list)
}
