"""What the portal says of its ledger: how it stands, and the receipt of an entry."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict

from . import portal, schema
from .checkpoint import Checkpoint
from .gaps import counted
from .mode import mode
from .note import parse_note
from .reading import Reader, run_in


@tk.side_effect_free
@validate(schema.nothing)
def govdata_ledger_status(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How the ledger stands (LYG-21). For the operator and the authority.

    :returns: `size` (entries in the log), `waiting` and `waiting_seconds` (entries in the intake, age of the oldest),
        `checkpoint_size` (entries that the newest checkpoint covers, 0 before the first), `gap` (entries that could not be
        written and are not yet recorded as a gap), `strict` (whether the database itself guards the ledger) and
        `shortcomings` (sentences that say what is missing for that)
    """
    tk.check_access("govdata_ledger_status", context, data_dict)
    run = run_in(model.Session)
    reader = Reader(run)
    count, seconds = reader.waiting()
    note = reader.checkpoint()
    found = mode(run)
    return {
        "size": reader.head()[0],
        "waiting": count,
        "waiting_seconds": round(seconds, 1),
        "checkpoint_size": Checkpoint.parse(parse_note(note).text).size if note else 0,
        "gap": counted(portal.folder().path),
        "strict": found.strict,
        "shortcomings": list(found.shortcomings),
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
