"""Actions of the holders of data that was corrected: they read what was wrong, and acknowledge that they know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from ...access.parties.standing import parties_of
from ...catalogue.record import acting
from ...roles.actors import actor_of_context
from ..known import row_of
from . import corrections, schema
from .model import CorrectionHolder, Objection


@tk.side_effect_free
@validate(schema.one)
def govdata_correction_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A correction, to a holder of the data that was wrong; to others it is not there.

    :param id: id of the case
    :returns: `number`, `title`, `reply`, `old_version`, `new_version`, `items`, `acknowledged_at`
    """
    tk.check_access("govdata_correction_show", context, data_dict)
    holder, *_ = _holders(context, data_dict["id"])
    shown = corrections.as_answer(holder, row_of(Objection, data_dict["id"]))
    model.Session.rollback()
    return shown


@validate(schema.one)
def govdata_correction_acknowledge(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say, as a holder, that one knows of a correction and uses the new version.

    :param id: id of the case
    :returns: as `govdata_correction_show`
    """
    tk.check_access("govdata_correction_acknowledge", context, data_dict)
    found, row = _holders(context, data_dict["id"]), row_of(Objection, data_dict["id"])
    for holder in found:
        corrections.acknowledge(holder, row, acting(context))
    model.Session.commit()
    return corrections.as_answer(found[0], row)


def _holders(context: Context, case_id: str) -> list[CorrectionHolder]:
    by = actor_of_context(context).user_id or ""
    found = corrections.mine(case_id, by, {one.id for one in parties_of(by)}) if by else []
    if not found:
        raise tk.ObjectNotFound(tk._("There is no such case."))
    return found


ACTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (govdata_correction_show, govdata_correction_acknowledge)
}
