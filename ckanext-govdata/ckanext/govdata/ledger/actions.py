"""What the portal says of its ledger: how it stands, and the receipt of an entry."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from .. import config
from . import portal, schema
from .health import alarms
from .reading import Reader, run_in
from .standing import standing


@tk.side_effect_free
@validate(schema.nothing)
def govdata_ledger_status(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How the ledger stands (LYG-21). For the operator and the authority.

    :returns: `size` (entries in the log), `waiting` and `waiting_seconds` (entries in the intake, age of the oldest),
        `checkpoint_size` (entries that the newest checkpoint covers, 0 before the first), `gap` (entries that could not be
        written and are not yet recorded as a gap), `strict` (whether the database itself guards the ledger),
        `shortcomings` (sentences that say what is missing for that), `checkpoint_seconds` (age of the newest checkpoint) and
        `alarms` (codes: `sequencer_down`, `checkpoint_late`, `no_checkpoint`, `gap`, `weak`)
    """
    tk.check_access("govdata_ledger_status", context, data_dict)
    found = standing(run_in(model.Session), portal.folder().path)
    return {
        "size": found.size,
        "waiting": found.waiting,
        "waiting_seconds": round(found.waiting_seconds, 1),
        "checkpoint_size": found.checkpoint_size,
        "checkpoint_seconds": None if found.checkpoint_seconds is None else round(found.checkpoint_seconds),
        "gap": found.gap,
        "strict": found.strict,
        "shortcomings": list(found.shortcomings),
        "alarms": [alarm.value for alarm in alarms(found, config.ledger_checkpoint_seconds())],
    }


@tk.side_effect_free
@validate(schema.receipt)
def govdata_ledger_receipt(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The receipt of an entry: proof that it stands in the ledger, to be checked offline with `witness.py verify-receipt`.

    For whoever the entry is about (its `user.id`), the operator and the authority.

    :param id: the entry's id, as it was given with the delivery
    :returns: `ready` (whether a checkpoint covers the entry; the next one comes within minutes) and `receipt` (the text of a
        C2SP tlog-proof, or null)
    """
    tk.check_access("govdata_ledger_receipt", context, data_dict)
    found = Reader(run_in(model.Session)).receipt(uuid.UUID(data_dict["id"]))
    return {"ready": found is not None, "receipt": found.encode() if found else None}


ACTIONS: dict[str, Callable[..., Any]] = {
    "govdata_ledger_status": govdata_ledger_status,
    "govdata_ledger_receipt": govdata_ledger_receipt,
}
