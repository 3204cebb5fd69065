"""A delivery's file with its holder's marks, for the gate; and the register in which it stands before it leaves.

Guarantee: repeats and ranges of one holder's delivery are byte for byte the same, and every marked file's digest is in the
register and in the ledger before a byte of it leaves.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ... import config
from ...columns import new_id, now
from . import keys
from .marking import Marked, mark
from .model import MarkedDelivery, Marking
from .streams import mark_key
from .tables import NotRewritable

_MEGABYTE = 1_000_000


def is_marked(resource_id: str, size: int) -> bool:
    """Whether deliveries of this file carry marks: the agency calls its order meaningless, and it is not too large."""
    if size > config.tracing_megabytes() * _MEGABYTE:
        return False
    row = model.Session.get(Marking, resource_id)
    return row is not None and row.order_meaningless


def marked(resource_id: str, source_sha256: str, grant_id: str, content: bytes) -> Marked | None:
    """The file with the marks of this grant; None where its format cannot be put into another order for sure."""
    row = model.Session.get(Marking, resource_id)
    key = mark_key(keys.portal_key(), source_sha256, grant_id)
    try:
        return mark(content, key, tolerances_of(row))
    except NotRewritable:
        return None


def tolerances_of(row: Marking | None) -> dict[str, Decimal]:
    """The columns whose last digit may be moved, and by how much."""
    return {name: Decimal(text) for name, text in (row.tolerances if row else {}).items()}


def register(
    resource_id: str, source_sha256: str, grant_id: str, party_id: str | None, file: Marked, entry: uuid.UUID | None
) -> None:
    """Put a marked file into the register, committed before its first byte leaves; a repeat is there already."""
    table: Any = MarkedDelivery.__table__
    row = insert(table).values(
        id=new_id(),
        resource_id=resource_id,
        source_sha256=source_sha256,
        grant_id=grant_id,
        party_id=party_id,
        delivered_sha256=file.sha256,
        content_sha256=file.content_sha256,
        entry=str(entry),
        delivered_at=now(),
    )
    with model.meta.engine.begin() as connection:  # pyright: ignore[reportOptionalMemberAccess]
        connection.execute(row.on_conflict_do_nothing())
