"""Tables of notices: one row for each reader, one for each way out of the portal, and how a person wants to be told."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now

_TEXT = sa.UnicodeText


class Notice(tk.BaseModel):
    """A notice in one person's box. `key` keeps the same event from telling somebody twice."""

    __tablename__ = "govdata_notice"
    __table_args__ = (
        sa.Index("govdata_notice_box", "user_id", "created_at"),
        sa.Index("govdata_notice_unread", "user_id", postgresql_where=sa.text("read_at IS NULL")),
        sa.UniqueConstraint("user_id", "key", name="govdata_notice_once"),
    )

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(_TEXT)
    key: Mapped[str] = mapped_column(_TEXT, default=new_id)
    text: Mapped[str] = mapped_column(_TEXT)
    facts: Mapped[Any] = mapped_column(JSONB)
    link: Mapped[str] = mapped_column(_TEXT, default="")
    about: Mapped[str | None] = mapped_column(_TEXT, index=True)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    read_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class Delivery(tk.BaseModel):
    """A notice on its way by mail or SMS. `reference` is the mail's Message-ID, the same at each try."""

    __tablename__ = "govdata_notice_delivery"
    __table_args__ = (
        sa.CheckConstraint("channel IN ('mail', 'sms')", name="govdata_notice_delivery_channel"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dropped')", name="govdata_notice_delivery_state"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="govdata_notice_delivery_sent"),
        sa.UniqueConstraint("notice_id", "channel", name="govdata_notice_delivery_once"),
        sa.Index("govdata_notice_delivery_waiting", "next_at", postgresql_where=sa.text("state = 'waiting'")),
    )

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    notice_id: Mapped[str] = mapped_column(_TEXT, sa.ForeignKey("govdata_notice.id"))
    channel: Mapped[str] = mapped_column(_TEXT)
    reference: Mapped[str] = mapped_column(_TEXT)
    state: Mapped[str] = mapped_column(_TEXT, default="waiting")
    attempts: Mapped[int] = mapped_column(sa.Integer, default=0)
    next_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    sent_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    last_error: Mapped[str | None] = mapped_column(_TEXT)


class Contact(tk.BaseModel):
    """How a person wants to be told beside the box in the portal. Without a row: by mail."""

    __tablename__ = "govdata_notice_contact"

    user_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    mail: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    phone: Mapped[str | None] = mapped_column(_TEXT)
    sms: Mapped[bool] = mapped_column(sa.Boolean, default=False)
