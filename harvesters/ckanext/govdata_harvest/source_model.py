"""Tables of sources: what is taken in by itself, its runs, their plans, and what people decided on the way."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.govdata.columns import new_id, now

from .jobs.domain import OPEN, JobState, PlannedState, SourceState, WordState


def _one_of(column: str, words: Any, name: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return sa.CheckConstraint(f"{column} in ({listed})", name=name)


class ListSource(tk.BaseModel):
    """Where a list comes from, under whose name, how often, by which mapping. `secrets` are sealed headers."""

    __tablename__ = "govdata_harvest_source"
    __table_args__ = (_one_of("state", SourceState, "govdata_harvest_source_state"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, unique=True)
    title: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    kind: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    agency_id: Mapped[str | None] = mapped_column(sa.UnicodeText, index=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    secrets: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    trusted: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    takes_data: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default=SourceState.ACTIVE.value)
    every_hours: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    quiet_from: Mapped[int | None] = mapped_column(sa.Integer)
    quiet_to: Mapped[int | None] = mapped_column(sa.Integer)
    due_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    mapping_version: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    failures: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    created_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class HarvestMapping(tk.BaseModel):
    """A version of a source's mapping: what was corrected, by whom and why."""

    __tablename__ = "govdata_harvest_mapping"
    __table_args__ = (sa.UniqueConstraint("source_id", "version", name="govdata_harvest_mapping_version"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    source_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False)
    version: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    made_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    made_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class ListJob(tk.BaseModel):
    """One run of a source, from the question to the last entry. A row is the whole truth: what stands in Redis may be lost."""

    __tablename__ = "govdata_harvest_job"
    __table_args__ = (
        _one_of("state", JobState, "govdata_harvest_job_state"),
        sa.Index(
            "govdata_harvest_job_open",
            "source_id",
            unique=True,
            postgresql_where=sa.text("state in (" + ", ".join(f"'{state.value}'" for state in OPEN) + ")"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    source_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False, index=True
    )
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default=JobState.QUEUED.value)
    started_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    scheduled: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    dry: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    agreed: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    cancelled: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    attempts: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    not_before: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    queued_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    lease_until: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    lease_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    done: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    total: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    file_name: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    file_digest: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    fetched: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    mapping_version: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    run_id: Mapped[str | None] = mapped_column(sa.UnicodeText)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    cause: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    created_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    finished_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)


class HarvestPlanned(tk.BaseModel):
    """One step of a plan: what is to happen to which entry, with the fields before and after."""

    __tablename__ = "govdata_harvest_planned"
    __table_args__ = (
        _one_of("state", PlannedState, "govdata_harvest_planned_state"),
        sa.UniqueConstraint("job_id", "n", name="govdata_harvest_planned_n"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_harvest_job.id", ondelete="CASCADE"), nullable=False
    )
    n: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    act: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default=PlannedState.PLANNED.value)
    row: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    sheet: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    key: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    content: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    base: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    title: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    agency: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    tier_before: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    tier: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    asked_tier: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    looser: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    decided: Mapped[bool] = mapped_column(sa.Boolean, nullable=False, default=False)
    causes: Mapped[list[str]] = mapped_column(JSONB, nullable=False, default=list)
    entry: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    note: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")


class HarvestReview(tk.BaseModel):
    """A word on a plan: agreement, sending back, or (`accepted` empty) a comment."""

    __tablename__ = "govdata_harvest_review"

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_harvest_job.id", ondelete="CASCADE"), nullable=False, index=True
    )
    reviewer: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    accepted: Mapped[bool | None] = mapped_column(sa.Boolean)
    note: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    left_out: Mapped[int] = mapped_column(sa.Integer, nullable=False, default=0)
    made_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    made_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class HarvestWord(tk.BaseModel):
    """A word for the tier, decided once for a source. One that opens rows holds when a second person has agreed."""

    __tablename__ = "govdata_harvest_word"
    __table_args__ = (_one_of("state", WordState, "govdata_harvest_word_state"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    source_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False, index=True
    )
    word: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    tier: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    rows: Mapped[int] = mapped_column(sa.Integer, nullable=False)
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proposed_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proposed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    decided_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    decision_reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")


class HarvestOpening(tk.BaseModel):
    """A proposal to give the entries of a plan the looser tier that the list asks for: the agency's, decided by the authority."""

    __tablename__ = "govdata_harvest_opening"
    __table_args__ = (_one_of("state", WordState, "govdata_harvest_opening_state"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(
        sa.UnicodeText, sa.ForeignKey("govdata_harvest_job.id", ondelete="CASCADE"), nullable=False, index=True
    )
    reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proof_kind: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    proof: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    state: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proposed_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    proposed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)
    decided_by: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")
    decided_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    decision_reason: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, default="")


class HarvestTombstone(tk.BaseModel):
    """What a portal withdrew and was shut here because of it. `ours`: this tombstone, and nobody else, shut the dataset."""

    __tablename__ = "govdata_harvest_tombstone"
    __table_args__ = (sa.UniqueConstraint("source_id", "remote_id", name="govdata_harvest_tombstone_one"),)

    id: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True, default=new_id)
    source_id: Mapped[str] = mapped_column(sa.UnicodeText, sa.ForeignKey("govdata_harvest_source.id"), nullable=False)
    remote_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    package_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False, index=True)
    withdrawn_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False)
    shutting_id: Mapped[str] = mapped_column(sa.UnicodeText, nullable=False)
    ours: Mapped[bool] = mapped_column(sa.Boolean, nullable=False)
    proposed_at: Mapped[datetime.datetime | None] = mapped_column(sa.DateTime)
    obeyed_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


class HarvestAnnouncement(tk.BaseModel):
    """A week that was announced, by the Monday after it: announced once, by however many processes."""

    __tablename__ = "govdata_harvest_announcement"

    week: Mapped[str] = mapped_column(sa.UnicodeText, primary_key=True)
    made_at: Mapped[datetime.datetime] = mapped_column(sa.DateTime, nullable=False, default=now)


# ckanext-harvest has classes of these names on the same base and looks them up by name: on one CKAN they have to differ.
HarvestSource = ListSource
HarvestJob = ListJob
