"""Where an entry came from by the record of its runs, and what those keep of it: for the rooms that ask, by `IGovdataEntries`.

Guarantee: nothing that an entry's writers can change is asked. What leaked is in no plan, record or kept list any more when
`forget` returns, and the lists' next runs leave the entry alone until it is opened again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.catalogue.origins import Copy, Origin

from .agencies import key_of
from .data.beside import forget_beside
from .file_model import HarvestFile, HarvestMerge
from .history import kept_file
from .jobs.domain import WAITING, PlannedState
from .jobs.storing import discard
from .model import HarvestRun, HarvestStep
from .planning import Act
from .source_model import HarvestJob, HarvestPlanned, HarvestSource

_OWN_LIST = "agency:"


def origin_of(package: model.Package) -> Origin:
    """The entry that was kept when this one was merged; else the one of this portal, or the agency, that its list names."""
    merged = sa.select(HarvestMerge.kept_id).where(HarvestMerge.gone_id == package.id, HarvestMerge.undone_at.is_(None))
    kept = model.Session.scalar(merged)
    if kept:
        return Origin(entry=kept)
    run = _last_run(package.id)
    return _by_list(run, package.id) if run is not None else Origin()


def _last_run(package_id: str) -> HarvestRun | None:
    """The run that has last brought an entry, or changed it."""
    brought = (
        sa.select(HarvestRun)
        .join(HarvestStep, HarvestStep.run_id == HarvestRun.id)
        .where(HarvestStep.package_id == package_id, HarvestStep.act != Act.WITHDRAW.value)
        .order_by(HarvestStep.id.desc())
    )
    return model.Session.scalars(brought.limit(1)).first()


def _by_list(run: HarvestRun, package_id: str) -> Origin:
    """An agency's own list is its own word; where a list is a portal's, or of many agencies, each row says whose it is."""
    source = model.Session.scalars(sa.select(HarvestSource).where(HarvestSource.name == run.list_id)).first()
    if source is not None and source.agency_id:
        return Origin(agency=source.agency_id)
    if run.list_id.startswith(_OWN_LIST):
        group = model.Group.get(run.list_id.removeprefix(_OWN_LIST))
        return Origin(agency=group.id if group else None)
    planned = _planned(run, package_id)
    if planned is None:
        return Origin()
    before = _here(planned.key)
    if before is not None and before.id != package_id:
        return Origin(entry=before.id)
    return Origin(agency=_agency_named(planned.agency))


def _planned(run: HarvestRun, package_id: str) -> HarvestPlanned | None:
    found = (
        sa.select(HarvestPlanned)
        .join(HarvestJob, HarvestJob.id == HarvestPlanned.job_id)
        .where(HarvestJob.run_id == run.id, HarvestPlanned.package_id == package_id)
    )
    return model.Session.scalars(found.limit(1)).first()


def _here(key: str) -> model.Package | None:
    """The dataset of this portal whose page is a row's identifier; also one that was deleted since."""
    kind, _, address = key.partition(":")
    own, there = urlsplit(str(tk.config.get("ckan.site_url") or "")), urlsplit(f"//{address}")
    steps = [unquote(step) for step in there.path.split("/") if step]
    if kind != "url" or not own.netloc or there.netloc != own.netloc or len(steps) < 2 or steps[-2] != "dataset":
        return None
    return model.Package.get(steps[-1])


def _agency_named(name: str) -> str | None:
    """The organisation that a list means by a name, in whatever spelling; None where none, or several, are meant."""
    if not name:
        return None
    groups = model.Session.query(model.Group.id, model.Group.name, model.Group.title)
    active = groups.filter(model.Group.is_organization.is_(True), model.Group.state == "active")
    found = [group_id for group_id, slug, title in active if key_of(title or slug) == key_of(name)]
    return found[0] if len(found) == 1 else None


