"""Tables of objections: what is public of each, and beside it the sealed words, keys and evidence that can be purged."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ...columns import new_id, now

_TEXT = sa.UnicodeText


class Objection(tk.BaseModel):
    """An objection beside its case. `items` are data items, `rows` commitments to keys; `reply` is the agency's public answer."""

    __tablename__ = "govdata_objection"

    case_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    number: Mapped[str] = mapped_column(_TEXT, nullable=False, unique=True)
    code: Mapped[str] = mapped_column(_TEXT, nullable=False)
    package_id: Mapped[str] = mapped_column(_TEXT, nullable=False, index=True)
    resource_id: Mapped[str | None] = mapped_column(_TEXT)
    reason: Mapped[str] = mapped_column(_TEXT, nullable=False)
    items: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    rows: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    filed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    marked_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    lifted_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    settled_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    old_version: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    new_version: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    reply: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    # A using agency's doubt about data that is shared with it (YZ-25), and which agency that is.
    sharing: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    by_agency: Mapped[str | None] = mapped_column(_TEXT)
    # The number of the file's version that it is about, and of each file that a correction replaced what changed.
    version: Mapped[int | None] = mapped_column(sa.Integer)
    changes: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    # The objector says that a right of their own is concerned: handlers read who it is.
    own_right: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)


class CorrectionHolder(tk.BaseModel):
    """A party, or a person where there is none, who had data that was corrected: told once, and whether they acknowledged it."""

    __tablename__ = "govdata_correction_holder"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(_TEXT, nullable=False, index=True)
    party_id: Mapped[str | None] = mapped_column(_TEXT)
    user_id: Mapped[str | None] = mapped_column(_TEXT)
    told_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    acknowledged_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(_TEXT)


class ObjectionWords(tk.BaseModel):
    """The objector's words, the keys of rows with their salt, and files: sealed, for handlers alone, purged after the term."""

    __tablename__ = "govdata_objection_words"

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    case_id: Mapped[str] = mapped_column(_TEXT, nullable=False, index=True)
    kind: Mapped[str] = mapped_column(_TEXT, nullable=False)
    media_type: Mapped[str] = mapped_column(_TEXT, nullable=False, default="")
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)
