"""Actions of merging: the same dataset of two agencies becomes one, and two again."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from .. import merging, schema
from ..file_model import HarvestMerge
from ..jobs.planning import acting_user
from .shared import acting, agency_title, language, person, recorded, refuse, say, shown_time


@validate(schema.merge)
def govdata_harvest_twin_merge(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Merge the same dataset of two agencies: one entry stays as it is, the other is given up by its own agency (DCF-15).

    :param gone: id of the entry that goes
    :param kept: id of the entry that stays; it is published
    :param reason: why the other agency's entry is the one that stays
    :returns: the merging
    """
    tk.check_access("govdata_harvest_twin_merge", context, data_dict)
    kept, gone = _entry(data_dict["kept"]), _entry(data_dict["gone"])
    by = acting_user(acting(context))
    try:
        recorded("twins-merged", context, "", kept=kept.id, gone=gone.id)
        row = merging.merge(kept, gone, data_dict["reason"], by)
    except merging.CannotMerge as error:
        model.Session.rollback()
        refuse(error.code, "gone")
    except IntegrityError:
        model.Session.rollback()
        refuse("no_twins", "gone")
    return as_dict(row)


@validate(schema.one)
def govdata_harvest_twin_part(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Undo a merging: the entry that went is in its place again.

    :param id: id of the merging
    :returns: the merging
    """
    tk.check_access("govdata_harvest_twin_part", context, data_dict)
    row = model.Session.get(HarvestMerge, data_dict["id"], with_for_update=True, populate_existing=True)
    if row is None:
        raise tk.ObjectNotFound(say("refusals", "merging_missing", language()))
    if row.undone_at is not None:
        refuse("already_parted", "id")
    try:
        recorded("twins-parted", context, "", kept=row.kept_id, gone=row.gone_id)
        merging.part(row, acting_user(acting(context)))
    except merging.CannotMerge as error:
        model.Session.rollback()
        refuse(error.code, "id")
    return as_dict(row)


def _entry(reference: str) -> model.Package:
    found = model.Package.get(reference)
    if found is None or found.state != "active":
        raise tk.ObjectNotFound(say("refusals", "entry_missing", language()))
    return found


def as_dict(row: HarvestMerge) -> dict[str, Any]:
    """A merging as it is shown."""
    kept, gone = (model.Session.get(model.Package, one) for one in (row.kept_id, row.gone_id))
    return {
        "id": row.id,
        "kept": row.kept_id,
        "kept_title": kept.title if kept else "",
        "kept_agency": agency_title(kept.owner_org) if kept else "",
        "gone": row.gone_id,
        "gone_title": gone.title if gone else "",
        "gone_agency": agency_title(row.agency_id),
        "reason": row.reason,
        "by": person(row.merged_by),
        "merged_at": shown_time(row.merged_at),
        "undone_at": shown_time(row.undone_at),
    }


ALL = (govdata_harvest_twin_merge, govdata_harvest_twin_part)
