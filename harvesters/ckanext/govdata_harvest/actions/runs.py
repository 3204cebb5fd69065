"""Runs of sources: started, followed, cancelled, undone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.logic import validate
from ckan.plugins import toolkit as tk
from ckan.types import Context, DataDict
from sqlalchemy.exc import IntegrityError

from ckanext.govdata.roles.actors import actor_of_context
from ckanext.govdata.roles.domain import Permission, permits

from .. import config, schema
from ..history import digest_of
from ..jobs import queue
from ..jobs.domain import OPEN, WAITING, JobState, SourceState
from ..jobs.ending import ended
from ..jobs.planning import acting_user
from ..jobs.storing import move_in
from ..readers import ListError
from ..source_model import HarvestJob, HarvestSource
from ..undoing import undo
from .shared import acting, job_of, recorded, refuse, refuse_list_error, source_of
from .shown import as_dict

_PIECE = 1 << 20


@validate(schema.start)
def govdata_harvest_run_start(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Start a run of a source: a worker fetches the list and makes a plan of it.

    :param id: id or name of the source
    :param upload: the file, for a source of the kind `upload`
    :param dry: only the plan and its report; nothing is applied
    :param agreed: withdraw what has left the list even where so much is missing that the list may be incomplete
    :returns: the run
    """
    tk.check_access("govdata_harvest_run_start", context, data_dict)
    source = source_of(data_dict["id"])
    if source.state != SourceState.ACTIVE.value:
        refuse("source_paused", "id")
    upload = data_dict.get("upload")
    if source.kind == "upload" and not getattr(upload, "filename", ""):
        refuse("nothing_uploaded", "upload")
    job = HarvestJob(source_id=source.id, started_by=acting(context), dry=data_dict["dry"], agreed=data_dict["agreed"])
    if getattr(upload, "filename", ""):
        job.file_digest, job.file_name = _taken_in(upload)
    model.Session.add(job)
    source_id = source.id
    try:
        model.Session.flush()
    except IntegrityError:
        model.Session.rollback()
        refuse("run_open", "id")
    recorded("list-run-started", context, source_id, run=job.id, digest=job.file_digest)
    model.Session.commit()
    job_id = job.id
    queue.put(job_id)
    return as_dict(job_of(job_id))


def _taken_in(upload: Any) -> tuple[str, str]:
    """Keep what was handed in until the run has looked through it; its digest and name."""
    limit = config.fetch_limits().bytes_sent
    with tempfile.TemporaryDirectory(prefix="govdata-upload-") as folder:
        path = Path(folder) / "list"
        size = 0
        with path.open("wb") as out:
            while piece := upload.stream.read(_PIECE):
                size += len(piece)
                if size > limit:
                    refuse("upload_too_large", "upload", limit=limit)
                out.write(piece)
        digest = digest_of(path)
        move_in(path, digest)
    return digest, Path(str(upload.filename).replace("\\", "/")).name[-120:]


@tk.side_effect_free
@validate(schema.one)
def govdata_harvest_run_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A run: where it stands, how far it is, what its report says, whose turn it is.

    :param id: id of the run
    """
    tk.check_access("govdata_harvest_run_show", context, data_dict)
    return as_dict(job_of(data_dict["id"]), whole=True)


@tk.side_effect_free
@validate(schema.page)
def govdata_harvest_run_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The runs of one source, or of all that the asker may see, newest first.

    :param id: id or name of a source
    :param state: a state of a run, such as `in_review`
    :returns: `count` and `results`
    """
    tk.check_access("govdata_harvest_run_list", context, data_dict)
    found = sa.select(HarvestJob).join(HarvestSource, HarvestSource.id == HarvestJob.source_id)
    actor = actor_of_context(context)
    if not permits(actor, Permission.CATALOGUE_READ_UNPUBLISHED).allowed:
        found = found.where(HarvestSource.agency_id.in_(actor.agencies))
    if data_dict.get("id"):
        wanted = data_dict["id"]
        found = found.where(sa.or_(HarvestSource.id == wanted, HarvestSource.name == wanted))
    if data_dict.get("state"):
        found = found.where(HarvestJob.state == data_dict["state"])
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    page = found.order_by(HarvestJob.created_at.desc()).limit(min(data_dict["limit"], 200)).offset(data_dict["offset"])
    return {"count": count, "results": [as_dict(job) for job in model.Session.scalars(page).all()]}


@validate(schema.one)
def govdata_harvest_run_cancel(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Cancel a run: a worker that is at it stops after the batch at hand; what is applied already can be undone.

    :param id: id of the run
    """
    tk.check_access("govdata_harvest_run_cancel", context, data_dict)
    job = job_of(data_dict["id"], lock=True)
    if job.state not in [state.value for state in OPEN]:
        refuse("run_ended", "id")
    job.cancelled = True
    job_id, waits = job.id, job.state in [state.value for state in WAITING] or not job.lease_by
    recorded("list-run-cancelled", context, job.source_id, run=job_id)
    model.Session.commit()
    if waits:
        ended(job_id, JobState.CANCELLED)
    return as_dict(job_of(job_id))


@validate(schema.one)
def govdata_harvest_run_undo(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Undo the last run of a list as a whole; a tier that it made stricter stays, because a looser one needs two persons.

    :param id: id of the run
    :returns: `back`, `withdrawn`, `looser_needs_two_persons`
    """
    tk.check_access("govdata_harvest_run_undo", context, data_dict)
    job = job_of(data_dict["id"])
    if not job.run_id or job.state in [state.value for state in OPEN]:
        refuse("nothing_to_undo", "id")
    user = acting_user(acting(context))
    source_id, run_id, job_id = job.source_id, job.run_id, job.id
    try:
        done = undo(run_id, user)
    except ListError as error:
        refuse_list_error(error, "id")
    source = model.Session.get(HarvestSource, source_id)
    if source is not None:
        source.seen = {}
    recorded("list-run-undone", context, source_id, run=job_id, count=done["back"] + done["withdrawn"])
    model.Session.commit()
    return done


ALL = (
    govdata_harvest_run_start,
    govdata_harvest_run_show,
    govdata_harvest_run_list,
    govdata_harvest_run_cancel,
    govdata_harvest_run_undo,
)
