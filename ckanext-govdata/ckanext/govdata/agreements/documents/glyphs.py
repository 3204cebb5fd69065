"""Which characters can be printed: those that a font here has. What none has is refused by name and place.

Fonts are the CJK font that is installed with the portal, and every font in the folder of `govdata.agreements.fonts`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
from fontTools.ttLib import TTCollection, TTFont

from ..errors import GlyphMissing

_OWN_FAMILY = "Noto Sans CJK SC"
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
# Breaks of lines; whatever else steers and shows nothing is refused: it could make a text read as another.
_SPACES = frozenset("\n ")


@dataclass(frozen=True)
class Fonts:
    """The folders that the typesetter looks into, the families in the order of asking, and the characters they have."""

    folders: tuple[str, ...]
    families: tuple[str, ...]
    characters: frozenset[int]


@cache
def fonts(folder: str = "") -> Fonts:
    """The installed font, and those of a folder of the operator's; read once in a process."""
    own = Path(manimgx_fonts_cjk.__file__).parent
    folders = (str(own), folder) if folder else (str(own),)
    families, characters = [_OWN_FAMILY], set(_characters_of(own / "NotoSansCJK-VF.otf.ttc", _OWN_FAMILY)[_OWN_FAMILY])
    for path in sorted(Path(folder).rglob("*")) if folder else ():
        if path.suffix.lower() in _SUFFIXES:
            for family, found in _characters_of(path).items():
                families.append(family)
                characters |= found
    return Fonts(folders, tuple(dict.fromkeys(families)), frozenset(characters))


def _characters_of(path: Path, only: str = "") -> dict[str, frozenset[int]]:
    read = TTCollection(str(path), lazy=True).fonts if path.suffix.lower() in (".ttc", ".otc") else [_font(path)]
    named = {str(font["name"].getBestFamilyName()): font for font in read}
    return {family: frozenset(font.getBestCmap() or ()) for family, font in named.items() if not only or family == only}


def _font(path: Path) -> TTFont:
    return TTFont(str(path), lazy=True)


def demand_printable(document: Mapping[str, Any], characters: frozenset[int]) -> None:
    """Refuse a document with a character that cannot be printed. Raises GlyphMissing with the character and its place."""
    for place, text in texts_of(document):
        for character in text:
            if ord(character) in characters and not _steers(character):
                continue
            if character not in _SPACES:
                shown = character if character.isprintable() else unicodedata.name(character, "?")
                raise GlyphMissing(place, character=shown, number=f"{ord(character):04X}", place=place)


def _steers(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs")


def texts_of(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document with its place, such as `parties.user.name` or `dataset.items[3].title`."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from texts_of(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, Sequence):
        for number, inner in enumerate(value):
            yield from texts_of(inner, f"{place}[{number}]")
