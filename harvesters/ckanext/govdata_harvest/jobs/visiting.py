"""Fetching for one run, and on the way for others that wait: a slow source keeps nobody waiting but itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

import sqlalchemy as sa
from ckan import model

from ckanext.govdata.columns import now

from .. import config
from ..kinds import kind_of
from ..readers import ListError
from ..sealing import unseal
from ..source_model import HarvestJob, HarvestSource
from .domain import JobState
from .ending import unchanged_since
from .fetching import Brought, Errand, bring
from .lease import Beat, lease
from .obeying import obey
from .rows import the

_TOGETHER = 8


def visit(job_id: str, beat: Beat) -> list[str]:
    """Fetch the lists of this run and of others that wait to be fetched. The runs that go on now."""
    with ExitStack() as leases, ThreadPoolExecutor(_TOGETHER) as pool:
        ours = [job_id, *_others(job_id, leases)]
        waiting = [pool.submit(bring, errand) for one in ours if (errand := _errand(one)) is not None]
        model.Session.commit()
        went_on = []
        for future in as_completed(waiting):
            brought = future.result()
            if _arrived(brought):
                went_on.append(brought.job_id)
    beat.check()
    return went_on


def _others(job_id: str, leases: ExitStack) -> list[str]:
    moment = now()
    waiting = (
        sa.select(HarvestJob.id)
        .where(
            HarvestJob.state == JobState.QUEUED.value,
            HarvestJob.id != job_id,
            HarvestJob.lease_until.is_(None),
            sa.or_(HarvestJob.not_before.is_(None), HarvestJob.not_before <= moment),
        )
        .order_by(HarvestJob.created_at)
        .limit(_TOGETHER - 1)
    )
    found = list(model.Session.scalars(waiting))
    return [one for one in found if leases.enter_context(lease(one)) is not None]


def _errand(job_id: str) -> Errand | None:
    """What to fetch; None where that cannot even be said, which ends the run."""
    from .working import failed

    job = model.Session.get(HarvestJob, job_id)
    source = model.Session.get(HarvestSource, job.source_id) if job else None
    if job is None or source is None:
        return None
    try:
        kind = kind_of(source.kind)
        secrets = unseal(source.id, source.secrets)
        # Only for a list that was taken in by the mapping of today may the source say that nothing changed.
        fresh = source.seen.get("mapping_version") == source.mapping_version and source.seen.get("kept")
        seen = source.seen.get("kind", {}) if fresh and kind.can.conditional else {}
    except ListError as error:
        failed(job_id, error)
        return None
    return Errand(
        job_id,
        source.kind,
        dict(source.settings),
        secrets,
        dict(seen),
        config.fetch_limits(),
        config.host_pause(),
        job.file_digest,
        job.file_name,
    )


def _arrived(brought: Brought) -> bool:
    """Put down how an errand ended. Whether the run goes on."""
    from .working import failed

    model.Session.expire_all()
    job = the(HarvestJob, brought.job_id)
    obeyed = obey(job.source_id, brought.notices) if brought.notices is not None else {}
    job = the(HarvestJob, brought.job_id)
    if brought.error is not None:
        failed(brought.job_id, brought.error)
        return False
    source = the(HarvestSource, job.source_id)
    job.file_digest = str(source.seen.get("digest") or "") if brought.unchanged else brought.digest
    job.file_name = brought.name
    job.fetched = {"seen": dict(brought.seen), "origin": dict(brought.origin), "unchanged": brought.unchanged}
    if obeyed or brought.notices_unreadable:
        job.fetched = {**job.fetched, "tombstones": obeyed or {"unreadable": 1}}
    job.state, job.cause, job.detail, job.attempts = JobState.PLANNING.value, "", {}, 0
    model.Session.commit()
    return not unchanged_since(brought.job_id)
