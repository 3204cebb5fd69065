"""What becomes of each row: taken with its entry, refused, or a duplicate of a row before it. Pure: nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from .identity import content_hash, identity_candidates
from .mapping.data_files import plain_files
from .mapping.dcat_us import unfolded
from .mapping.rows import MappedRow, Note, cells_of, map_row
from .mapping.secrecy import is_state_secret
from .readers import BadRow, ListFile, Row
from .survey import Survey, short


class Verdict(str, Enum):
    TAKEN = "taken"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    PASSED = "passed"


@dataclass(frozen=True)
class Decided:
    """One row's fate. `cause` names why it is refused or held; a refused row carries nothing of its text."""

    number: int
    verdict: Verdict
    cause: str = ""
    entry: dict[str, Any] = field(default_factory=dict)
    agency: str = ""
    key: str = ""
    candidates: tuple[str, ...] = ()
    content: str = ""
    first_row: int = 0
    notes: tuple[Note, ...] = ()
    placed_under: str = ""
    by_decision: bool = False
    row: Row | BadRow | None = field(default=None, compare=False, repr=False)
    files: tuple[dict[str, str], ...] = field(default=(), compare=False)

    @property
    def tier(self) -> str:
        return str(self.entry.get("open_tier") or "")


def decide(file: ListFile, found: Survey, agency: str = "") -> Iterator[Decided]:
    """Every row of the list in order, decided; `agency` is the name under which all rows are put, if one is."""
    taken: dict[bytes, int] = {}
    for row in unfolded(file.rows()):
        yield replace(_decide_row(row, found, agency, taken), row=_place_of(row))


def _place_of(row: Row | BadRow) -> Row | BadRow:
    """Where the row stands, without what it says."""
    return replace(row, cells=()) if isinstance(row, Row) else row


def _decide_row(row: Row | BadRow, found: Survey, agency: str, taken: dict[bytes, int]) -> Decided:
    if isinstance(row, BadRow):
        return Decided(row.number, Verdict.REFUSED if row.counted else Verdict.PASSED, row.cause)
    if is_state_secret(cells_of(row), found.plan):
        return Decided(row.number, Verdict.REFUSED, "state_secret")
    mapped = map_row(row, found.plan)
    if not mapped.title:
        return Decided(row.number, Verdict.REFUSED, "title_missing")
    return _decide_mapped(mapped, found, agency, taken)


def _decide_mapped(mapped: MappedRow, found: Survey, agency: str, taken: dict[bytes, int]) -> Decided:
    candidates = found.identifying(identity_candidates(mapped.entry, mapped.agency or agency))
    key = candidates[0]
    group = found.groups[short(key)]
    if group.secret:
        return Decided(mapped.number, Verdict.REFUSED, "state_secret")
    first = taken.setdefault(short(key), mapped.number)
    if first != mapped.number:
        return Decided(
            mapped.number,
            Verdict.DUPLICATE,
            "duplicate",
            first_row=first,
            agency=mapped.agency,
            entry={"title": mapped.title},
        )
    return _taken(mapped, candidates, mapped.agency or agency, group.tiers_differ)


def _taken(mapped: MappedRow, candidates: tuple[str, ...], owner: str, tiers_differ: bool) -> Decided:
    entry, cause, notes = dict(mapped.entry), mapped.tier.cause, mapped.notes
    # Which files hold the data is no word of the catalogue: another file is another version, and no change of the entry.
    files = plain_files(entry)
    entry.pop("data_files", None)
    if tiers_differ:
        cause, entry["tier_word"] = "tier_conflict", entry.get("tier_word") or mapped.tier.word
        entry.pop("open_tier", None)
        entry.pop("resources", None)
    if cause:
        notes = (*notes, Note(cause, mapped.tier.column, mapped.tier.word or _cell_of(mapped)))
    return Decided(
        mapped.number,
        Verdict.TAKEN,
        cause,
        entry,
        mapped.agency,
        candidates[0],
        candidates,
        content_hash(entry, owner),
        notes=notes,
        placed_under=owner,
        by_decision=mapped.tier.decided and not cause,
        files=files,
    )


def _cell_of(mapped: MappedRow) -> str:
    return "" if mapped.tier.tier else mapped.tier.silent
