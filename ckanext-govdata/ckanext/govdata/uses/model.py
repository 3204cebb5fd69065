"""Tables of uses: requests that wait for counting, counts by month, the ledger's deliveries and denials as rows."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class UseEvent(tk.BaseModel):
    """A request that may count; gone as soon as it is counted or found to be a double click, minutes later."""

    __tablename__ = "govdata_use_event"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, index=True)
    dataset_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    kind: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    client: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    item: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    visitor: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)


class UseCount(tk.BaseModel):
    """How often a dataset was used in a month (UTC), by kind and client. Says nothing of anybody, and is kept for good."""

    __tablename__ = "govdata_use_count"

    dataset_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    month: Mapped[datetime.date] = mapped_column(sa.Date, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    client: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    count: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)


class Use(tk.BaseModel):
    """A delivery or denial of the ledger as a row. A projection: it proves nothing, and can be made anew from the ledger."""

    __tablename__ = "govdata_use"
    __table_args__ = (
        sa.Index("govdata_use_of_dataset", "dataset_id", "at"),
        sa.Index("govdata_use_of_agency", "agency_id", "at"),
        sa.Index("govdata_use_of_party", "party_id", "at"),
        sa.Index("govdata_use_of_user", "user_id", "at"),
        sa.Index("govdata_use_of_version", "resource_id", "version"),
    )

    entry_id: Mapped[str] = mapped_column(sa.UUID(as_uuid=False), primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False)
    mode: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    outcome: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reason: Mapped[str | None] = mapped_column(sa.UnicodeText)
    tier: Mapped[str | None] = mapped_column(sa.UnicodeText)
    dataset_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    agency_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    resource_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    version: Mapped[str | None] = mapped_column(sa.UnicodeText)
    sha256: Mapped[str | None] = mapped_column(sa.UnicodeText)
    columns: Mapped[Any | None] = mapped_column(JSONB)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    whole: Mapped[bool | None] = mapped_column(sa.Boolean)
    grant_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    agreement_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    party_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    user_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    client_id: Mapped[str | None] = mapped_column(sa.UnicodeText)


class UseProgress(tk.BaseModel):
    """Up to which entry of the log the uses are projected."""

    __tablename__ = "govdata_use_progress"

    name: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
