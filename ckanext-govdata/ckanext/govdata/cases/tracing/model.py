"""Tables of tracing: what agencies say of their tables, and the register of marked deliveries."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now


class Marking(tk.BaseModel):
    """An agency's word that the order of a file's rows means nothing, and in which columns the last digit may be moved.

    `tolerances` maps a column's heading to the most by which a value may be moved, as a decimal's text; empty for none.
    """

    __tablename__ = "govdata_marking"

    resource_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    order_meaningless: Mapped[bool] = mapped_column(sa.Boolean, nullable=False)
    tolerances: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    declared_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    declared_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class MarkedDelivery(tk.BaseModel):
    """One holder's file of one version: repeats are the same bytes and row. `entry` is the first one's in the ledger."""

    __tablename__ = "govdata_marked_delivery"
    __table_args__ = (sa.UniqueConstraint("resource_id", "source_sha256", "grant_id", "delivered_sha256"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    resource_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    source_sha256: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    grant_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    party_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    delivered_sha256: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    content_sha256: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    entry: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    delivered_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
