"""Where the table begins in a sheet: title rows above, a header of one to three rows, grouped names joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .columns import ColumnNames
from .grid import GridRow

HEAD_ROWS = 40
_MOST_HEADER_ROWS = 3
_LONGEST_NAME = 60
_GROUP_NOISE = re.compile(r"(?:相关)?(?:信息|情况|部分|管理|说明|要素)$")
_TIER_FIELDS = frozenset({"open_tier", "open_conditions", "open_mode"})
_GUARDED_FIELDS = frozenset({*_TIER_FIELDS, "secrecy", "sharing_tier", "grading"})


@dataclass(frozen=True)
class Header:
    """The names of the columns in their places (empty where a column has none), and at which row of the head the body begins."""

    names: tuple[str, ...]
    body: int
    known: int

    def places(self, names: ColumnNames, field: str) -> list[int]:
        return [place for place, name in enumerate(self.names) if name and names.field(name) == field]


def find_header(head: Sequence[GridRow], names: ColumnNames) -> Header:
    """The best header among the first rows: most known names, then fewest rows, then the earliest. `known` may be 0."""
    best = Header((), 0, 0)
    for start in range(len(head)):
        for rows in range(1, _MOST_HEADER_ROWS + 1):
            found = _header_at(head[start : start + rows], names) if start + rows <= len(head) else None
            if found is None:
                break
            header = Header(found, start + rows, _known(found, names))
            if header.known > best.known:
                best = header
    return best


def _known(found: Sequence[str], names: ColumnNames) -> int:
    return sum(1 for name in set(found) if name and (names.is_item(name) or names.known([name])))


def _header_at(rows: Sequence[GridRow], names: ColumnNames) -> tuple[str, ...] | None:
    """The names that these rows give together, or None where the lower ones are no part of a header."""
    if any(not _goes_on(upper, lower) for upper, lower in pairwise(rows)):
        return None
    width = max(len(row.cells) for row in rows)
    groups = [_spread(row, width) for row in rows[:-1]]
    last = [rows[-1].cell(place).strip() for place in range(width)]
    found: list[str] = []
    for place in range(width):
        # Over an empty cell a group's name says nothing; a name that stands there itself does.
        above = [
            group[place] if last[place] else row.cell(place).strip() for group, row in zip(groups, rows, strict=False)
        ]
        found.append(_short(_name([*above, last[place]], names)))
    return tuple(_once(found, rows[-1]))


def _once(found: list[str], row: GridRow) -> list[str]:
    """A name merged over several columns counts for the first of them, which holds the values."""
    return [name if row.anchor(place)[1] == place else "" for place, name in enumerate(found)]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else ""


def _goes_on(upper: GridRow, lower: GridRow) -> bool:
    """Whether the lower row names columns of groups that the upper one heads, and nothing below a name that is whole."""
    grouped = False
    width = max(len(upper.cells), len(lower.cells))
    spread = _groups(upper, width)
    if _is_title(upper, lower, spread, width):
        return False
    for place, cell in enumerate(lower.cells):
        text = cell.strip()
        if not text or lower.anchor(place) == upper.anchor(place):
            continue
        if len(text) > _LONGEST_NAME or place not in spread:
            return False
        grouped = True
    return grouped


def _is_title(upper: GridRow, lower: GridRow, spread: set[int], width: int) -> bool:
    """Whether the upper row is one text over all columns: that is the list's title, and heads none of them."""
    named = {upper.anchor(place) for place in range(width) if upper.cell(place).strip()}
    filled = [place for place, cell in enumerate(lower.cells) if cell.strip()]
    return len(named) == 1 and len(filled) > 2 and all(place in spread for place in filled)


def _groups(row: GridRow, width: int) -> set[int]:
    """The places under cells that head more than one column: merged, or followed by empty cells as in a text export."""
    found: set[int] = set()
    for place in range(width):
        # Where cells are merged that is told; else an empty cell belongs to what stands left of it.
        left = place - 1
        joined = left >= 0 and (row.anchor(place) == row.anchor(left) if row.cell(place).strip() else not row.anchors)
        if joined and (row.cell(left).strip() or left in found):
            found |= {left, place}
    return found


def _spread(row: GridRow, width: int) -> list[str]:
    """What heads each column: a group's name over all its columns."""
    found: list[str] = []
    for place in range(width):
        text = row.cell(place).strip()
        found.append(text or (found[-1] if found and not row.anchors else ""))
    return found


def _name(parts: list[str], names: ColumnNames) -> str:
    """One name of the parts above one another: joined where that is known, else the lowest that is, guarded by its group."""
    own = [part for place, part in enumerate(parts) if part and part not in parts[:place]]
    if not own:
        return ""
    *above, lowest = own
    if not above or not parts[-1]:
        return "".join(own)
    group = "".join(above)
    for joined in (group + lowest, _GROUP_NOISE.sub("", group) + lowest):
        if names.field(joined):
            return joined
    field = names.field(lowest)
    if names.is_item(group) and field not in _GUARDED_FIELDS:
        return group + lowest
    of_sharing = "共享" in group and "开放" not in group
    return group + lowest if not field or (of_sharing and field in _TIER_FIELDS) else lowest
