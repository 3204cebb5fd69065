"""Putting runs to the workers: what is in Redis is a hint only, and may be lost or come twice."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

from ckanext.govdata.columns import now

from ..source_model import HarvestJob

log = logging.getLogger(__name__)
QUEUE = "default"
_TIMEOUT = 7_200


def put(job_id: str) -> bool:
    """Hand a run to the workers, behind all that wait. False where Redis is away: the watch tries again."""
    try:
        tk.enqueue_job(
            go_on, [job_id], title=f"list {job_id[:8]}", queue=QUEUE, rq_kwargs={"timeout": _TIMEOUT, "result_ttl": 0}
        )
    except (RedisError, OSError):
        log.warning("Redis does not answer; run %s waits for it", job_id)
        return False
    model.Session.execute(sa.update(HarvestJob).where(HarvestJob.id == job_id).values(queued_at=now()))
    model.Session.commit()
    return True


def go_on(job_id: str) -> None:
    """What a worker does: one slice of a run."""
    from .working import work

    work(job_id)
