"""Actions of the switch: shut, propose to open again, decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ..catalogue.record import acting
from . import schema, switch
from .gate import is_absent_for
from .model import Shutting


def _package(reference: str) -> model.Package:
    package = model.Package.get(reference)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    return package


def _seen(context: Context, reference: str) -> model.Package:
    """The dataset; one that is hidden from whoever asks is answered as one that never existed."""
    package = _package(reference)
    user = context.get("auth_user_obj") or model.User.get(context.get("user") or "")
    if not context.get("ignore_auth") and is_absent_for(package, user):
        raise tk.ObjectNotFound(tk._("Dataset not found."))
    return package


@validate(schema.with_reason)
def govdata_shut(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Shut a dataset at once (LYG-26): nobody gets its files, rows, previews or links, by whatever route or grant.

    For its agency, the operator and the authority. Its page stays, with a notice. Shutting again changes nothing.

    :param id: name or id of the dataset
    :param reason: why; for those who look into it, not for the public
    :returns: the shutting: `id`, `package_id`, `reason`, `shut_by`, `shut_at`, `proposed_by`, `proposal`, `opened_by`, ...
    """
    tk.check_access("govdata_shut", context, data_dict)
    row = switch.shut(_package(data_dict["id"]), acting(context), data_dict["reason"])
    return switch.as_dict(row, whole=True)


@validate(schema.with_reason)
def govdata_open_again_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose that a shut dataset is opened again, as the first of two persons.

    :param id: name or id of the dataset
    :param reason: what was found and done
    :returns: the shutting
    """
    tk.check_access("govdata_open_again_propose", context, data_dict)
    row = _shutting(data_dict["id"])
    if row.proposed_by is not None:
        raise tk.ValidationError({"id": [tk._("This is proposed already. A second person decides it.")]})
    switch.propose(row, acting(context), data_dict["reason"])
    return switch.as_dict(row, whole=True)


@validate(schema.decision)
def govdata_open_again_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Open a shut dataset again, or turn the proposal down, as the second of two persons.

    :param id: name or id of the dataset
    :param accept: whether it is opened
    :param reason: why; needed to turn it down
    :returns: the shutting
    """
    tk.check_access("govdata_open_again_decide", context, data_dict)
    row = _shutting(data_dict["id"])
    by = acting(context)
    if row.proposed_by is None:
        raise tk.ValidationError({"id": [tk._("Nobody has proposed to open this dataset again. Propose it first.")]})
    if row.proposed_by == by and data_dict["accept"]:
        raise tk.ValidationError({"id": [tk._("You proposed this yourself. A second person has to decide it.")]})
    if not data_dict["accept"] and not data_dict["reason"].strip():
        raise tk.ValidationError({"reason": [tk._("Say why the dataset stays shut.")]})
    switch.decide(row, by, data_dict["accept"], data_dict["reason"])
    return switch.as_dict(row, whole=True)


@tk.side_effect_free
@validate(schema.page)
def govdata_shut_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Datasets that are shut now, the newest first: an agency's own; for operator and authority, all.

    :param id: of this dataset alone, with the times before
    :param limit: how many, at most 1000
    :param offset: how many to leave out
    :returns: `count` and `results`
    """
    tk.check_access("govdata_shut_list", context, data_dict)
    from .auth import agencies_seen

    found = sa.select(Shutting).join(model.Package, model.Package.id == Shutting.package_id)
    seen = agencies_seen(context)
    if seen is not None:
        found = found.where(model.Package.owner_org.in_(seen))
    if data_dict.get("id"):
        found = found.where(Shutting.package_id == _seen(context, data_dict["id"]).id)
    else:
        found = found.where(Shutting.opened_at.is_(None))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    page = found.order_by(Shutting.shut_at.desc()).limit(min(data_dict["limit"], 1000)).offset(data_dict["offset"])
    return {"count": count, "results": [switch.as_dict(row, whole=True) for row in model.Session.scalars(page)]}


def _shutting(reference: str) -> Shutting:
    row = switch.shutting_of(_package(reference).id)
    if row is None:
        raise tk.ValidationError({"id": [tk._("This dataset is not shut.")]})
    objection = switch.objection_to_opening(row.package_id)
    if objection is not None:
        raise tk.ValidationError({"id": [tk._(objection)]})
    return row


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_shut": govdata_shut,
    "govdata_open_again_propose": govdata_open_again_propose,
    "govdata_open_again_decide": govdata_open_again_decide,
    "govdata_shut_list": govdata_shut_list,
}
