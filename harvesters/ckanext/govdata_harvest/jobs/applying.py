"""Applying a plan, some of it at a time: each step is marked when it is done, and what a killed worker wrote is found again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from .. import config
from ..applying import Applied, Applier
from ..deciding import Decided, Verdict
from ..history import History
from ..model import HarvestRun, HarvestStep
from ..places import AgenciesOfTheList, OneAgency, Place
from ..planning import LEFT, Act, Known, Step
from ..readers import ListError, Row
from ..shut import shut_for
from ..source_model import HarvestJob, HarvestPlanned, HarvestSource
from .domain import PlannedState
from .ending import applied
from .lease import Beat
from .planning import acting_user, both, slug_of
from .storing import waiting_file


def apply_some(job_id: str, beat: Beat) -> None:
    """Apply for as long as a slice lasts; where nothing is left, end the run with its report. Raises ListError, Stopped."""
    job, source = both(job_id)
    user = acting_user(job.started_by)
    history = _record(job, source, user)
    try:
        place: Place = OneAgency(slug_of(source.agency_id)) if source.agency_id else AgenciesOfTheList(user.name, True)
        slice_ = _Slice(
            job_id, Applier(user, place, history, source.name, ask_review=False), history, source.name, beat
        )
        if slice_.run(time.monotonic() + config.slice_seconds()):
            applied(job_id, history)
    finally:
        history.rest()


def _record(job: HarvestJob, source: HarvestSource, user: model.User) -> History:
    try:
        path = waiting_file(job.file_digest)
    except ListError:
        path = Path(job.file_name or "list")
    run = model.Session.get(HarvestRun, job.run_id) if job.run_id else None
    if run is not None and run.state == "running":
        return History.resumed(run.id, path)
    job_id, name, digest = job.id, source.name, job.file_digest
    history = History(name, user.id, path, digest)
    values = {"run_id": history.id}
    model.Session.execute(sa.update(HarvestJob).where(HarvestJob.id == job_id).values(**values))
    model.Session.execute(sa.update(HarvestRun).where(HarvestRun.id == history.id).values(file_name=job.file_name))
    model.Session.commit()
    return history


class _Slice:
    def __init__(self, job_id: str, applier: Applier, history: History, list_id: str, beat: Beat) -> None:
        self._job_id, self._applier, self._history, self._list_id = job_id, applier, history, list_id
        self._beat = beat
        self._shut: frozenset[str] = frozenset()

    def run(self, until: float) -> bool:
        """Whether the plan is done."""
        first = True
        while batch := self._next():
            self._shut = shut_for(self._list_id)
            new = [planned for planned in batch if planned.act == Act.ADD.value]
            if first:
                # The last worker may have been killed between writing a batch and marking it.
                new = self._without_written(new)
            first = False
            self._add(new)
            for planned in batch:
                if planned.act != Act.ADD.value:
                    self._beat.check()
                    self._one(planned)
            self._beat.done += len(batch)
            self._got_on()
            self._beat.check()
            if time.monotonic() > until:
                return not self._next(1)
        return True

    def _got_on(self) -> None:
        """A run that gets on is not given up, however often its workers are killed."""
        progress = sa.update(HarvestJob).where(HarvestJob.id == self._job_id, HarvestJob.attempts > 0)
        model.Session.execute(progress.values(attempts=0))
        model.Session.commit()

    def _next(self, limit: int = 0) -> list[HarvestPlanned]:
        waiting = (
            sa.select(HarvestPlanned)
            .where(
                HarvestPlanned.job_id == self._job_id,
                HarvestPlanned.state == PlannedState.PLANNED.value,
                HarvestPlanned.act != Act.KEEP.value,
            )
            .order_by(HarvestPlanned.n)
            .limit(limit or config.batch_size())
        )
        found = list(model.Session.scalars(waiting))
        for planned in found:
            model.Session.expunge(planned)
        model.Session.commit()
        return found

    def _without_written(self, batch: Sequence[HarvestPlanned]) -> list[HarvestPlanned]:
        extras = model.package_table.c["extras"]
        keys = [planned.key for planned in batch]
        written = model.Session.execute(
            sa.select(extras["list_key"].astext, model.package_table.c["id"]).where(
                extras["list_id"].astext == self._list_id,
                extras["list_key"].astext.in_(keys),
                model.package_table.c["state"] == "active",
            )
        )
        there = {str(key): str(package_id) for key, package_id in written.tuples().all()}
        for planned in batch:
            if planned.key in there:
                self._known_to_history(there[planned.key], planned)
                self._mark(planned, PlannedState.DONE, there[planned.key])
        model.Session.commit()
        return [planned for planned in batch if planned.key not in there]

    def _known_to_history(self, package_id: str, planned: HarvestPlanned) -> None:
        known = sa.select(HarvestStep.id).where(
            HarvestStep.run_id == self._history.id, HarvestStep.package_id == package_id
        )
        if model.Session.scalar(known.limit(1)) is None:
            self._history.steps(Act.ADD, [(package_id, planned.row, planned.sheet, ())])

    def _add(self, batch: Sequence[HarvestPlanned]) -> None:
        if not batch:
            return
        done = self._applier.add([step_of(planned) for planned in batch])
        by_key = {planned.key: planned for planned in batch}
        for found in done:
            self._outcome(by_key[found.step.row.key], found)
        model.Session.commit()

    def _one(self, planned: HarvestPlanned) -> None:
        package = model.Session.get(model.Package, planned.package_id, populate_existing=True)
        extras = dict(package.extras or {}) if package is not None and package.state == "active" else {}
        now_there = extras.get("list_hash", "")
        if extras and now_there == (LEFT if planned.act == Act.WITHDRAW.value else planned.content):
            self._mark(planned, PlannedState.DONE, planned.package_id)
        elif planned.package_id in self._shut or _has_moved(planned, extras):
            self._mark(planned, PlannedState.MOVED, planned.package_id)
        elif planned.act == Act.WITHDRAW.value:
            self._applier.withdraw(known_of(planned))
            self._mark(planned, PlannedState.DONE, planned.package_id)
        else:
            self._outcome(planned, self._applier.change(step_of(planned)))
        model.Session.commit()

    def _outcome(self, planned: HarvestPlanned, found: Applied) -> None:
        if found.entry is None:
            field, said = next(iter((found.errors or {}).items()), ("", ""))
            self._mark(planned, PlannedState.FAILED, planned.package_id, f"{field}: {said}"[:500])
        else:
            self._mark(planned, PlannedState.DONE, str(found.entry["id"]))

    def _mark(self, planned: HarvestPlanned, state: PlannedState, package_id: str, note: str = "") -> None:
        model.Session.execute(
            sa.update(HarvestPlanned)
            .where(HarvestPlanned.id == planned.id)
            .values(state=state.value, package_id=package_id, note=note)
        )


def _has_moved(planned: HarvestPlanned, extras: Mapping[str, str]) -> bool:
    """Whether the entry is another than when the plan was made; `extras` are empty where it is gone."""
    was = (planned.base, planned.tier_before)
    return not extras or (extras.get("list_hash", ""), extras.get("open_tier", "")) != was


def known_of(planned: HarvestPlanned) -> Known:
    """The entry as it was when the plan was made."""
    return Known(planned.package_id, "", planned.key, planned.base, planned.tier_before, "", "", (), "")


def step_of(planned: HarvestPlanned) -> Step:
    """The step as it was planned."""
    row = Row(planned.row, (), planned.sheet)
    decided = Decided(
        planned.row,
        Verdict.TAKEN,
        "",
        dict(planned.entry),
        planned.agency,
        planned.key,
        (planned.key,),
        planned.content,
        placed_under=planned.agency,
        by_decision=planned.decided,
        row=row,
    )
    known = known_of(planned) if planned.package_id else None
    return Step(Act(planned.act), decided, known, planned.looser, planned.tier, planned.decided)
