"""One slice of a run: fetch, or plan, or apply some of the plan; then the next run has its turn.

The row of the run is the only state, so that any worker can go on with it at any moment, whatever happened to the last one.
"""

from __future__ import annotations

import datetime
import logging
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.govdata.columns import now

from ..readers import ListError
from ..source_model import HarvestJob
from . import applying, planning, visiting
from .domain import JobState, pause_after
from .ending import ended
from .lease import Beat, Stopped, lease
from .queue import put
from .rows import the

log = logging.getLogger(__name__)
# A run that broke off so often without getting on is given up.
_MOST_BREAKS = 20


def work(job_id: str) -> None:
    """Do one slice of a run, and put it behind the others that wait if there is more to do."""
    with lease(job_id) as beat:
        if beat is None:
            return
        more = _slice(job_id, beat)
    for waiting in more:
        put(waiting)


def _slice(job_id: str, beat: Beat) -> list[str]:
    """The runs that have something to do next."""
    job = _job(job_id)
    try:
        if job.cancelled:
            raise Stopped(job_id)
        if job.attempts > _MOST_BREAKS:
            raise ListError("broke_off_too_often")
        if job.state == JobState.QUEUED.value:
            return visiting.visit(job_id, beat)
        if job.state == JobState.PLANNING.value:
            planning.plan(job_id, beat)
        else:
            applying.apply_some(job_id, beat)
    except Stopped:
        model.Session.rollback()
        if _job(job_id).cancelled:
            ended(job_id, JobState.CANCELLED)
        return []
    except ListError as error:
        model.Session.rollback()
        failed(job_id, error)
    except Exception:
        # What nobody foresaw stops this run alone: it is tried again, and given up when it goes on so.
        model.Session.rollback()
        log.exception("run %s broke off", job_id)
        later(job_id, 0)
    again = _job(job_id)
    waits = again.not_before is not None and again.not_before > now()
    return [job_id] if again.state in (JobState.PLANNING.value, JobState.APPLYING.value) and not waits else []


def _job(job_id: str) -> HarvestJob:
    model.Session.expire_all()
    found = the(HarvestJob, job_id)
    return found


def failed(job_id: str, error: ListError) -> None:
    """A run whose source gave no list: later again where that may help, else at its end."""
    job = _job(job_id)
    pause = pause_after(job.attempts + 1) if getattr(error, "passing", False) else None
    if pause is not None and job.state == JobState.QUEUED.value:
        later(job_id, pause.total_seconds())
        job = _job(job_id)
        job.cause, job.detail = error.cause, detail_of(error)
        model.Session.commit()
        return
    job.cause, job.detail = error.cause, detail_of(error)
    model.Session.commit()
    ended(job_id, JobState.FAILED)


def detail_of(error: ListError) -> dict[str, Any]:
    """Where a list broke off, as it can be said again in any language."""
    return {"line": error.line, "sheet": error.sheet, "detail": error.detail}


def later(job_id: str, seconds: float) -> None:
    """Try a run again after a pause."""
    model.Session.execute(
        sa.update(HarvestJob)
        .where(HarvestJob.id == job_id)
        .values(attempts=HarvestJob.attempts + 1, not_before=now() + datetime.timedelta(seconds=seconds))
    )
    model.Session.commit()
