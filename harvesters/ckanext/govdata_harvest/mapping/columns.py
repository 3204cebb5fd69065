"""Which column of this list fills which field; decided once for a list, by the names and by what the columns hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from .correction import IGNORED, Correction
from .vocabulary import raw

_REMARK = re.compile(r"[(\[【<].*?[)\]】>]")
_NOISE = re.compile(r"[\s*:_\-.,、。\"'“”‘’/\\()\[\]【】<>]+")
TIER_FIELDS = ("open_tier", "open_conditions", "open_mode")
# Read past without a word: they say nothing about the data, or name persons.
_SILENT = ("persons", "numbers")
# A column with an unknown name holds the tier if its name speaks of opening and this share of its cells are tier words.
_SHARE = 0.8


def squeezed(name: str) -> str:
    """A column name as it is compared: NFKC, lower case, without white space, punctuation and separators."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).lower()


@cache
def _fields() -> dict[str, tuple[str, int]]:
    listed = raw("columns")
    found: dict[str, tuple[str, int]] = {}
    for name, columns in listed.items():
        for rank, column in enumerate(columns):
            found.setdefault(squeezed(str(column)), (name, rank))
    return found


@lru_cache(maxsize=8192)
def field_of(column: str) -> tuple[str, int] | None:
    """The field that a column of this name fills, and how good a name it is (0 is best); None for an unknown name."""
    plain = unicodedata.normalize("NFKC", column)
    return _fields().get(squeezed(plain)) or _fields().get(squeezed(_REMARK.sub("", plain)))


def known_columns(names: Sequence[str]) -> int:
    """How many of these words are names of columns; by it charset, delimiter and header row are found."""
    return sum(1 for name in names if len(name) <= 60 and field_of(name) is not None)


@cache
def _item_names() -> frozenset[str]:
    listed = raw("words")["item_columns"]
    return frozenset(squeezed(str(name)) for name in [*listed, *raw("columns")["data_items"]])


@cache
def _asides() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in raw("words")["asides"]))


class KnownNames:
    """What reading asks of the vocabulary of columns, and of what was corrected for one source."""

    def __init__(self, correction: Correction | None = None) -> None:
        self._own = {squeezed(name): field for name, field in correction.columns.items()} if correction else {}

    def known(self, names: Sequence[str]) -> int:
        """How many of these words are names of columns."""
        own = sum(1 for name in names if self._own and field_of(name) is None and squeezed(name) in self._own)
        return known_columns(names) + own

    def field(self, name: str) -> str:
        """The field that a column of this name fills, or an empty text."""
        own = self._own.get(squeezed(name), "") if self._own else ""
        return own if own and own != IGNORED else (field_of(name) or ("",))[0]

    def is_item(self, name: str) -> bool:
        """Whether such a column describes data items: its name is listed so, or begins as those do (信息项…)."""
        plain = squeezed(name)
        known = (
            plain in _item_names() or squeezed(_REMARK.sub("", unicodedata.normalize("NFKC", name))) in _item_names()
        )
        return known or (
            plain.startswith(tuple(raw("words")["item_prefixes"])) and self.field(name) in ("", "data_items")
        )

    def is_aside(self, text: str) -> bool:
        """Whether a line that begins with this text is a footnote, a sum, a signature or a heading."""
        return _asides().match(unicodedata.normalize("NFKC", text)) is not None


@dataclass(frozen=True)
class ColumnPlan:
    """For each field the columns that fill it, best first; `hints` are the unknown columns, which can only make stricter."""

    fields: Mapping[str, tuple[str, ...]]
    hints: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    found_by_content: tuple[str, ...] = field(default=())
    correction: Correction = field(default_factory=Correction)

    def of(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())


def plan_columns(
    names: Iterable[str], tier_shares: Mapping[str, float], correction: Correction | None = None
) -> ColumnPlan:
    """The plan for a list with these column names; a column that was corrected goes before those that fill a field by name.

    `tier_shares` gives for unknown columns the share of filled cells that are tier words: one whose name speaks of opening
    (开放) and which holds tier words is taken as the tier column, where no column is known by name to be it.
    """
    ranked: dict[str, list[tuple[int, str]]] = {}
    unknown: list[str] = []
    correction = correction or Correction()
    for name in names:
        known = field_of(name)
        own = correction.columns.get(name)
        if own == IGNORED:
            continue
        if own is not None:
            ranked.setdefault(own, []).append((-1, name))
        elif known is None:
            unknown.append(name)
        elif known[0] not in _SILENT:
            ranked.setdefault(known[0], []).append((known[1], name))
    fields = {key: tuple(column for _, column in sorted(columns)) for key, columns in ranked.items()}
    by_content: tuple[str, ...] = ()
    if not fields.get("open_tier") and not fields.get("open_conditions"):
        by_content = tuple(name for name in unknown if "开放" in name and tier_shares.get(name, 0) >= _SHARE)
        if by_content:
            fields["open_tier"] = by_content
    rest = tuple(name for name in unknown if name not in by_content)
    hints = tuple(name for name in rest if "共享" not in name)
    return ColumnPlan(fields, hints, rest, by_content, correction)
