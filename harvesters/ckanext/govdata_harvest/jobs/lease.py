"""Who works on a run: a lease in the run's row, renewed by a thread while its worker lives, free again when it does not."""

from __future__ import annotations

import datetime
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import SQLAlchemyError

from ckanext.govdata.columns import now

from .. import config
from ..source_model import HarvestJob
from .domain import WORKING


class Stopped(Exception):
    """The run was cancelled, or its lease went to somebody else: whoever works on it stops at once."""


class Beat:
    """What the thread tells: how far the run is, whether it was stopped."""

    def __init__(self, job_id: str, holder: str) -> None:
        self.job_id, self.holder = job_id, holder
        self.done = 0
        self._stopped = threading.Event()
        self._ended = threading.Event()

    def check(self) -> None:
        """Raises Stopped."""
        if self._stopped.is_set():
            raise Stopped(self.job_id)

    def run(self, engine: sa.Engine, seconds: int) -> None:
        """Renew the lease until the work has ended."""
        while not self._ended.wait(max(1.0, seconds / 4)):
            # A database that is away for a moment must not end the thread; the lease may run out meanwhile, and that is found.
            try:
                self._renew(engine, seconds)
            except SQLAlchemyError:
                continue

    def _renew(self, engine: sa.Engine, seconds: int) -> None:
        with engine.begin() as connection:
            renewed = connection.execute(
                sa.update(HarvestJob)
                .where(
                    HarvestJob.id == self.job_id, HarvestJob.lease_by == self.holder, HarvestJob.cancelled.is_(False)
                )
                .values(lease_until=now() + datetime.timedelta(seconds=seconds), done=self.done)
            )
        if not renewed.rowcount:
            self._stopped.set()

    def end(self) -> None:
        self._ended.set()


@contextmanager
def lease(job_id: str) -> Iterator[Beat | None]:
    """The right to work on a run; None where somebody else has it, or nothing is to be done."""
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    seconds = config.lease_seconds()
    if not _taken(job_id, holder, seconds):
        yield None
        return
    beat = Beat(job_id, holder)
    engine: Any = model.Session.get_bind()
    thread = threading.Thread(target=beat.run, args=(engine, seconds), daemon=True)
    thread.start()
    try:
        yield beat
    finally:
        beat.end()
        thread.join()
        model.Session.rollback()
        free = sa.update(HarvestJob).where(HarvestJob.id == job_id, HarvestJob.lease_by == holder)
        model.Session.execute(free.values(lease_until=None, lease_by=""))
        model.Session.commit()


def is_gone(holder: str) -> bool:
    """Whether a holder on this machine is no process any more; of other machines only the lease's end tells."""
    host, _, rest = holder.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        # A process that was killed stays as a zombie until its parent asks for it, and a killed parent never does.
        state = Path(f"/proc/{rest}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state in ("Z", "X")


def _taken(job_id: str, holder: str, seconds: int) -> bool:
    moment = now()
    before = model.Session.scalar(sa.select(HarvestJob.lease_by).where(HarvestJob.id == job_id)) or ""
    gone = HarvestJob.lease_by == before if before and is_gone(before) else sa.false()
    free = sa.or_(HarvestJob.lease_until.is_(None), HarvestJob.lease_until < moment, gone)
    waited = sa.or_(HarvestJob.not_before.is_(None), HarvestJob.not_before <= moment)
    states = [state.value for state in WORKING]
    taken: Any = model.Session.execute(
        sa.update(HarvestJob)
        .where(HarvestJob.id == job_id, HarvestJob.state.in_(states), free, waited)
        .values(
            lease_by=holder,
            lease_until=moment + datetime.timedelta(seconds=seconds),
            # It waits in no queue any more: should this worker be killed, the watch need not wait for the queue.
            queued_at=None,
            # A lease that nobody gave back was that of a worker that was killed.
            attempts=HarvestJob.attempts + sa.case((HarvestJob.lease_by != "", 1), else_=0),
        )
    )
    model.Session.commit()
    return bool(taken.rowcount)
