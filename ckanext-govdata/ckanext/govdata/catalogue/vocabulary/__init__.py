"""The catalogue's vocabularies: data a city can read, loaded once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypedDict

import yaml


class Theme(TypedDict):
    """One class of the catalogue: key as stored, names in both languages, name of its icon."""

    key: str
    zh: str
    en: str
    icon: str


@cache
def themes() -> tuple[Theme, ...]:
    """The themes (重点领域) in the order in which they are shown."""
    return tuple(yaml.safe_load((Path(__file__).parent / "themes.yaml").read_text("utf-8")))
