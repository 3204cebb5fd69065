"""What needs no cron: sources that are due are started, and runs that stand still are handed to the workers again.

The web processes look by turns; so does whoever starts `ckan govdata-harvest tick`.
"""

from __future__ import annotations

import datetime
import logging
import threading
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.govdata.columns import now

from .. import config
from ..announcing import queue_if_due
from ..data.queueing import queue_due_files
from ..source_model import HarvestJob, HarvestSource
from .domain import OPEN, WORKING, SourceState, is_quiet
from .lease import is_gone
from .obeying import queue_asking
from .queue import put

log = logging.getLogger(__name__)
_LOCK = sa.text("select pg_try_advisory_xact_lock(hashtext('govdata_harvest_watch'))")
_started = threading.Lock()
_running: list[threading.Thread] = []
_ended = threading.Event()


def tick() -> dict[str, int]:
    """Look once: how many sources were started, and how many runs handed on. Nothing where another process is looking."""
    if not model.Session.scalar(_LOCK):
        model.Session.rollback()
        return {"started": 0, "handed_on": 0}
    started = _start_due()
    model.Session.commit()
    waiting = _standing_still()
    queue_asking()
    queue_if_due()
    queue_due_files()
    return {"started": started, "handed_on": sum(put(job_id) for job_id in waiting)}


def _start_due() -> int:
    moment = now()
    open_ = sa.select(HarvestJob.source_id).where(HarvestJob.state.in_([state.value for state in OPEN]))
    due = model.Session.scalars(
        sa.select(HarvestSource).where(
            HarvestSource.state == SourceState.ACTIVE.value,
            HarvestSource.every_hours > 0,
            sa.or_(HarvestSource.due_at.is_(None), HarvestSource.due_at <= moment),
            HarvestSource.id.not_in(open_),
        )
    ).all()
    ready = [source for source in due if not is_quiet(moment, source.quiet_from, source.quiet_to)]
    for source in ready:
        model.Session.add(HarvestJob(source_id=source.id, started_by=source.created_by, scheduled=True))
    return len(ready)


def _standing_still() -> list[str]:
    """Runs with something to do, that nobody works on and that are not known to wait in the queue."""
    moment = now()
    patience = moment - datetime.timedelta(seconds=config.lease_seconds())
    found = model.Session.execute(
        sa.select(HarvestJob.id, HarvestJob.lease_until, HarvestJob.lease_by).where(
            HarvestJob.state.in_([state.value for state in WORKING]),
            sa.or_(HarvestJob.not_before.is_(None), HarvestJob.not_before <= moment),
            sa.or_(HarvestJob.queued_at.is_(None), HarvestJob.queued_at < patience),
        )
    ).all()
    model.Session.commit()
    return [row.id for row in found if row.lease_until is None or row.lease_until < moment or is_gone(row.lease_by)]


def watch_in_background(app: Any) -> None:
    """Begin to look in this process, once; called by its first request."""
    seconds = config.watch_seconds()
    if not seconds or _running:
        return
    with _started:
        if _running:
            return
        _ended.clear()
        thread = threading.Thread(target=_look, args=(app, seconds), daemon=True, name="govdata-harvest-watch")
        _running.append(thread)
        thread.start()


def end_watching() -> None:
    """Let this process look no more, and wait until it does not."""
    _ended.set()
    while _running:
        _running.pop().join()


def _look(app: Any, seconds: int) -> None:
    while not _ended.wait(seconds):
        try:
            with app.test_request_context():
                tick()
        except Exception:
            log.exception("looking for sources that are due failed; it goes on")
        finally:
            model.Session.remove()
