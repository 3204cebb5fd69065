"""Tables of clocks: notices of working days that were imported, terms on cases, and what happened to them."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import new_id, now

_TEXT = sa.UnicodeText


class DayNotice(tk.BaseModel):
    """A year's notice as it was imported; the newest version of a year counts. Rows are never changed."""

    __tablename__ = "govdata_day_notice"

    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    source: Mapped[str] = mapped_column(_TEXT)
    issued: Mapped[datetime.date | None] = mapped_column(sa.Date)
    off: Mapped[Any] = mapped_column(JSONB)
    work: Mapped[Any] = mapped_column(JSONB)
    imported_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, default=now)
    imported_by: Mapped[str | None] = mapped_column(_TEXT)


class Clock(tk.BaseModel):
    """A term on a case. The case is named by a key of its own room, without a foreign key."""

    __tablename__ = "govdata_clock"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('statutory', 'pack', 'promise')", name="govdata_clock_kind"),
        sa.CheckConstraint("state IN ('running', 'suspended', 'met', 'ended')", name="govdata_clock_state"),
        sa.CheckConstraint("(state IN ('met', 'ended')) = (ended_at IS NOT NULL)", name="govdata_clock_end"),
        sa.CheckConstraint("(extended_by = 0) = (extension_reason IS NULL)", name="govdata_clock_extension"),
        sa.CheckConstraint("breached_at IS NULL OR NOT provisional", name="govdata_clock_provisional"),
        sa.Index(
            "govdata_clock_open",
            "case_id",
            "topic",
            unique=True,
            postgresql_where=sa.text("state IN ('running', 'suspended')"),
        ),
        sa.Index("govdata_clock_due", "due_at", postgresql_where=sa.text("state = 'running'")),
    )

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(_TEXT, index=True)
    topic: Mapped[str] = mapped_column(_TEXT)
    kind: Mapped[str] = mapped_column(_TEXT)
    number: Mapped[int] = mapped_column(sa.Integer)
    basis: Mapped[Any] = mapped_column(JSONB)
    agency_id: Mapped[str | None] = mapped_column(_TEXT, index=True)
    thing: Mapped[str] = mapped_column(_TEXT, default="")
    link: Mapped[str] = mapped_column(_TEXT, default="")
    tell: Mapped[Any] = mapped_column(JSONB, default=list)
    received_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    due_day: Mapped[datetime.date] = mapped_column(sa.Date)
    due_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    provisional: Mapped[bool] = mapped_column(sa.Boolean)
    tables: Mapped[Any] = mapped_column(JSONB, default=list)
    extended_by: Mapped[int] = mapped_column(sa.Integer, default=0)
    extension_reason: Mapped[str | None] = mapped_column(_TEXT)
    state: Mapped[str] = mapped_column(_TEXT, default="running")
    breached_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    escalated_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    reminded_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class ClockEvent(tk.BaseModel):
    """What happened to a clock, in order: started, held, suspended, resumed, extended, moved, reminded, breached, met, ended."""

    __tablename__ = "govdata_clock_event"
    __table_args__ = (sa.UniqueConstraint("clock_id", "n", name="govdata_clock_event_order"),)

    id: Mapped[str] = mapped_column(_TEXT, primary_key=True, default=new_id)
    clock_id: Mapped[str] = mapped_column(_TEXT, sa.ForeignKey("govdata_clock.id"), index=True)
    n: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str] = mapped_column(_TEXT)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime)
    by: Mapped[str | None] = mapped_column(_TEXT)
    facts: Mapped[Any] = mapped_column(JSONB, default=dict)
