"""Tables of harvesting: lists, the runs that took them in, and what each run did to which entry."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.govdata.columns import new_id, now


class RunState(str, Enum):
    """Where a run stands. One run at a time is `running` for a list: an index of the database sees to it."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    UNDONE = "undone"


class HarvestList(tk.BaseModel):
    """A list that was taken in at least once, by the name under which its next export is known again."""

    __tablename__ = "govdata_harvest_list"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    created_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)


class HarvestRun(tk.BaseModel):
    """One revision of a list: by whom and from what file it was taken in, and the report of it."""

    __tablename__ = "govdata_harvest_run"
    __table_args__ = (
        sa.CheckConstraint("state in ('running', 'finished', 'failed', 'undone')", name="govdata_harvest_run_state"),
        sa.UniqueConstraint("list_id", "revision", name="govdata_harvest_run_revision"),
        sa.Index("govdata_harvest_run_running", "list_id", unique=True, postgresql_where=sa.text("state = 'running'")),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("govdata_harvest_list.id"), nullable=False)
    revision: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default=RunState.RUNNING.value)
    user_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    file_name: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    file_digest: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    file_kept: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    started_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    finished_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)


class HarvestStep(tk.BaseModel):
    """What a run did to one entry; `differences` are the fields that it changed, before and after."""

    __tablename__ = "govdata_harvest_step"
    __table_args__ = (
        sa.CheckConstraint("act in ('added', 'changed', 'returned', 'withdrawn')", name="govdata_harvest_step_act"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_harvest_run.id", ondelete="CASCADE"), nullable=False, index=True
    )
    act: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    row: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    sheet: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
