"""Compares a leaked file with the register of marked deliveries, with CKAN around it."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ...stored import path_of
from ...uses import tracing as uses
from . import keys
from .delivering import tolerances_of
from .domain import THRESHOLD, Evidence, Finding
from .model import MarkedDelivery, Marking
from .scoring import Candidate, examine, trace
from .streams import mark_key
from .tables import NotRewritable, Table, read_table


def stored(resource: model.Resource) -> bytes:
    """The file that the portal keeps now; raises ValidationError where it keeps none."""
    path = path_of(resource)
    if resource.url_type != "upload" or path is None or not path.is_file():
        raise tk.ValidationError(
            {"source": [tk._("The portal has no such file now. Give the version it was delivered from.")]}
        )
    return path.read_bytes()


def compare(resource: model.Resource, source: bytes, leaked: bytes) -> dict[str, Any]:
    """What is found out, as `govdata_leak_trace` answers it. Raises ValidationError."""
    sha256 = hashlib.sha256(source).hexdigest()
    register = _register(resource.id, sha256)
    tolerant = list(tolerances_of(model.Session.get(Marking, resource.id)))
    ours, theirs = _table(source, "source"), _table(leaked, "upload")
    key = keys.portal_key()
    found = trace(
        examine(ours, theirs, tolerant),
        [Candidate(grant, mark_key(key, sha256, grant)) for grant in dict.fromkeys(one.grant_id for one in register)],
    )
    same = hashlib.sha256(leaked).hexdigest()
    return {
        "answer": found.answer.value,
        "named": [_named(one, register) for one in found.named],
        "best_other_z": round(found.best_other.z, 2) if found.best_other else None,
        "candidates": found.candidates,
        "rows": found.rows,
        "matched": found.matched,
        "threshold": THRESHOLD,
        "bound": found.bound,
        "too_thin": found.thin,
        "same_bytes": sorted({one.grant_id for one in register if one.delivered_sha256 == same}),
        "unmarked_holders": _without_marks(resource, register),
        "caution": _caution(found),
    }


def _register(resource_id: str, sha256: str) -> list[MarkedDelivery]:
    rows = (
        sa.select(MarkedDelivery).where(MarkedDelivery.resource_id == resource_id).order_by(MarkedDelivery.delivered_at)
    )
    every = list(model.Session.scalars(rows))
    mine = [one for one in every if one.source_sha256 == sha256]
    if every and not mine:
        words = tk._(
            "Nothing was delivered from this version, but from others: {versions}. Give the version as source."
        )
        named = ", ".join(sorted({one.source_sha256[:12] for one in every}))
        raise tk.ValidationError({"source": [words.format(versions=named)]})
    if not mine:
        raise tk.ValidationError(
            {"id": [tk._("No delivery of this file carries marks. Trace who has it by the ledger.")]}
        )
    return mine


def _table(content: bytes, field: str) -> Table:
    try:
        return read_table(content)
    except NotRewritable as error:
        words = tk._("This cannot be read as a table: {reason}. Give it as CSV or JSON, its heading in the first line.")
        raise tk.ValidationError({field: [words.format(reason=error)]}) from error


def _named(one: Evidence, register: list[MarkedDelivery]) -> dict[str, Any]:
    row = next(row for row in register if row.grant_id == one.holder)
    return {
        "grant": row.grant_id,
        "party": row.party_id,
        "z": round(one.z, 2),
        "channel": one.channel.value,
        "comparisons": one.comparisons,
        "delivery": row.entry,
        "delivered_at": row.delivered_at.isoformat() + "Z",
    }


def _without_marks(resource: model.Resource, register: list[MarkedDelivery]) -> int:
    """How many others took this file without marks, as rows or before; no answer says anything of them."""
    uses.project()
    marked = {one.party_id for one in register}
    return sum(one["party_id"] not in marked for one in uses.holders({"resource_id": resource.id}))


def _caution(found: Finding) -> str:
    if not found.named:
        return tk._(
            "It cannot be told from this file whose delivery it is. Sorting, shuffling or too few rows take the marks away,"
            " and of a thin selection, less than about one row in thirteen, nobody is named."
            " This clears nobody."
        )
    return tk._(
        "The file is consistent with these deliveries; this is no proof. The chance that an uninvolved delivery of the"
        " register would be named is at most {bound:.1e}. Whoever runs the portal and has its key could make such a file."
    ).format(bound=found.bound)
