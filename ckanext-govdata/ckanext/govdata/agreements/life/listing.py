"""Lists of agreements for each role, and one agreement whole."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...access.parties.standing import parties_of
from ...columns import now
from ...roles.actors import actor_of_context
from ...roles.domain import Actor, Permission, permits
from ...workflow.model import Case
from ..listening import listen
from . import schema, shown
from .documents import follow
from .model import Agreement
from .standing import place_of

_MOST = 1000


@tk.side_effect_free
@validate(schema.by_id)
def govdata_agreement_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """An agreement whole: terms, conditions, duties with their dates, steps, and what the asker can do next.

    :param id: the agreement's id
    :returns: the agreement
    """
    tk.check_access("govdata_agreement_show", context, data_dict)
    return shown.whole(place_of(context, data_dict["id"]))


@tk.side_effect_free
@validate(schema.listing)
def govdata_agreement_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Agreements at one desk: `mine` (one's parties'), `agency`, or `authority`; those that end first come first.

    :param desk: `mine` unless given; `agency` for an agency's people, `authority` for officers, `all` for all of these
    :param state: one state
    :param agency: id of an agency
    :param party: id of a party
    :param dataset: id of a dataset
    :param application: id of the application that they follow
    :param document: id of the document that is signed
    :param ending_within: effective ones that end within so many days
    :param limit: at most 1000, 20 unless given
    :param offset: how many to leave out at the beginning
    :returns: `count` and `results`
    """
    tk.check_access("govdata_agreement_list", context, data_dict)
    found = _filtered(_desk(context, data_dict), data_dict)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = found.order_by(Agreement.ends_at, Agreement.id).limit(min(data_dict["limit"], _MOST))
    rows = model.Session.execute(page.offset(data_dict["offset"]))
    return {"count": count, "results": [shown.brief(row, case) for row, case in rows]}


def _desk(context: Context, data_dict: DataDict) -> sa.Select[Any]:
    actor, desk = actor_of_context(context), data_dict.get("desk") or "mine"
    found = sa.select(Agreement, Case).join(Case, Case.id == Agreement.id)
    if desk == "mine":
        own = [party.id for party in parties_of(actor.user_id or "")]
        return found.where(Agreement.party_id.in_(own))
    if desk == "authority" and permits(actor, Permission.AGREEMENT_READ).allowed:
        return found
    agencies = [one for one in actor.agencies if permits(actor, Permission.AGREEMENT_READ, one).allowed]
    if desk == "all":
        return _all(found, actor, agencies)
    if desk != "agency" or not agencies:
        raise tk.NotAuthorized(tk._("This desk is not yours. Ask your agency or the authority to add you."))
    return found.where(Case.agency.in_(agencies))


def _all(found: sa.Select[Any], actor: Actor, agencies: list[str]) -> sa.Select[Any]:
    """Whatever the asker sees: their parties' and their agencies'; officers see all."""
    if permits(actor, Permission.AGREEMENT_READ).allowed:
        return found
    own = [party.id for party in parties_of(actor.user_id or "")]
    return found.where(sa.or_(Agreement.party_id.in_(own), Case.agency.in_(agencies)))


def _filtered(found: sa.Select[Any], data_dict: DataDict) -> sa.Select[Any]:
    given = {
        Agreement.state: data_dict.get("state"),
        Case.agency: data_dict.get("agency"),
        Agreement.party_id: data_dict.get("party"),
        Agreement.package_id: data_dict.get("dataset"),
        Agreement.application_id: data_dict.get("application"),
        Agreement.document: data_dict.get("document"),
    }
    for column, value in given.items():
        if value:
            found = found.where(column == value)
    if str(data_dict.get("ending_within") or "").isdigit():
        until = now() + datetime.timedelta(days=min(int(str(data_dict["ending_within"])), 3650))
        found = found.where(Agreement.state.in_(("effective", "noticed")), Agreement.ends_at <= until)
    return found


listen(follow)

ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (govdata_agreement_show, govdata_agreement_list)
}
