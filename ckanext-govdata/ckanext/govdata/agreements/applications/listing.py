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
from ...clocks import keeping
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
    """Applications at one desk: `mine` (own and one's parties'), `agency`, or `authority`; overdue and due ones first.

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
    :returns: `count`, `results`, and `figures` of the desk: open, overdue
    """
    tk.check_access("govdata_application_list", context, data_dict)
    found = _filtered(_desk(context, data_dict), data_dict)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = found.limit(min(data_dict["limit"], MOST)).offset(data_dict["offset"])
    rows = [(case, row) for case, row in model.Session.execute(_ordered(page, data_dict))]
    views = timing.due_of([case.id for case, _ in rows])
    return {"count": count, "results": [shown.brief(row, case, views.get(case.id)) for case, row in rows]}


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
    found = queries.statement(wanted).join(Application, Application.id == Case.id).add_columns(Application)
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
        late = [view.case_id for view in keeping.opened() if view.overdue]
        found = found.where(Case.id.in_(late))
    return found


def _open_states() -> Sequence[str]:
    from .machine import APPLICATION

    return sorted(APPLICATION.open)


def _ordered(found: sa.Select[Any], data_dict: DataDict) -> sa.Select[Any]:
    """What waits first, the longest waiting on top; then what is over, the newest on top."""
    waiting = sa.case((Case.state.in_(_open_states()), 0), else_=1)
    return found.order_by(waiting, sa.case((waiting == 0, Application.received_at)), Case.moved_at.desc(), Case.id)


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