def copies_of(package: model.Package) -> Iterator[Copy]:
    """What plans and runs keep of an entry, and the lists in which its row stands."""
    planned = [
        {"n": one.n, "job": one.job_id, "title": one.title, "entry": one.entry, "differences": one.differences}
        for one in _all_planned(package)
    ]
    steps = [{"id": one.id, "run": one.run_id, "differences": one.differences} for one in _steps(package)]
    if any(one["entry"] or one["differences"] for one in planned) or any(one["differences"] for one in steps):
        yield Copy("lists", json.dumps({"planned": planned, "steps": steps}, ensure_ascii=False, default=str).encode())
    for digest in _kept(package):
        path = kept_file(digest)
        if path.is_file():
            yield Copy(f"list {digest}", path.read_bytes())


def forget(package: model.Package) -> None:
    """Forget what `copies_of` gave. Which steps there were, and when, stays."""
    for one in _all_planned(package):
        one.entry, one.differences, one.title, one.note = {}, [], "", ""
        if one.state == PlannedState.PLANNED.value:
            one.state, one.causes = PlannedState.LEFT_OUT.value, ["entry_shut"]
    for one in _steps(package):
        one.differences = []
    lists = _lists(package)
    runs = list(model.Session.scalars(sa.select(HarvestRun).where(HarvestRun.list_id.in_(lists))))
    for run in runs:
        run.report, run.file_kept = without_examples(run.report), False
    for source in model.Session.scalars(sa.select(HarvestSource).where(HarvestSource.name.in_(lists))):
        _forget_in(source, str((package.extras or {}).get("list_key") or ""))
    for digest in {run.file_digest for run in runs}:
        kept_file(digest).unlink(missing_ok=True)


def _forget_in(source: HarvestSource, key: str) -> None:
    """Take out of a source's runs what they show of its lists, and the lists that wait for people; others go with their run."""
    source.seen = {**source.seen, "kept": False, "report": without_examples(source.seen.get("report") or {})}
    for job in model.Session.scalars(sa.select(HarvestJob).where(HarvestJob.source_id == source.id)):
        job.report = without_examples(job.report)
        job.columns = [{**column, "examples": []} for column in job.columns]
        job.detail = {**job.detail, "secrets": True}
        if job.state in [state.value for state in WAITING]:
            discard(job.file_digest)
    model.Session.execute(sa.delete(HarvestFile).where(HarvestFile.source_id == source.id, HarvestFile.key == key))
    forget_beside(source.id)


def without_examples(report: dict[str, Any]) -> dict[str, Any]:
    """A report that quotes nothing of its list."""
    problems = [{**one, "examples": []} for one in report.get("problems") or []]
    named = {name: [] for name in ("duplicates_named",) if name in report}
    return {**report, **named, "problems": problems} if report else {}


def _all_planned(package: model.Package) -> list[HarvestPlanned]:
    """Steps of plans for this entry; those also that never came to be done, by its identity in its list."""
    extras = dict(package.extras or {})
    own = sa.and_(HarvestSource.name == extras.get("list_id", ""), HarvestPlanned.key == extras.get("list_key", ""))
    found = (
        sa.select(HarvestPlanned)
        .join(HarvestJob, HarvestJob.id == HarvestPlanned.job_id)
        .join(HarvestSource, HarvestSource.id == HarvestJob.source_id)
        .where(sa.or_(HarvestPlanned.package_id == package.id, own))
    )
    return list(model.Session.scalars(found.order_by(HarvestPlanned.id)))


def _steps(package: model.Package) -> list[HarvestStep]:
    found = sa.select(HarvestStep).where(HarvestStep.package_id == package.id)
    return list(model.Session.scalars(found.order_by(HarvestStep.id)))


def _lists(package: model.Package) -> list[str]:
    """Every list that has brought this entry."""
    runs = sa.select(HarvestStep.run_id).where(HarvestStep.package_id == package.id)
    return sorted(set(model.Session.scalars(sa.select(HarvestRun.list_id).where(HarvestRun.id.in_(runs)))))


def _kept(package: model.Package) -> list[str]:
    """Digests of the kept files of those lists."""
    kept = sa.select(HarvestRun.file_digest).where(
        HarvestRun.list_id.in_(_lists(package)), HarvestRun.file_kept.is_(True)
    )
    return sorted(set(model.Session.scalars(kept)))
