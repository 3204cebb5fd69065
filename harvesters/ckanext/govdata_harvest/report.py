"""The report of a run: counts that add up, and what was wrong, grouped by cause with a few examples each.

read = added + changed + unchanged + refused + duplicates; `held` says how many of the added, changed and unchanged are held,
`taken` how many are not. `tiers` counts the same rows by the tier they have now; `held` there are those without one.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .deciding import Decided
from .planning import Act, Step, Withdrawing
from .readers import Row

EXAMPLES = 5
_ACTS = ("added", "changed", "unchanged", "withdrawn")
_SILENT_CAUSES = frozenset({"state_secret"})


@dataclass
class Problem:
    """One cause with the number of rows it hit; examples carry no text of a row that was refused as a secret."""

    level: str
    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Report:
    """Filled row by row; `as_dict` is what `--json` prints."""

    file: str
    list_id: str
    writing: bool
    counts: Counter[str] = field(default_factory=Counter)
    tiers: Counter[str] = field(default_factory=Counter)
    problems: dict[str, Problem] = field(default_factory=dict)
    duplicates_named: list[dict[str, Any]] = field(default_factory=list)
    agencies_created: list[str] = field(default_factory=list)
    columns_unknown: tuple[str, ...] = ()
    run_id: str = ""
    revision: int = 0
    safety: dict[str, Any] | None = None
    started: float = field(default_factory=time.monotonic)

    def refuse(self, row: Decided, cause: str, column: str = "", value: str = "") -> None:
        self.counts.update(("read", "refused"))
        self._problem(cause, "refused", row, column, value)

    def duplicate(self, row: Decided) -> None:
        self.counts.update(("read", "duplicates"))
        self.duplicates_named.append({"row": row.number, "same_as_row": row.first_row, "title": row.entry["title"]})
        self._problem("duplicate", "note", row, "", str(row.first_row))

    def duplicate_elsewhere(self, row: Decided, entry_id: str) -> None:
        """The same page of the source stands in another agency's list (DCF-15, YZ-16); it is taken once."""
        self.counts.update(("read", "duplicates"))
        self.duplicates_named.append({"row": row.number, "same_as_entry": entry_id, "title": row.entry["title"]})
        self._problem("duplicate_elsewhere", "note", row, "", entry_id)

    def took(self, step: Step, tier: str, causes: tuple[str, ...] = ()) -> None:
        """A row that is in the catalogue with this tier; `causes` say why it is held, if it is."""
        row = step.row
        act = Act.CHANGE if step.act is Act.RETURN else step.act
        self.counts.update(("read", act.value))
        self.counts["returned"] += step.act is Act.RETURN
        self.tiers[tier or "held"] += 1
        if step.known and step.known.is_shut and step.act is Act.KEEP:
            # Nothing of the row is shown: it may be what leaked.
            self.remark("entry_shut", row)
            return
        if step.known and step.known.is_withdrawn and step.act is Act.KEEP:
            self.remark("withdrawn_by_a_person", row)
        if step.looser:
            causes = (*causes, "looser_needs_two_persons")
            self._problem("looser_needs_two_persons", "held", row, "", str(row.entry.get("tier_word", "")))
        if causes:
            self.counts["held"] += 1
        self._say_causes(row, causes)

    def withdrew(self, leaving: Withdrawing) -> None:
        """The entries that have left the list, or why they stay."""
        self.counts["withdrawn"] = len(leaving.entries)
        self.safety = leaving.safety.as_dict() if leaving.safety else None

    def _say_causes(self, row: Decided, causes: tuple[str, ...]) -> None:
        for note in row.notes:
            if note.cause != row.cause or row.cause in causes:
                self._problem(note.cause, "held" if note.cause in causes else "note", row, note.column, note.value)
        for cause in causes:
            if cause not in {note.cause for note in row.notes} and cause != "looser_needs_two_persons":
                self._problem(cause, "held", row)

    def remark(self, cause: str, row: Decided, column: str = "", value: str = "") -> None:
        """Something about a row that was taken, such as a looser tier that waits for two persons, or a line that is no row."""
        self._problem(cause, "note", row, column, value)

    def _problem(self, cause: str, level: str, row: Decided, column: str = "", value: str = "") -> None:
        problem = self.problems.setdefault(cause, Problem(level))
        problem.count += 1
        if len(problem.examples) < EXAMPLES:
            shown = {} if cause in _SILENT_CAUSES else {"column": column, "value": value}
            problem.examples.append({"row": row.number, **_where(row, column), **shown})

    def as_dict(self) -> dict[str, Any]:
        seconds = time.monotonic() - self.started
        counts = {name: self.counts[name] for name in ("read", *_ACTS, "held", "refused", "duplicates")}
        return {
            "file": self.file,
            "list": self.list_id,
            "written": self.writing,
            **counts,
            "taken": sum(self.counts[act] for act in _ACTS[:3]) - self.counts["held"],
            "tiers": {name: self.tiers[name] for name in ("unconditional", "conditional", "not_open", "held")},
            "problems": [
                {"cause": cause, "level": found.level, "count": found.count, "examples": found.examples}
                for cause, found in sorted(self.problems.items(), key=lambda item: _order(item[1]))
            ],
            "returned": self.counts["returned"],
            "safety": self.safety,
            "run": self.run_id,
            "revision": self.revision,
            "seconds": round(seconds, 2),
            "rate": round(self.counts["read"] / seconds, 1) if seconds > 0 else 0.0,
            "duplicates_named": self.duplicates_named,
            "agencies_created": self.agencies_created,
            "columns_unknown": list(self.columns_unknown),
        }


def _where(row: Decided, column: str) -> dict[str, str]:
    """The sheet and the cell, where the list has any."""
    address = row.row.address(column) if isinstance(row.row, Row) else ""
    found = {"sheet": row.row.sheet if row.row else "", "cell": address}
    return {key: value for key, value in found.items() if value}


def _order(problem: Problem) -> tuple[int, int]:
    return ("refused", "held", "note").index(problem.level), -problem.count
