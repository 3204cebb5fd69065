"""Tables of applications: what each states, and its attachments. The state stands in the case of the same id.

Applications are not in CKAN's own metadata: its cleaning of tables would delete from them, and they refuse that (migration 074).
"""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now
from ...workflow.model import Base

_TEXT = sa.UnicodeText


class Application(Base):
    """An application; `id` is its case's. Its content changes only while it is a draft or returned (by trigger).

    `conditions` and `offered` are the dataset's published conditions and data items on the day of the draft's last change,
    frozen with the submission. `pack` names the city's rules of the day of receipt. Moments are UTC without a zone.
    """

    __tablename__ = "govdata_application"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    kind: Mapped[str] = mapped_column(_TEXT)
    package_id: Mapped[str] = mapped_column(_TEXT, index=True)
    title: Mapped[str] = mapped_column(_TEXT)
    agency_title: Mapped[str] = mapped_column(_TEXT, default="")
    party_id: Mapped[str | None] = mapped_column(_TEXT, index=True)
    party_kind: Mapped[str] = mapped_column(_TEXT, default="")
    applicant_agency: Mapped[str | None] = mapped_column(_TEXT, index=True)
    sharing_tier: Mapped[str] = mapped_column(_TEXT, default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    conditions: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    offered: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    missing: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    pack: Mapped[str] = mapped_column(_TEXT, default="")
    received_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    days: Mapped[int | None] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class Attachment(tk.BaseModel):
    """A file of an application. Its bytes stand under their digest; only those who handle the application get them."""

    __tablename__ = "govdata_application_file"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(_TEXT, index=True)
    name: Mapped[str] = mapped_column(_TEXT)
    media_type: Mapped[str] = mapped_column(_TEXT)
    size: Mapped[int] = mapped_column(sa.Integer)
    sha256: Mapped[str] = mapped_column(_TEXT, index=True)
    added_by: Mapped[str] = mapped_column(_TEXT)
    added_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class AttachedBytes(tk.BaseModel):
    """The bytes of attachments, each kept once."""

    __tablename__ = "govdata_application_bytes"

    sha256: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
