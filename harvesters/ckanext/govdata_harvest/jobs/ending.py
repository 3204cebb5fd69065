"""How a run ends: its report made whole, its file kept or thrown away, its source told when it is due again."""

from __future__ import annotations

import logging
from random import SystemRandom
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search

from ckanext.govdata.columns import now
from ckanext.govdata.ledger import journal

from ..data.naming import adopt
from ..data.queueing import queue_taking
from ..history import History, kept_file
from ..model import HarvestRun, RunState
from ..source_model import HarvestJob, HarvestPlanned, HarvestSource, HarvestWord
from .domain import JobState, PlannedState, next_due
from .rows import the
from .storing import discard

log = logging.getLogger(__name__)
_HELD = sa.func.jsonb_array_length(HarvestPlanned.causes) > 0


def applied(job_id: str, history: History) -> None:
    """The whole plan is applied: the report counts what was really done."""
    job = the(HarvestJob, job_id)
    report = settled(job_id, dict(job.report), history)
    has_secrets = bool(job.detail.get("secrets"))
    # What a worker that was killed wrote may not be in the search engine yet.
    search.commit()
    history.finished(report, keep_file=not has_secrets)
    job = the(HarvestJob, job_id)
    job.report = report
    model.Session.commit()
    ended(job_id, JobState.FINISHED)


def settled(job_id: str, report: dict[str, Any], history: History | None = None) -> dict[str, Any]:
    """The plan's report with what was left out, failed or had moved meanwhile; the counts add up as before."""
    rows = model.Session.execute(
        sa.select(HarvestPlanned.act, HarvestPlanned.state, HarvestPlanned.tier, _HELD, sa.func.count())
        .where(HarvestPlanned.job_id == job_id)
        .group_by(HarvestPlanned.act, HarvestPlanned.state, HarvestPlanned.tier, _HELD)
    )
    tiers = dict(report["tiers"])
    left_out = moved = 0
    for act, state, tier, held, count in rows:
        if state not in (PlannedState.LEFT_OUT.value, PlannedState.FAILED.value, PlannedState.MOVED.value):
            continue
        name = {"returned": "changed"}.get(str(act), str(act))
        report[name] -= count
        left_out += count if state == PlannedState.LEFT_OUT.value else 0
        moved += count if state == PlannedState.MOVED.value else 0
        if act == "withdrawn":
            continue
        if state == PlannedState.FAILED.value or act == "added":
            report["refused"] += count
            tiers[tier or "held"] -= count
            report["held"] -= count if held else 0
        else:
            report["unchanged"] += count
    report["taken"] = report["added"] + report["changed"] + report["unchanged"] - report["held"]
    more = {"run": history.id, "revision": history.revision} if history else {}
    return {**report, **more, "tiers": tiers, "left_out": left_out, "moved": moved, "written": history is not None}


def ended(job_id: str, state: JobState) -> None:
    """End a run in whatever state; its record of changes too, where it began one."""
    job = the(HarvestJob, job_id)
    source = the(HarvestSource, job.source_id)
    wanted = False
    job.state, job.finished_at, job.not_before = state.value, now(), None
    source.failures = 0 if state is JobState.FINISHED else source.failures + (state is JobState.FAILED)
    source.due_at = next_due(now(), source.every_hours, SystemRandom().random(), (source.quiet_from, source.quiet_to))
    if job.run_id and state is not JobState.FINISHED:
        model.Session.execute(
            sa.update(HarvestRun)
            .where(HarvestRun.id == job.run_id, HarvestRun.state == RunState.RUNNING.value)
            .values(state=RunState.FAILED.value, finished_at=now())
        )
    if state is JobState.FINISHED and not job.dry:
        _remember(job, source)
        wanted = source.takes_data and adopt(job, source)
    journal.change(
        "list-run-ended",
        job.started_by if model.User.get(job.started_by) else None,
        {"govdata.harvest.source": source.id, "govdata.harvest.run": job.id, "govdata.harvest.state": state.value},
    )
    digest, dry, source_id = job.file_digest, job.dry, job.source_id
    model.Session.commit()
    if not dry:
        discard(digest)
    if wanted:
        queue_taking(source_id)
    from ..telling import tell

    tell(job_id)


def _remember(job: HarvestJob, source: HarvestSource) -> None:
    """What makes the next run short: the list's digest, and how the catalogue stood when all of it was in."""
    report = job.report
    whole = not report.get("left_out") and not report.get("moved") and not report.get("safety")
    source.seen = {
        "kind": dict(job.fetched.get("seen") or {}),
        "digest": job.file_digest,
        "kept": kept_file(job.file_digest).exists() and whole,
        "mapping_version": job.mapping_version,
        "words": _words(source.id),
        "fingerprint": fingerprint(source.name) if whole else "",
        "report": {
            name: value for name, value in report.items() if name not in ("duplicates_named", "agencies_created")
        },
        "tier_mapping_seen": True,
    }


def unchanged_since(job_id: str) -> bool:
    """End a run at once whose list is the same, byte by byte, and whose entries stand as they stood when it was taken in."""
    job = model.Session.get(HarvestJob, job_id)
    source = model.Session.get(HarvestSource, job.source_id) if job else None
    if job is None or source is None or not source.seen.get("fingerprint"):
        return False
    seen = source.seen
    same = (job.file_digest, source.mapping_version, _words(source.id)) == (
        seen.get("digest"),
        seen.get("mapping_version"),
        seen.get("words"),
    )
    if not same or fingerprint(source.name) != seen["fingerprint"]:
        return False
    last = dict(seen["report"])
    kept = last["added"] + last["changed"] + last["unchanged"]
    none: dict[str, Any] = {
        "added": 0,
        "changed": 0,
        "returned": 0,
        "withdrawn": 0,
        "duplicates_named": [],
        "agencies_created": [],
    }
    problems = [one for one in last["problems"] if one["cause"] not in TOMBSTONE_CAUSES.values()]
    none["problems"] = [*problems, *said_of_tombstones(job)]
    job.report = {**last, **none, "unchanged": kept, "run": "", "same_file": True}
    job.total = job.done = last["read"]
    job.mapping_version = source.mapping_version
    model.Session.commit()
    ended(job_id, JobState.FINISHED)
    return True


TOMBSTONE_CAUSES = {"shut": "tombstones_obeyed", "proposed": "tombstones_opened", "unreadable": "tombstones_unreadable"}


def said_of_tombstones(job: HarvestJob) -> list[dict[str, Any]]:
    """What the report says of the tombstones that the source's portal published."""
    found = job.fetched.get("tombstones") or {}
    return [
        {"cause": cause, "level": "note", "count": found[name], "examples": []}
        for name, cause in TOMBSTONE_CAUSES.items()
        if found.get(name)
    ]


def _words(source_id: str) -> str:
    found = sa.select(sa.func.md5(sa.func.string_agg(HarvestWord.id + HarvestWord.state, sa.text("',' order by id"))))
    return str(model.Session.scalar(found.where(HarvestWord.source_id == source_id)) or "")


_FINGERPRINT = sa.text(
    "select md5(coalesce(string_agg(concat_ws('|', id, owner_org, extras->>'list_key', extras->>'list_hash', "
    "extras->>'open_tier', extras->>'publication'), E'\\n' order by id), '')) "
    "from package where state = 'active' and extras->>'list_id' = :list_id"
)


def fingerprint(list_id: str) -> str:
    """How the entries of a list stand, in one digest and one statement."""
    return str(model.Session.scalar(_FINGERPRINT, {"list_id": list_id}))
