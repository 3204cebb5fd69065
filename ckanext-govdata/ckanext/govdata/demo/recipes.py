"""Recipes by which the data items get their values (pure): each one a verb of the templates with its arguments."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import uscc as social_credit_code

from .city import City, District

_SIDES = ("", "东", "西", "南", "北", "新", "上", "下")


@dataclass
class Row:
    """One row while it is made: its values so far by field name, and what the recipes draw on."""

    index: int
    random: random.Random
    city: City
    as_of: datetime.date
    district: District
    in_district: bool
    year: int
    axes: dict[str, Any]
    taken: set[str]
    values: dict[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> float:
        return float(self.values[name])

    def moment(self) -> datetime.date:
        """The day that the row is about: its axis of days or hours, else the reference day."""
        days = (value for value in self.axes.values() if isinstance(value, datetime.date))
        return next(days, self.as_of)


def _between(row: Row, low: str, high: str) -> float:
    return row.random.uniform(float(low), float(high))


def _code(row: Row, prefix: str, width: str) -> str:
    district = row.district.code[-3:] if row.in_district else ""
    return f"{prefix}{district}{row.index + 1:0{width}}"


def _pick(row: Row, words: str) -> str:
    return row.random.choice(words.split("/"))


def _list(row: Row, name: str) -> str:
    return row.random.choice(row.city.lists[name])


def _place(row: Row, suffixes: str) -> str:
    """A name that no other row of the table has: word, side and kind of place."""
    suffix, words = _pick(row, suffixes), row.city.lists["words"]
    for attempt in range(1000):
        name = row.random.choice(words) + _SIDES[min(attempt // 8, len(_SIDES) - 1)] + suffix
        if name not in row.taken:
            row.taken.add(name)
            return name
    raise ValueError(f"too few words for the places called {suffixes}")


def _suffix(row: Row, column: str, *pairs: str) -> str:
    """The word that belongs to the first part found in another column."""
    for pair in pairs:
        part, word = pair.split(":")
        if part in row.values[column]:
            return word
    raise ValueError(f"{row.values[column]} has none of {pairs}")


def _address(row: Row) -> str:
    road = row.values.get("road") or _list(row, "roads")
    return f"{row.district.zh}{road}{row.random.randint(1, 398)}号"


def _lon(row: Row) -> float:
    return round(row.random.uniform(row.district.box[0], row.district.box[2]), 6)


def _lat(row: Row) -> float:
    return round(row.random.uniform(row.district.box[1], row.district.box[3]), 6)


def _people(row: Row) -> int:
    """The district's residents in the row's year, growing by 0.6 percent a year."""
    return int(row.district.people * 1.006 ** (row.year - 2025))


def _level(row: Row, low: str, high: str, noise: str, digits: str) -> float:
    """A value that each series (district, product, plant) keeps near a level of its own from one moment to the next."""
    series = sorted(str(value) for value in row.axes.values() if _is_series(value))
    level = random.Random(f"{low}/{high}/{series}").uniform(float(low), float(high))  # noqa: S311 - made-up figures
    return round(level * row.random.gauss(1, float(noise)), int(digits))


def _is_series(value: Any) -> bool:
    return isinstance(value, District) or (isinstance(value, str) and not value[:4].isdigit())


def _season(row: Row, mean: str, swing: str, noise: str, digits: str) -> float:
    """A value that is lowest in late January and highest in late July."""
    turn = 2 * math.pi * (row.moment().timetuple().tm_yday - 24) / 365
    return round(float(mean) - float(swing) * math.cos(turn) + row.random.gauss(0, float(noise)), int(digits))


def _rare(row: Row, chance: str, low: str, high: str, digits: str) -> float:
    if row.random.random() > float(chance):
        return 0.0
    return round(float(low) + (float(high) - float(low)) * row.random.random() ** 3, int(digits))


def _band(row: Row, column: str, *steps: str) -> str:
    """The word of the first step that the other column does not exceed."""
    for limit, word in zip(steps[::2], steps[1::2], strict=True):
        if row.number(column) <= float(limit):
            return word
    return steps[-1]


def _percent(row: Row, part: str, whole: str, digits: str) -> float:
    total = row.number(whole)
    return round(100 * row.number(part) / total, int(digits)) if total else 0.0


def _ratio(row: Row, part: str, whole: str, digits: str) -> float:
    return round(row.number(part) / row.number(whole), int(digits))


def _date(row: Row, oldest: str, newest: str) -> datetime.date:
    low, high = sorted((int(oldest), int(newest)))
    return row.as_of - datetime.timedelta(days=row.random.randint(low, high))


def _time(row: Row, days: str) -> datetime.datetime:
    midnight = datetime.datetime.combine(row.as_of, datetime.time())
    return midnight - datetime.timedelta(minutes=row.random.randint(1, int(days) * 1440))


def _uscc(row: Row) -> str:
    """A social credit code with a right check digit in the division 990000, which no place has (ZB-12)."""
    digits = "".join(row.random.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    body = f"91990000{digits}"
    return body + social_credit_code.calc_check_digit(body)


RECIPES: dict[str, Callable[..., Any]] = {
    "code": _code,
    "pick": _pick,
    "list": _list,
    "place": _place,
    "suffix": _suffix,
    "road": lambda row: _list(row, "roads"),
    "address": _address,
    "district": lambda row: row.district.zh,
    "district_code": lambda row: row.district.code,
    "area": lambda row: row.district.area,
    "people": _people,
    "lon": _lon,
    "lat": _lat,
    "year": lambda row: row.year,
    "int": lambda row, low, high: row.random.randint(int(low), int(high)),
    "num": lambda row, low, high, digits: round(_between(row, low, high), int(digits)),
    "const": lambda row, word: word,
    "share": lambda row, column, low, high: int(row.number(column) * _between(row, low, high)),
    "part": lambda row, column, low, high: round(row.number(column) * _between(row, low, high), 2),
    "scale": lambda row, column, low, high: round(row.number(column) * _between(row, low, high), 2),
    "times": lambda row, column, factor: round(row.number(column) * float(factor), 2),
    "product": lambda row, one, two, factor: round(row.number(one) * row.number(two) * float(factor), 1),
    "plus": lambda row, one, two: round(row.number(one) + row.number(two), 2),
    "minus": lambda row, one, two: round(row.number(one) - row.number(two), 2),
    "between": lambda row, low, high: round(row.random.uniform(row.number(low), row.number(high)), 2),
    "above": lambda row, column, low, high, digits: round(row.number(column) + _between(row, low, high), int(digits)),
    "percent": _percent,
    "ratio": _ratio,
    "level": _level,
    "season": _season,
    "rare": _rare,
    "band": _band,
    "date": _date,
    "time": _time,
    "phone": lambda row: f"0000-{row.random.randint(1000000, 9999999)}",
    "uscc": _uscc,
}
