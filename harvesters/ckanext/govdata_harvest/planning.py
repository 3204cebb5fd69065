"""The plan of a run: what becomes of each row and of each entry that the list no longer has. Pure: nothing is read or written.

Guarantees: nothing opens further than it is (LYG-7, YZ-29); nothing is withdrawn by a list that may be incomplete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from ckanext.govdata.catalogue.domain import Publication, tier_of
from ckanext.govdata.catalogue.tier_change import Direction, direction

from .deciding import Decided, Verdict
from .identity import content_hash

# In place of the row's digest: the entry has left its list, and returns under the same identity if the list names it again.
LEFT = "left"


class Act(str, Enum):
    """What a run does with a row, or with an entry that has left the list."""

    ADD = "added"
    CHANGE = "changed"
    RETURN = "returned"
    KEEP = "unchanged"
    REFUSE = "refused"
    DUPLICATE = "duplicate"
    ELSEWHERE = "duplicate_elsewhere"
    PASS = "passed"  # noqa: S105 - a line that is no row
    WITHDRAW = "withdrawn"


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that came by a list before: where it stands, and the digest of the row that it was made of."""

    id: str
    list_id: str
    key: str
    content: str
    tier: str
    tier_word: str
    publication: str
    causes: tuple[str, ...]
    agency_id: str
    # Shut after a leak: no list changes it, or puts back what was taken out of it.
    is_shut: bool = False

    @property
    def is_withdrawn(self) -> bool:
        return self.publication == Publication.WITHDRAWN.value

    @property
    def has_left(self) -> bool:
        """Whether a list withdrew it, by no longer naming it; what a person withdrew no list brings back."""
        return self.is_withdrawn and self.content == LEFT


@dataclass(frozen=True)
class Step:
    """One row with what becomes of it. `looser` says that the row would open the entry further, which waits for two persons.

    `by_decision`: the entry had no tier, and gets the one that two persons decided for its word.
    """

    act: Act
    row: Decided
    known: Known | None = None
    looser: bool = False
    tier: str = ""
    by_decision: bool = False


class Held(Protocol):
    """What the catalogue holds, as far as this list can name it."""

    list_id: str

    def find(self, candidates: Iterable[str]) -> Known | None:
        """The entry that one of these keys names."""
        ...

    def is_of_another_agency(self, row: Decided, known: Known) -> bool:
        """Whether the entry belongs to another agency than the row."""
        ...


def steps(held: Held, rows: Iterable[Decided]) -> Iterator[Step]:
    """The step of each row, in order."""
    return (step_of(held, row) for row in rows)


def step_of(held: Held, row: Decided) -> Step:
    """What becomes of a row."""
    passed = {Verdict.REFUSED: Act.REFUSE, Verdict.PASSED: Act.PASS, Verdict.DUPLICATE: Act.DUPLICATE}
    if row.verdict in passed:
        return Step(passed[row.verdict], row)
    known = held.find(row.candidates)
    if known is None:
        return Step(Act.ADD, row, tier=row.tier)
    if known.list_id != held.list_id and held.is_of_another_agency(row, known):
        return Step(Act.ELSEWHERE, row, known)
    if known.is_shut:
        return Step(Act.KEEP, row, known, tier=known.tier)
    return _compared(row, known)


def _compared(row: Decided, known: Known) -> Step:
    """A row whose entry is there: unchanged by its digest, or changed; its tier is never loosened here."""
    by_decision = row.by_decision and not known.tier
    looser = direction(tier_of(known.tier), tier_of(row.tier)) is Direction.LOOSER and not by_decision
    same_word = row.entry.get("tier_word", "") == known.tier_word and not by_decision
    tier = known.tier if looser or same_word else row.tier
    if known.has_left:
        return Step(Act.RETURN, row, known, looser, tier, by_decision)
    if known.is_withdrawn:
        return Step(Act.KEEP, row, known, tier=known.tier)
    if row.content == known.content or (looser and _differs_in_tier_alone(row, known)):
        return Step(Act.KEEP, row, known, looser, known.tier)
    return Step(Act.CHANGE, row, known, looser, tier, by_decision)


def _differs_in_tier_alone(row: Decided, known: Known) -> bool:
    entry = {name: value for name, value in row.entry.items() if name not in ("open_tier", "tier_word", "resources")}
    before = {**entry, "tier_word": known.tier_word, "open_tier": known.tier}
    return content_hash({key: value for key, value in before.items() if value}, row.placed_under) == known.content


@dataclass(frozen=True)
class Safety:
    """Why nothing was withdrawn, although entries are missing: `cause` with the numbers that tell it."""

    cause: str
    missing: int = 0
    held: int = 0
    limit: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {"cause": self.cause, "missing": self.missing, "held": self.held, "limit_percent": self.limit}


@dataclass(frozen=True)
class Withdrawing:
    """The entries that have left the list, or why none of them is withdrawn."""

    entries: tuple[Known, ...] = ()
    safety: Safety | None = None


def withdrawing(
    missing: Iterable[Known], marked_secret: Iterable[Known], *, held: int, taken: int, limit: int, agreed: bool
) -> Withdrawing:
    """What is withdrawn: entries that the list marks as secrets now always, missing ones unless the list may be incomplete.

    `held` is the number of entries that the list has in the catalogue, `taken` of those that it names now; `limit` the share
    in percent that may be missing before a person has to agree.
    """
    gone = tuple(entry for entry in missing if not entry.is_withdrawn and not entry.is_shut)
    secret = tuple(entry for entry in marked_secret if not entry.is_withdrawn)
    if gone and not agreed:
        if taken == 0:
            return Withdrawing(secret, Safety("list_without_entries", len(gone), held, limit))
        if len(gone) * 100 > limit * held:
            return Withdrawing(secret, Safety("list_shrank", len(gone), held, limit))
    return Withdrawing((*secret, *gone))


@dataclass(frozen=True)
class Difference:
    """One field of an entry before and after."""

    field: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        return {"field": self.field, "before": self.before, "after": self.after}


def differences(before: Mapping[str, Any], after: Mapping[str, Any], fields: Iterable[str]) -> list[Difference]:
    """The fields that differ, in their order; the order of keywords and formats is no difference."""
    found = ((name, _plain(before.get(name)), _plain(after.get(name))) for name in fields)
    return [Difference(name, old, new) for name, old, new in found if old != new]


def _plain(value: Any) -> Any:
    """A value as it is compared and shown: nothing for what is empty, names of tags, lists of words in order."""
    if value in (None, "", [], ()):
        return ""
    if isinstance(value, list):
        words = [item.get("name") if isinstance(item, dict) and "vocabulary_id" in item else item for item in value]
        words = [item["name"] if isinstance(item, dict) and set(item) == {"name"} else item for item in words]
        return sorted(words) if all(isinstance(word, str) for word in words) else words
    return value


@dataclass
class Plan:
    """A whole plan: the steps of all rows, and what is withdrawn."""

    steps: list[Step] = field(default_factory=list)
    withdrawing: Withdrawing = field(default_factory=Withdrawing)

    def count(self, act: Act) -> int:
        """How many rows, or for WITHDRAW how many entries, this happens to."""
        if act is Act.WITHDRAW:
            return len(self.withdrawing.entries)
        return sum(1 for step in self.steps if step.act is act)
