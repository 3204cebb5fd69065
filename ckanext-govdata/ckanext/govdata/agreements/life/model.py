"""Tables of agreements: the terms agreed, and the duties with their dates. The state stands in the case of the same id.

They are not in CKAN's own metadata: its cleaning of tables would delete from them, and they refuse that (migration 074).
"""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now
from ...workflow.model import Base

_TEXT = sa.UnicodeText


class Agreement(Base):
    """An agreement's terms; `id` is its case's. `state` follows the case by trigger, and `live` follows from it.

    The terms never change (by trigger): others are another agreement. `clauses` are the keys that a breach can rest on,
    `conditions` the use codes. `document` is the paper that is signed,
    `sha256` of its canonical content. Moments are UTC without a zone.
    """

    __tablename__ = "govdata_agreement"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    application_id: Mapped[str | None] = mapped_column(_TEXT, index=True)
    package_id: Mapped[str] = mapped_column(_TEXT, index=True)
    party_id: Mapped[str] = mapped_column(_TEXT, index=True)
    title: Mapped[str] = mapped_column(_TEXT)
    state: Mapped[str] = mapped_column(_TEXT)
    live: Mapped[bool] = mapped_column(
        sa.Boolean, sa.Computed("state IN ('effective', 'noticed', 'expired')", persisted=True)
    )
    starts_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    ends_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    items: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    files: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    modes: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    addresses: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    quota: Mapped[int | None] = mapped_column(sa.Integer)
    conditions: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    clauses: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    operation: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    supersedes: Mapped[str | None] = mapped_column(_TEXT)
    document: Mapped[str] = mapped_column(_TEXT, unique=True)
    sha256: Mapped[str] = mapped_column(_TEXT, default="")
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class Obligation(Base):
    """A duty of the user with its date: a report on use, the destruction of the data (LYG-24)."""

    __tablename__ = "govdata_agreement_obligation"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    agreement_id: Mapped[str] = mapped_column(_TEXT, index=True)
    duty: Mapped[str] = mapped_column(_TEXT)
    due: Mapped[datetime.date] = mapped_column(sa.Date, index=True)
    met_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    met_by: Mapped[str | None] = mapped_column(_TEXT)
    words: Mapped[str] = mapped_column(_TEXT, default="")
