"""Which files a list names, kept while its plan waits, and wanted once its run has ended."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.govdata.columns import now

from ..deciding import Decided
from ..file_model import HarvestFile
from ..source_model import HarvestJob, HarvestSource
from .beside import keep_list

_BATCH = 500
_GONE = sa.text(
    "update govdata_harvest_file old set state = 'dropped', due_at = :moment where old.source_id = :source"
    " and old.state = 'wanted' and not exists (select 1 from govdata_harvest_file new where new.job_id = :job"
    " and new.state = 'named' and old.key = new.key and old.address = new.address and old.file = new.file)"
)
_BACK = sa.text(
    "update govdata_harvest_file old set state = 'wanted' where old.source_id = :source and old.state = 'dropped'"
    " and exists (select 1 from govdata_harvest_file new where new.job_id = :job"
    " and new.state = 'named' and old.key = new.key and old.address = new.address and old.file = new.file)"
)
_KNOWN = sa.text(
    "delete from govdata_harvest_file new where new.job_id = :job and new.state = 'named' and exists (select 1"
    " from govdata_harvest_file old where old.source_id = :source and old.state = 'wanted'"
    " and old.key = new.key and old.address = new.address and old.file = new.file)"
)


class FilesNamed:
    """Keeps what the rows of a plan name, in the plan's transaction."""

    def __init__(self, job_id: str, source_id: str) -> None:
        self._job_id, self._source_id = job_id, source_id
        self._rows: list[dict[str, Any]] = []
        self.count = 0
        model.Session.execute(sa.delete(HarvestFile).where(HarvestFile.job_id == job_id, HarvestFile.state == "named"))

    def named(self, row: Decided) -> None:
        texts = dict.fromkeys(("address", "file", "title", "format", "resource_id", "cause", "detail"), "")
        for one in row.files:
            self.count += 1
            own = {"source_id": self._source_id, "job_id": self._job_id, "state": "named", "key": row.key}
            self._rows.append({**texts, **own, **one, "row": row.number, "seen": {}, "number": 0, "failures": 0})
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            model.Session.execute(sa.insert(HarvestFile), self._rows)
            self._rows = []


def adopt(job: HarvestJob, source: HarvestSource) -> bool:
    """What the list of an ended run names is wanted from now on, and asked for again. Whether anything is to be done.

    A run without a plan, because the list is the same, and a list that may be incomplete, drop nothing.
    """
    asked = {"job": job.id, "source": source.id, "moment": now()}
    if job.detail.get("files") is not None:
        keep_list(source.id, job.file_digest, secrets=bool(job.detail.get("secrets")))
        if not job.report.get("safety"):
            model.Session.execute(_GONE, asked)
        model.Session.execute(_BACK, asked)
        model.Session.execute(_KNOWN, asked)
        mine = sa.update(HarvestFile).where(HarvestFile.job_id == job.id, HarvestFile.state == "named")
        model.Session.execute(mine.values(state="wanted"))
    due = sa.update(HarvestFile).where(HarvestFile.source_id == source.id, HarvestFile.state == "wanted")
    found: Any = model.Session.execute(due.values(due_at=now(), failures=0))
    dropped = sa.select(HarvestFile.id).where(HarvestFile.source_id == source.id, HarvestFile.state == "dropped")
    return bool(found.rowcount) or model.Session.scalar(dropped.limit(1)) is not None
