"""The record of runs: when a list was taken in, by whom, from what file (kept, with its digest), and what became of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk
from sqlalchemy.dialects.postgresql import insert

from ckanext.govdata.columns import now

from .model import HarvestList, HarvestRun, HarvestStep, RunState
from .planning import Act, Difference
from .readers import ListError

_PIECE = 1 << 20


class History:
    """The record of one run that writes."""

    def __init__(self, list_id: str, user_id: str, path: Path, digest: str = "") -> None:
        """Begin the record; where the file is gone already, its digest stands for it.

        Raises ListError (`run_under_way`) while another run of this list is under way.

        A run that was killed holds no lock any more, whatever its record says: it is closed as failed, and this one goes on
        where it stopped, because what is in the catalogue already is not written again.
        """
        self._path = path
        self._lock = _locked(list_id)
        dead = sa.update(HarvestRun).where(HarvestRun.list_id == list_id, HarvestRun.state == RunState.RUNNING.value)
        model.Session.execute(dead.values(state=RunState.FAILED.value, finished_at=now()))
        first = insert(HarvestList).values(id=list_id, created_by=user_id, created_at=now()).on_conflict_do_nothing()
        model.Session.execute(first)
        before = sa.select(sa.func.max(HarvestRun.revision)).where(HarvestRun.list_id == list_id)
        self._digest = digest or digest_of(path)
        run = HarvestRun(
            list_id=list_id,
            revision=(model.Session.scalar(before) or 0) + 1,
            user_id=user_id,
            file_name=path.name,
            file_digest=self._digest,
        )
        model.Session.add(run)
        model.Session.commit()
        self.id, self.revision = run.id, run.revision

    @classmethod
    def resumed(cls, run_id: str, path: Path) -> History:
        """Go on with the record of a run that is under way. Raises ListError while another process holds the list."""
        run = model.Session.get(HarvestRun, run_id)
        if run is None:
            raise ListError("run_unknown", detail=run_id)
        again = cls.__new__(cls)
        again._path, again._digest, again._lock = path, run.file_digest, _locked(run.list_id)
        again.id, again.revision = run.id, run.revision
        return again

    def rest(self) -> None:
        """Let go of the list without ending the record: another slice goes on with it."""
        self._lock.close()

    def steps(self, act: Act, done: Sequence[tuple[str, int, str, Sequence[Difference]]]) -> None:
        """Put on record what happened to these entries: id, row, sheet, differences."""
        if not done:
            return
        rows = [
            {
                "run_id": self.id,
                "act": act.value,
                "package_id": package_id,
                "row": row,
                "sheet": sheet,
                "differences": [found.as_dict() for found in differences],
            }
            for package_id, row, sheet, differences in done
        ]
        model.Session.execute(sa.insert(HarvestStep), rows)
        model.Session.commit()

    def finished(self, report: dict[str, Any], *, keep_file: bool) -> None:
        """End the record. The file is kept, unless a row of it was marked as a state secret (DCF-2, ZB-2)."""
        values = {"state": RunState.FINISHED.value, "finished_at": now(), "report": report, "file_kept": keep_file}
        if keep_file:
            _keep(self._path, self._digest)
        self._end(values)

    def failed(self) -> None:
        """End the record of a run that broke off; what it did stays on record and can be undone."""
        model.Session.rollback()
        self._end({"state": RunState.FAILED.value, "finished_at": now()})

    def _end(self, values: dict[str, Any]) -> None:
        model.Session.execute(sa.update(HarvestRun).where(HarvestRun.id == self.id).values(**values))
        model.Session.commit()
        self._lock.close()


def _locked(list_id: str) -> sa.Connection:
    """A connection that holds the list's lock until it is closed, or its process is gone."""
    engine: sa.Engine = model.Session.get_bind()  # pyright: ignore[reportAssignmentType]
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # Closing alone would hand the connection, with its lock, back to the pool.
    connection.detach()
    lock = sa.select(sa.func.pg_try_advisory_lock(sa.func.hashtext("govdata_harvest"), sa.func.hashtext(list_id)))
    if not connection.scalar(lock):
        connection.close()
        raise ListError("run_under_way", detail=list_id)
    return connection


def digest_of(path: Path) -> str:
    """SHA-256 of the file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def kept_file(digest: str) -> Path:
    """Where the file of this digest is kept."""
    return Path(tk.config["ckan.storage_path"]) / "govdata_harvest" / digest[:2] / digest


def _keep(path: Path, digest: str) -> None:
    target = kept_file(digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        shutil.copyfile(path, part)
        part.replace(target)


def runs(list_id: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """The runs of a list, or of all lists, newest first."""
    found = model.Session.query(HarvestRun).order_by(HarvestRun.started_at.desc())
    if list_id:
        found = found.filter(HarvestRun.list_id == list_id)
    return [_as_dict(run) for run in found.limit(limit)]


def last_run(run_id: str) -> HarvestRun:
    """A run that can be undone: the last one of its list that was not undone. Raises ListError for any other."""
    run = model.Session.get(HarvestRun, run_id)
    if run is None:
        raise ListError("run_unknown", detail=run_id)
    later = model.Session.query(HarvestRun).filter(
        HarvestRun.list_id == run.list_id,
        HarvestRun.revision > run.revision,
        HarvestRun.state != RunState.UNDONE.value,
    )
    if run.state not in (RunState.FINISHED.value, RunState.FAILED.value) or later.count():
        raise ListError("run_not_last", detail=run_id)
    return run


def steps_back(run: HarvestRun) -> list[HarvestStep]:
    """What the run did, the last first."""
    found = model.Session.query(HarvestStep).filter(HarvestStep.run_id == run.id).order_by(HarvestStep.id.desc())
    steps = found.all()
    for step in steps:
        model.Session.expunge(step)
    return steps


def undone(run_id: str) -> None:
    """Put on record that a run was undone."""
    model.Session.execute(
        sa.update(HarvestRun).where(HarvestRun.id == run_id).values(state=RunState.UNDONE.value, finished_at=now())
    )
    model.Session.commit()


def _as_dict(run: HarvestRun) -> dict[str, Any]:
    names = ("read", "added", "changed", "unchanged", "withdrawn", "held", "refused", "duplicates")
    return {
        "id": run.id,
        "list": run.list_id,
        "revision": run.revision,
        "state": run.state,
        "user": run.user_id,
        "file": run.file_name,
        "digest": run.file_digest,
        "file_kept": run.file_kept,
        "started_at": run.started_at.isoformat() + "Z",
        "finished_at": run.finished_at.isoformat() + "Z" if run.finished_at else None,
        **{name: run.report.get(name, 0) for name in names},
        "safety": run.report.get("safety"),
    }
