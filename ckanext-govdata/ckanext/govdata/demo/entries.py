"""The catalogue entries of the made-up city: templates times districts and years (pure)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .city import Agency, City, District, city, read

_FILES = ("district", "yearly", "transport_and_city", "people_and_services", "nature_and_economy")
YEARS = 4


@dataclass(frozen=True)
class Item:
    """One data item of a template: its title, field name, type letter, unit, and the recipe that makes its values."""

    title: str
    name: str
    type: str
    unit: str
    verb: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One dataset to be: a template, and the district and the year that it is for."""

    key: str
    template: Mapping[str, Any]
    items: tuple[Item, ...]
    agency: Agency
    district: District | None
    year: int | None

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of its files, in lower case; empty when the entry has none."""
        return tuple(self.template.get("files") or ())

    @property
    def sample(self) -> int | None:
        """How many of its rows its files have, where they are a sample of them."""
        return self.template.get("sample")

    @property
    def tier(self) -> str:
        return str(self.template.get("tier", "unconditional"))

    @property
    def waits_for_review(self) -> bool:
        return bool(self.template.get("review"))

    def words(self, field: str) -> str:
        """A text of the template with city, district and year put in."""
        place, language = city(), "en" if field in ("en", "about_en") else "zh"
        district = getattr(self.district, language) if self.district else ""
        return str(self.template.get(field, "")).format(
            city=getattr(place, language), district=district, year=self.year
        )


def read_item(text: str, shared: Mapping[str, str]) -> Item:
    """A data item out of `title | name | type | unit | recipe`, or of `@name` for a shared one."""
    line = shared[text[1:]] if text.startswith("@") else text
    title, name, kind, unit, recipe = (part.strip() for part in line.split("|"))
    verb, *arguments = recipe.split()
    return Item(title, name, kind, unit, verb, tuple(arguments))


def entries(as_of: datetime.date) -> list[Entry]:
    """Every entry of the catalogue as it stands on that day, in a fixed order."""
    return [entry for name in _FILES for template in _templates(name) for entry in _expand(template, name, as_of)]


def _templates(name: str) -> list[dict[str, Any]]:
    shared = read("items.yaml")
    templates: list[dict[str, Any]] = read(f"datasets/{name}.yaml")
    return [
        {**template, "items": tuple(read_item(text, shared) for text in template["items"])} for template in templates
    ]


def _expand(template: dict[str, Any], name: str, as_of: datetime.date) -> Iterator[Entry]:
    place = city()
    if name == "district":
        for district in place.districts:
            yield _entry(place, template, f"{template['key']}-{district.key}", district, None)
    elif name == "yearly":
        for year in range(as_of.year - YEARS, as_of.year):
            yield _entry(place, template, f"{template['key']}-{year}", None, year)
    else:
        yield _entry(place, template, template["key"], None, None)


def _entry(place: City, template: dict[str, Any], key: str, district: District | None, year: int | None) -> Entry:
    own = district.key if template["agency"] == "district" and district else template["agency"]
    return Entry(key, template, template["items"], place.agency(own), district, year)
