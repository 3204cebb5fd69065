"""Tables of access: grants and their use, shut datasets, sealed links, digests of files."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now


class SealedLink(tk.BaseModel):
    """The address of a linked resource whose dataset is not open to everybody.

    CKAN shows `url` to whoever may read the metadata, indexes it and copies it into activities; so such an address is kept
    here, and the gate redirects to it for those who may have the data.
    """

    __tablename__ = "govdata_sealed_link"

    resource_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    url: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)


class Grant(tk.BaseModel):
    """Leave to have a dataset's data, or some of its items (LYG-19, LYG-33). Rows are never deleted.

    An agreement's grant belongs to a party, one of sharing to an agency, an inspection to a person. `modes`, `items`, `files`,
    `addresses` are lists, of which an empty one of the last three means all. `quota` is deliveries a day. Moments are UTC.
    """

    __tablename__ = "govdata_grant"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    party_id: Mapped[str | None] = mapped_column(sa.UnicodeText, index=True)
    user_id: Mapped[str | None] = mapped_column(sa.UnicodeText, index=True)
    agency_id: Mapped[str | None] = mapped_column(sa.UnicodeText, index=True)
    agreement: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    modes: Mapped[list[Any]] = mapped_column(JSONB, nullable=False)
    items: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    files: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    addresses: Mapped[list[Any]] = mapped_column(JSONB, nullable=False, default=list)
    quota: Mapped[int | None] = mapped_column(sa.Integer)
    starts_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False)
    ends_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    asked_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    asked_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    decided_by: Mapped[str | None] = mapped_column(sa.UnicodeText)


class GrantStep(tk.BaseModel):
    """One step of a grant: who brought it to which state, when and why. Rows are never changed."""

    __tablename__ = "govdata_grant_step"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    grant_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    done_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    done_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class GrantUse(tk.BaseModel):
    """Deliveries under a grant on a day of the portal's zone; kept only for grants with a quota."""

    __tablename__ = "govdata_grant_use"

    grant_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    day: Mapped[datetime.date] = mapped_column(sa.Date, primary_key=True)
    count: Mapped[int] = mapped_column(sa.Integer, nullable=False)


class Shutting(tk.BaseModel):
    """One time that a dataset was shut (LYG-26), and how it was opened again, which takes two persons."""

    __tablename__ = "govdata_shutting"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    shut_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    shut_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    proposed_by: Mapped[str | None] = mapped_column(sa.UnicodeText)
    proposed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    proposal: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    opened_by: Mapped[str | None] = mapped_column(sa.UnicodeText)
    opened_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class FileDigest(tk.BaseModel):
    """SHA-256 of a stored file, so that a large one is read but once; `stamp` tells whether it is still that file."""

    __tablename__ = "govdata_file_digest"

    location: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    stamp: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    sha256: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
