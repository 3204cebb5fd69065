"""The first look through a whole list, before anything is written: columns, identifiers, duplicates, secrets.

Kept are digests and row numbers only, so that memory grows by some hundred bytes a row and no secret's text stays.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .identity import identity_candidates
from .mapping.columns import ColumnPlan, field_of, plan_columns
from .mapping.correction import Correction
from .mapping.dcat_us import unfolded
from .mapping.rows import cells_of, identity_of
from .mapping.secrecy import is_state_secret
from .mapping.text import clipped, one_line
from .mapping.vocabulary import folded, is_placeholder, tier_words
from .readers import BadRow, ListFile, Row

Digest = bytes
_EXAMPLES = 3


def short(key: str) -> Digest:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


@dataclass(slots=True)
class Group:
    """The rows that carry one key: whether they are rows of one content, agree on the tier, and whether one is a secret."""

    derived: Digest
    tier: str
    shared: bool = False
    tiers_differ: bool = False
    secret: bool = False

    def add(self, derived: Digest, tier: str, secret: bool) -> None:
        self.shared = self.shared or derived != self.derived
        self.tiers_differ = self.tiers_differ or tier != self.tier
        self.secret = self.secret or secret


@dataclass
class Survey:
    """What the first look found."""

    plan: ColumnPlan
    read: int = 0
    groups: dict[Digest, Group] = field(default_factory=dict)
    public_columns: set[str] = field(default_factory=set)
    examples: dict[str, list[str]] = field(default_factory=dict)
    hosts: Counter[str] = field(default_factory=Counter)
    has_secrets: bool = False

    def note_examples(self, row: Row) -> None:
        """Remember a few values of each column, of rows that are no secrets."""
        for column, value in row.cells:
            held = self.examples.setdefault(column, [])
            if len(held) < _EXAMPLES and not is_placeholder(value):
                shown = clipped(one_line(value), 60)
                if shown not in held:
                    held.append(shown)

    def columns_unknown(self) -> tuple[str, ...]:
        """The columns that are not used, but for those that only rows refused as secrets have."""
        return tuple(name for name in self.plan.unknown if name in self.public_columns)

    def identifying(self, candidates: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a row's keys that rows of other content do not share; the derived one, the last, always counts."""
        named = (key for key in candidates[:-1] if not self.groups[short(key)].shared)
        return (*named, candidates[-1])


def survey(file: ListFile, agency: str = "", correction: Correction | None = None) -> Survey:
    """Look through the list once. Raises ListError where it breaks off; `agency` is the one that all rows are put under."""
    found = Survey(_plan(unfolded(file.rows()), correction))
    for row in unfolded(file.rows()):
        if isinstance(row, BadRow):
            found.read += row.counted
            continue
        found.read += 1
        mapped = identity_of(row, found.plan)
        secret = is_state_secret(cells_of(row), found.plan)
        found.has_secrets = found.has_secrets or secret
        if not secret:
            found.public_columns.update(column for column, _ in row.cells)
            found.note_examples(row)
            found.hosts.update(filter(None, (urlsplit(str(mapped.entry.get("source_url") or "")).netloc.lower(),)))
        candidates = identity_candidates(mapped.entry, mapped.agency or agency)
        derived, tier = short(candidates[-1]), mapped.tier.tier.value if mapped.tier.tier else ""
        for key in candidates:
            found.groups.setdefault(short(key), Group(derived, tier)).add(derived, tier, secret)
    return found


def _plan(rows: Iterable[Row | BadRow], correction: Correction | None) -> ColumnPlan:
    """The plan by all column names of the list, and by what the unknown ones hold."""
    names: dict[str, None] = {}
    filled: Counter[str] = Counter()
    spoken: Counter[str] = Counter()
    for row in rows:
        for column, value in row.cells if isinstance(row, Row) else ():
            names.setdefault(column)
            if field_of(column) is None and isinstance(value, str) and not is_placeholder(value):
                filled[column] += 1
                spoken[column] += folded(value) in tier_words()
    shares = {column: spoken[column] / count for column, count in filled.items()}
    return plan_columns(names, shares, correction)
