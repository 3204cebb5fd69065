"""Keeps the plan of a run in its table: what changes something, and what waits for people; in one transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ..applying import Applier
from ..data.naming import FilesNamed
from ..mapping.columns import field_of
from ..places import Place
from ..planning import Act, Known, Step
from ..source_model import HarvestPlanned
from ..survey import Survey
from .lease import Beat

_BATCH = 500
_KEPT = (Act.ADD, Act.CHANGE, Act.RETURN)


class PlanStore:
    """A keeper of plans. Rows that change nothing are counted by the report alone, unless they ask for a looser tier."""

    def __init__(self, job_id: str, user: model.User, beat: Beat, files: FilesNamed | None = None) -> None:
        self._files = files
        self._job_id, self._user, self._beat = job_id, user, beat
        self._rows: list[dict[str, Any]] = []
        self._applier: Applier | None = None
        self.kept = 0
        self.held_words: dict[str, int] = {}
        self.columns: list[dict[str, Any]] = []
        self.has_secrets = False
        self.list_id = ""
        model.Session.execute(sa.delete(HarvestPlanned).where(HarvestPlanned.job_id == job_id))

    def looked(self, found: Survey, list_id: str, place: Place) -> None:
        self.list_id, self.has_secrets = list_id, found.has_secrets
        self._applier = Applier(self._user, place, None, list_id, ask_review=False)
        self.columns = columns_of(found)

    def step(self, step: Step, causes: tuple[str, ...]) -> None:
        self._beat.done += 1
        self._beat.check()
        row = step.row
        if self._files and row.files:
            self._files.named(row)
        if row.cause == "tier_unknown" and (word := str(row.entry.get("tier_word") or "")):
            self.held_words[word] = self.held_words.get(word, 0) + 1
        if step.act in _KEPT or step.looser:
            self._keep(step, causes)

    def leaving(self, entries: tuple[Known, ...]) -> None:
        for known in entries:
            title = model.Session.scalar(sa.select(model.Package.title).where(model.Package.id == known.id))
            self._add(
                {
                    "act": Act.WITHDRAW.value,
                    "key": known.key,
                    "base": known.content,
                    "title": title or "",
                    "package_id": known.id,
                    "tier_before": known.tier,
                    "tier": known.tier,
                }
            )
        self._flush()
        if self._files:
            self._files.flush()

    def _keep(self, step: Step, causes: tuple[str, ...]) -> None:
        row, known = step.row, step.known
        foreseen = self._applier.foreseen(step) if known and self._applier and step.act in _KEPT else []
        self._add(
            {
                "act": step.act.value,
                "row": row.number,
                "sheet": row.row.sheet if row.row else "",
                "key": row.key,
                "content": row.content,
                "base": known.content if known else "",
                "title": str(row.entry.get("title") or ""),
                "agency": row.agency,
                "package_id": known.id if known else "",
                "tier_before": known.tier if known else "",
                "tier": step.tier,
                "asked_tier": row.tier,
                "looser": step.looser,
                "decided": step.by_decision,
                "causes": list(dict.fromkeys((*causes, *(("looser_needs_two_persons",) if step.looser else ())))),
                "entry": row.entry,
                "differences": [found.as_dict() for found in foreseen],
            }
        )

    def _add(self, values: dict[str, Any]) -> None:
        self.kept += 1
        empty = {"row": 0, "looser": False, "decided": False, "causes": [], "entry": {}, "differences": []}
        texts = dict.fromkeys(
            ("sheet", "content", "base", "agency", "package_id", "tier_before", "tier", "asked_tier"), ""
        )
        self._rows.append({"job_id": self._job_id, "n": self.kept, "state": "planned", **empty, **texts, **values})
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            model.Session.execute(sa.insert(HarvestPlanned), self._rows)
            self._rows = []


def columns_of(found: Survey) -> list[dict[str, Any]]:
    """The columns of the list: what each fills, with examples, and whether a person can change that."""
    fills = {column: name for name, columns in found.plan.fields.items() for column in columns}
    corrected = found.plan.correction.columns
    shown = []
    for column, examples in found.examples.items():
        # Where a row is a secret, its entry may stand in another row without the mark.
        examples = [] if found.has_secrets else examples
        known = field_of(column)
        own = corrected.get(column)
        shown.append(
            {
                "column": column,
                "field": own or fills.get(column) or ("-" if known else ""),
                "by": "person" if own else "content" if column in found.plan.found_by_content else "name",
                "examples": examples,
            }
        )
    return shown
