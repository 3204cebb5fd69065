"""The made-up city as data: agencies, places, names, and the templates out of which its catalogue is made (pure).

Everything is invented. The same day gives the same city, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
# libyaml is ten times as fast and part of the usual wheel; the other one reads the same.
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class District:
    """One of the six districts; `box` is west, south, east, north in degrees, in the open sea."""

    key: str
    zh: str
    en: str
    code: str
    people: int
    area: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Agency:
    """A bureau, a district or a utility (LYG-42) that provides data; `desk` is the unit that answers for it."""

    key: str
    kind: str
    zh: str
    en: str
    desk: str
    about: str
    district: str = ""


@dataclass(frozen=True)
class City:
    """What every part of the city draws on."""

    zh: str
    en: str
    code: str
    districts: tuple[District, ...]
    agencies: tuple[Agency, ...]
    lists: Mapping[str, Sequence[str]]
    terms: Mapping[str, Any]

    def agency(self, key: str) -> Agency:
        """The agency of this key; KeyError names a key that no agency has."""
        found = next((agency for agency in self.agencies if agency.key == key), None)
        if found is None:
            raise KeyError(key)
        return found


def read(name: str) -> Any:
    """One of the city's YAML files, such as `places.yaml` or `datasets/district.yaml`."""
    return yaml.load((_HERE / name).read_text("utf-8"), Loader=_SAFE)  # noqa: S506 - a safe loader in either case


@cache
def city() -> City:
    """The whole city, read once."""
    places, agencies = read("places.yaml"), read("agencies.yaml")
    return City(
        **places["city"],
        districts=tuple(District(**{**row, "box": tuple(row["box"])}) for row in places["districts"]),
        agencies=tuple(Agency(**row) for row in agencies),
        lists=read("lists.yaml"),
        terms=read("terms.yaml"),
    )
