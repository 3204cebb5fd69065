"""Actions of tracing: what an agency says of a file's rows, and whose delivery a leaked file is consistent with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...catalogue.record import acting
from ...columns import now
from ...ledger import journal
from . import schema
from .comparing import compare, stored
from .model import Marking
from .received import content_of
from .tables import NotRewritable, read_table


@validate(schema.declaration)
def govdata_marking_declare(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say that the order of a file's rows means nothing, so that deliveries under a grant carry marks (LYG-26), or that it does.

    :param id: id of the file
    :param order_meaningless: whether its rows may stand in any order
    :param tolerances: column -> the most by which a value may be moved; only columns named here lose a last digit's exactness
    :returns: the declaration
    """
    tk.check_access("govdata_marking_declare", context, data_dict)
    resource = _resource(data_dict["id"])
    tolerances = _tolerances(data_dict.get("tolerances") or {})
    if data_dict["order_meaningless"]:
        _demand_rewritable(resource, tolerances)
    row = model.Session.get(Marking, resource.id) or Marking(resource_id=resource.id, package_id=resource.package_id)
    row.order_meaningless, row.tolerances = data_dict["order_meaningless"], tolerances
    row.declared_by, row.declared_at = acting(context), now()
    model.Session.add(row)
    fields = {
        "govdata.dataset.id": resource.package_id,
        "govdata.resource.id": resource.id,
        "govdata.marking.order_meaningless": row.order_meaningless,
        "govdata.marking.tolerances": dict(tolerances) or None,
    }
    journal.change(
        "marking-declared", row.declared_by, {name: value for name, value in fields.items() if value is not None}
    )
    model.Session.commit()
    return _as_dict(row)


@tk.side_effect_free
@validate(schema.of_file)
def govdata_marking_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What the agency says of the order of a file's rows.

    :param id: id of the file
    :returns: `id`, `order_meaningless`, `tolerances`, `declared_by`, `declared_at`
    """
    tk.check_access("govdata_marking_show", context, data_dict)
    row = model.Session.get(Marking, _resource(data_dict["id"]).id)
    return _as_dict(row) if row else {"id": data_dict["id"], "order_meaningless": False, "tolerances": {}}


@validate(schema.leak)
def govdata_leak_trace(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Whose delivery a leaked file is consistent with (LYG-21, LYG-26). The question and the answer are in the ledger.

    The answer is `consistent` or `cannot_tell`, never a proof: whoever runs the portal could make such a file too.

    :param id: id of the file that it may come from
    :param upload: the leaked file, CSV, TSV, JSON or JSON Lines; as an upload or in base64
    :param source: the version it was delivered from, where the portal has another by now; likewise
    :param reason: why; the ledger's entry commits to it
    :returns: `answer`, `named` (grant, party, z, channel, comparisons, delivery, delivered_at), `best_other_z`, `candidates`,
        `rows`, `matched`, `threshold`, `bound` (chance, at most, of any false name), `same_bytes`, `unmarked_holders`, `caution`
    """
    tk.check_access("govdata_leak_trace", context, data_dict)
    resource = _resource(data_dict["id"])
    leaked = content_of(data_dict["upload"], "upload")
    source = content_of(data_dict["source"], "source") if data_dict.get("source") else stored(resource)
    found = compare(resource, source, leaked)
    named = [one["grant"] for one in found["named"]]
    fields = {
        "govdata.dataset.id": resource.package_id,
        "govdata.resource.id": resource.id,
        "file.hash.sha256": hashlib.sha256(leaked).hexdigest(),
        "govdata.leak.answer": found["answer"],
        "govdata.leak.grants": named or None,
        "govdata.leak.candidates": found["candidates"],
    }
    given = {name: value for name, value in fields.items() if value is not None}
    journal.change("leak-traced", acting(context), given, journal.in_words(data_dict["reason"]))
    model.Session.commit()
    return found


def _resource(reference: str) -> model.Resource:
    resource = model.Resource.get(reference)
    if resource is None or resource.state != "active":
        raise tk.ObjectNotFound(tk._("There is no such file."))
    return resource


def _tolerances(given: Any) -> dict[str, str]:
    try:
        found = {str(name): Decimal(str(most)) for name, most in dict(given).items()}
    except (InvalidOperation, TypeError, ValueError) as error:
        raise tk.ValidationError({"tolerances": [tk._("Name columns, each with a number such as 0.01.")]}) from error
    if any(not most.is_finite() or most <= 0 for most in found.values()):
        raise tk.ValidationError({"tolerances": [tk._("A tolerance is a number above zero.")]})
    return {name: f"{most:f}" for name, most in found.items()}


def _demand_rewritable(resource: model.Resource, tolerances: dict[str, str]) -> None:
    """Say at once what would otherwise quietly leave without marks."""
    try:
        heading = read_table(stored(resource)).heading
    except NotRewritable as error:
        words = tk._(
            "The rows of this file cannot be put into another order for sure: {reason}. Give CSV or JSON instead."
        )
        raise tk.ValidationError({"id": [words.format(reason=error)]}) from error
    strange = sorted(set(tolerances) - set(heading))
    if strange:
        raise tk.ValidationError({"tolerances": [tk._("The file has no column {name}.").format(name=strange[0])]})


def _as_dict(row: Marking) -> dict[str, Any]:
    return {
        "id": row.resource_id,
        "order_meaningless": row.order_meaningless,
        "tolerances": row.tolerances,
        "declared_by": row.declared_by,
        "declared_at": row.declared_at.isoformat() + "Z",
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_marking_declare": govdata_marking_declare,
    "govdata_marking_show": govdata_marking_show,
    "govdata_leak_trace": govdata_leak_trace,
}
