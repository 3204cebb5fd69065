"""Tables of the data that comes with lists, and of entries that were merged."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.govdata.columns import new_id, now


class HarvestFile(tk.BaseModel):
    """A file that a list names as data of an entry: `address`, or `file` beside the list; and how fetching it went.

    `named` by a plan, `wanted` since its run has ended, `dropped` when a later list no longer names it.
    """

    __tablename__ = "govdata_harvest_file"
    __table_args__ = (
        sa.CheckConstraint("state in ('named', 'wanted', 'dropped')", name="govdata_harvest_file_state"),
        sa.Index("govdata_harvest_file_due", "source_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)
    source_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False)
    job_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    key: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    row: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    address: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    file: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    title: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    format: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    resource_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    number: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    taken_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    due_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    failures: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    cause: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    detail: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")


class HarvestMerge(tk.BaseModel):
    """Two agencies' entries that were one dataset (DCF-15, YZ-16): which stays, which went, by whom and why; and back again."""

    __tablename__ = "govdata_harvest_merge"
    __table_args__ = (
        sa.Index("govdata_harvest_merge_gone", "gone_id", unique=True, postgresql_where=sa.text("undone_at is null")),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    kept_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    gone_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    agency_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    publication: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    tier: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    merged_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    merged_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    undone_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    undone_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
