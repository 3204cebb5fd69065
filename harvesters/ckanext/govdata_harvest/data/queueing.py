"""Putting the fetching of a source's files to the workers: a hint in Redis, the truth in the table."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

from ckanext.govdata.columns import now

from ..file_model import HarvestFile
from ..source_model import HarvestSource

log = logging.getLogger(__name__)
_PATIENCE = 600


def queue_taking(source_id: str) -> bool:
    """Have a worker fetch what is due of a source. False where Redis is away, or it waits already: the watch asks again."""
    try:
        key = f"govdata:{tk.config.get('ckan.site_id')}:files:{source_id}"
        if not connect_to_redis().set(key, 1, nx=True, ex=_PATIENCE):
            return False
        tk.enqueue_job(go_on, [source_id], title=f"files {source_id[:8]}", rq_kwargs={"timeout": 7200, "result_ttl": 0})
    except (RedisError, OSError):
        log.warning("Redis does not answer; the files of source %s wait for it", source_id)
        return False
    return True


def go_on(source_id: str) -> None:
    """What a worker does: fetch some of the files, and wait in the queue again for the others."""
    from .taking import take

    try:
        connect_to_redis().delete(f"govdata:{tk.config.get('ckan.site_id')}:files:{source_id}")
    except (RedisError, OSError):
        log.warning("Redis does not answer; the watch hands the source on")
    if take(source_id):
        queue_taking(source_id)


def queue_due_files() -> None:
    """For each source with files that are due."""
    due = (
        sa.select(HarvestFile.source_id)
        .join(HarvestSource, HarvestSource.id == HarvestFile.source_id)
        .where(
            HarvestFile.state.in_(["wanted", "dropped"]),
            HarvestFile.due_at <= now(),
            HarvestSource.state == "active",
            HarvestSource.takes_data.is_(True),
        )
        .distinct()
    )
    found = list(model.Session.scalars(due))
    model.Session.commit()
    for source_id in found:
        queue_taking(source_id)
