"""The tables behind the entries: rows made by the recipes, the same for the same entry and day (pure)."""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .city import District, city
from .entries import Entry, Item
from .recipes import RECIPES, Row

_DEFAULT_ROWS = 40


@dataclass(frozen=True)
class Table:
    """Columns and rows of one entry; values are str, int, float, date or datetime."""

    items: tuple[Item, ...]
    rows: list[list[Any]]

    @property
    def titles(self) -> list[str]:
        return [item.title for item in self.items]

    @property
    def names(self) -> list[str]:
        return [item.name for item in self.items]


def axis(item: Item, as_of: datetime.date, year: int | None) -> Sequence[Any]:
    """What a table runs over along an item of the recipe `each`: days, months, districts, or words."""
    kind, *more = item.arguments
    count = int(more[0]) if more and more[0].isdigit() else 0
    if kind == "list":
        return city().lists[more[0]]
    if kind == "districts":
        return city().districts
    if kind == "months":
        return _months(as_of, count) if count else [f"{year}-{month:02}" for month in range(1, 13)]
    if kind == "years":
        return range(as_of.year - count, as_of.year)
    if kind in _SPANS:
        return _SPANS[kind](as_of, count, year)
    return kind.split("/")


def _months(as_of: datetime.date, count: int) -> list[str]:
    last = as_of.year * 12 + as_of.month - 2
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(last - count + 1, last + 1)]


def _days(as_of: datetime.date, count: int, year: int | None) -> list[datetime.date]:
    first = datetime.date(year or as_of.year - 1, 1, 1)
    return [day for number in range(366) if (day := first + datetime.timedelta(number)).year == first.year]


def _hours(as_of: datetime.date, count: int, year: int | None) -> list[datetime.datetime]:
    midnight = datetime.datetime.combine(as_of, datetime.time())
    return [midnight - datetime.timedelta(hours=number) for number in range(count, 0, -1)]


_SPANS = {
    "days": _days,
    "hours": _hours,
    "recent": lambda as_of, count, year: [as_of - datetime.timedelta(number) for number in range(count, 0, -1)],
    "coming": lambda as_of, count, year: [as_of + datetime.timedelta(number) for number in range(1, count + 1)],
    "weeks": lambda as_of, count, year: [as_of - datetime.timedelta(7 * number) for number in range(count, 0, -1)],
}


def _axes(entry: Entry, as_of: datetime.date) -> dict[str, Sequence[Any]]:
    return {item.name: axis(item, as_of, entry.year) for item in entry.items if item.verb == "each"}


def row_count(entry: Entry, as_of: datetime.date) -> int:
    """How many rows the entry has, made or not."""
    axes = _axes(entry, as_of)
    if not axes:
        return int(entry.template.get("rows", _DEFAULT_ROWS))
    count = 1
    for values in axes.values():
        count *= len(values)
    return count


def make_table(entry: Entry, as_of: datetime.date, limit: int | None = None) -> Table:
    """The rows of the entry on that day; `limit` takes only the first ones, with the values that the whole has."""
    dice = random.Random(f"jianghai/{entry.key}")  # noqa: S311 - made-up figures, no secrets
    taken: set[str] = set()
    rows = [_make(entry, as_of, dice, taken, number, point) for number, point in _points(entry, as_of, limit)]
    return Table(entry.items, rows)


def _points(entry: Entry, as_of: datetime.date, limit: int | None) -> Iterator[tuple[int, dict[str, Any]]]:
    axes = _axes(entry, as_of)
    if axes:
        product = (dict(zip(axes, point, strict=True)) for point in itertools.product(*axes.values()))
        return itertools.islice(enumerate(product), limit)
    return itertools.islice(((number, {}) for number in range(row_count(entry, as_of))), limit)


def _make(
    entry: Entry, as_of: datetime.date, dice: random.Random, taken: set[str], number: int, point: dict[str, Any]
) -> list[Any]:
    row = Row(
        index=number,
        random=dice,
        city=city(),
        as_of=as_of,
        district=_district(entry, dice, point),
        in_district=entry.district is not None,
        year=_year(entry, as_of, point),
        axes=point,
        taken=taken,
    )
    for item in entry.items:
        made = point[item.name] if item.verb == "each" else RECIPES[item.verb](row, *item.arguments)
        row.values[item.name] = _typed(made, item)
    return list(row.values.values())


def _year(entry: Entry, as_of: datetime.date, point: dict[str, Any]) -> int:
    return next((value for value in point.values() if isinstance(value, int)), entry.year or as_of.year - 1)


def _district(entry: Entry, dice: random.Random, point: dict[str, Any]) -> District:
    named = next((value for value in point.values() if isinstance(value, District)), entry.district)
    return named or dice.choice(city().districts)


def _typed(value: Any, item: Item) -> Any:
    if isinstance(value, District):
        return value.zh
    if item.type == "I":
        return round(float(value))
    if item.type == "N":
        return float(value) + 0.0  # no minus before zero
    return value
