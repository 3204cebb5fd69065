"""The register of officers: who acts for the authority and the operator, since when, by whose appointment."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now


class Officer(tk.BaseModel):
    """One term of office (LYG-35, ZB-6). Rows are never deleted: a dismissal ends the term.

    Users are named by id without a foreign key: who held office, and by whose word, outlives the account.
    """

    __tablename__ = "govdata_officer"
    __table_args__ = (
        sa.CheckConstraint("role IN ('authority', 'operator')", name="govdata_officer_role"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="govdata_officer_end"),
        sa.Index(
            "govdata_officer_in_office", "user_id", "role", unique=True, postgresql_where=sa.text("ended_at IS NULL")
        ),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(sa.UnicodeText)
    role: Mapped[str] = mapped_column(sa.UnicodeText)
    until: Mapped[datetime.date | None] = mapped_column(sa.Date)
    appointed_by: Mapped[str] = mapped_column(sa.UnicodeText)
    appointed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    ended_by: Mapped[str | None] = mapped_column(sa.UnicodeText)
