"""The tables of officers: posts, invitations, training, units in charge. Posts that ended are kept: who held them, until when."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now


def _text(**more: object) -> Mapped[str]:
    return mapped_column(sa.UnicodeText, nullable=False, **more)  # type: ignore[arg-type]


class Post(tk.BaseModel):
    """Somebody's post in an agency (ZB-6, LYG-35): its capacity in the portal, what they are in charge of, its last day."""

    __tablename__ = "govdata_post"
    __table_args__ = (
        sa.Index(
            "govdata_post_held", "agency_id", "user_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.CheckConstraint("capacity IN ('member', 'editor', 'admin')", name="govdata_post_capacity"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="govdata_post_end"),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    agency_id: Mapped[str] = _text()
    user_id: Mapped[str] = _text()
    capacity: Mapped[str] = _text()
    duty: Mapped[str] = _text(default="")
    until: Mapped[datetime.date | None] = mapped_column(sa.Date)
    appointed_by: Mapped[str] = _text()
    appointed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    ended_by: Mapped[str | None] = mapped_column(sa.UnicodeText)
    why: Mapped[str] = _text(default="")


class Invitation(tk.BaseModel):
    """A post offered by mail. The link's token stands as a digest; the address is emptied once the matter is settled."""

    __tablename__ = "govdata_invitation"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    agency_id: Mapped[str] = _text()
    capacity: Mapped[str] = _text()
    duty: Mapped[str] = _text(default="")
    until: Mapped[datetime.date | None] = mapped_column(sa.Date)
    mail: Mapped[str] = _text()
    digest: Mapped[str] = _text(unique=True)
    invited_by: Mapped[str] = _text()
    invited_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    expires_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    accepted_by: Mapped[str | None] = mapped_column(sa.UnicodeText)
    accepted_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Training(tk.BaseModel):
    """A day on which an officer was trained."""

    __tablename__ = "govdata_training"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    agency_id: Mapped[str] = _text(index=True)
    user_id: Mapped[str] = _text()
    subject: Mapped[str] = _text()
    held_on: Mapped[datetime.date] = mapped_column(sa.Date)
    recorded_by: Mapped[str] = _text()
    recorded_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)


class Unit(tk.BaseModel):
    """The unit in charge of an agency's data, and where it is reached (ZB-6)."""

    __tablename__ = "govdata_unit"

    agency_id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    unit: Mapped[str] = _text()
    phone: Mapped[str] = _text(default="")
    changed_by: Mapped[str] = _text()
    changed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now, onupdate=now)
