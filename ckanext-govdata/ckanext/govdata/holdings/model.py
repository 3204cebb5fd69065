"""Table of the versions of files."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now


class FileVersion(tk.BaseModel):
    """One state of a file that is or was held here. Rows are never deleted; `released_at` says when its bytes were.

    Resource and dataset are named without foreign keys: the record outlives both, as deliveries of it do.
    """

    __tablename__ = "govdata_file_version"
    __table_args__ = (sa.UniqueConstraint("resource_id", "number", name="govdata_file_version_number"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    resource_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    number: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    sha256: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    bytes: Mapped[int] = mapped_column(sa.BigInteger, nullable=False)
    name: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    way: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    address: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    stored_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    stored_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    replaced_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    released_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
