"""Model texts, documents, the signatures asked for, and who has read. What may be written is decided by triggers (migration 070).

The tables are not in CKAN's own metadata: its cleaning of tables would delete from them, and they refuse that.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ..columns import new_id, now

_TEXT = sa.UnicodeText


class Base(DeclarativeBase):
    """Rows of agreements, apart from CKAN's metadata."""


class Text(Base):
    """A version of a model text."""

    __tablename__ = "govdata_agreement_text"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(_TEXT)
    version: Mapped[int] = mapped_column(sa.Integer)
    state: Mapped[str] = mapped_column(_TEXT, default="draft")
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(_TEXT, default="")
    made_by: Mapped[str] = mapped_column(_TEXT)
    made_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    decided_by: Mapped[str | None] = mapped_column(_TEXT)
    in_force_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    retired_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Document(Base):
    """An agreement's document. `agency`, `party`, `dataset`, `application` are ids without a key: it outlives them all."""

    __tablename__ = "govdata_agreement_document"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(_TEXT)
    step: Mapped[str] = mapped_column(_TEXT, default="presented")
    text_key: Mapped[str] = mapped_column(_TEXT)
    text_version: Mapped[int] = mapped_column(sa.Integer)
    agency: Mapped[str] = mapped_column(_TEXT)
    party: Mapped[str] = mapped_column(_TEXT)
    dataset: Mapped[str] = mapped_column(_TEXT)
    application: Mapped[str | None] = mapped_column(_TEXT)
    supersedes: Mapped[str | None] = mapped_column(_TEXT)
    canonical: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    content_sha256: Mapped[str] = mapped_column(_TEXT)
    pdf: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(_TEXT)
    sm3: Mapped[str] = mapped_column(_TEXT)
    evidence: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    presented_by: Mapped[str] = mapped_column(_TEXT)
    presented_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    signed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    sealed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    void_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    reason: Mapped[str] = mapped_column(_TEXT, default="")
    entry: Mapped[uuid.UUID | None] = mapped_column(UUID(as_uuid=True))


class Act(Base):
    """A signature that somebody has asked for: it waits until it is whole, with its timestamp, and then is done."""

    __tablename__ = "govdata_agreement_act"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    document: Mapped[str] = mapped_column(_TEXT)
    field: Mapped[str] = mapped_column(_TEXT)
    level: Mapped[str] = mapped_column(_TEXT)
    state: Mapped[str] = mapped_column(_TEXT, default="waiting")
    by: Mapped[str] = mapped_column("done_by", _TEXT)
    evidence: Mapped[bytes] = mapped_column(sa.LargeBinary)
    prepared: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    cms: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    asked_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    done_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    tries: Mapped[int] = mapped_column(sa.Integer, default=0)
    trouble: Mapped[str] = mapped_column(_TEXT, default="")


class Reading(Base):
    """Who has read a document to its end, and when first."""

    __tablename__ = "govdata_agreement_reading"

    document: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    by: Mapped[str] = mapped_column("done_by", _TEXT, primary_key=True)
    read_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
