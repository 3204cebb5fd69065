"""A run as it is shown, and whose turn it is in its review."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ..jobs.domain import JobState, next_reviewer
from ..jobs.planning import asked_for
from ..readers import ListError
from ..source_model import HarvestJob, HarvestReview, HarvestSource
from ..words import error_text
from .shared import agency_title, language, shown_time

_COUNTS = (
    *("read", "added", "changed", "unchanged", "withdrawn", "held", "refused", "duplicates"),
    *("left_out", "moved"),
)


def as_dict(job: HarvestJob, *, whole: bool = False) -> dict[str, Any]:
    """A run as it is shown; the whole report only where it is asked for."""
    source = model.Session.get(HarvestSource, job.source_id)
    report = job.report or {}
    found = {
        "id": job.id,
        "source_id": job.source_id,
        "source_name": source.name if source else "",
        "source_title": source.title if source else "",
        "agency_id": source.agency_id if source else None,
        "agency_title": agency_title(source.agency_id) if source else "",
        "state": job.state,
        "dry": job.dry,
        "scheduled": job.scheduled,
        "done": job.done,
        "total": job.total,
        "file_name": job.file_name,
        "file_digest": job.file_digest,
        "revision": report.get("revision") or None,
        "run_id": job.run_id,
        "counts": {name: int(report.get(name) or 0) for name in _COUNTS},
        "safety": report.get("safety"),
        "held_words": len(report.get("held_words") or {}),
        "turn": turn_of(job),
        "error": _error(job),
        "not_before": shown_time(job.not_before),
        "created_at": shown_time(job.created_at),
        "finished_at": shown_time(job.finished_at),
        "mapping_version": job.mapping_version,
    }
    return {**found, "report": report} if whole else found


def _error(job: HarvestJob) -> str:
    if not job.cause:
        return ""
    detail = job.detail or {}
    error = ListError(job.cause, detail.get("line", 0), detail.get("detail", ""), detail.get("sheet", ""))
    return error_text(error, language())


def turn_of(job: HarvestJob) -> str | None:
    """The reviewer who is asked now, of a plan in review."""
    if job.state != JobState.IN_REVIEW.value:
        return None
    source = model.Session.get(HarvestSource, job.source_id)
    return next_reviewer(asked_for(source), words_of(job.id)) if source else None


def words_of(job_id: str) -> list[tuple[str, bool | None]]:
    """What each reviewer said of a plan, the first first."""
    found = model.Session.scalars(
        sa.select(HarvestReview).where(HarvestReview.job_id == job_id).order_by(HarvestReview.made_at)
    )
    return [(review.reviewer, review.accepted) for review in found]
