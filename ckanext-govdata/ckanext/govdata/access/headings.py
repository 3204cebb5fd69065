"""Which columns of a file or table are the data items of a grant. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def plain(heading: object) -> str:
    """A heading as it is compared: width, case and space make no difference."""
    return " ".join(unicodedata.normalize("NFKC", str(heading or "")).split()).casefold()


def granted_headings(items: Iterable[str], data_items: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The headings, as `plain` writes them, under which the granted items stand: their names and their titles.

    A word that also names an item which is not granted is left out: what is not clear is not given.
    """
    granted = {plain(item) for item in items}
    mine: set[str] = set(granted)
    others: set[str] = set()
    for item in data_items:
        name, title = plain(item.get("name")), plain(item.get("title"))
        (mine if (name or title) in granted else others).update({name, title} - {""})
    return frozenset(mine - others)


def columns_of(headings: Sequence[object], granted: frozenset[str]) -> list[int]:
    """The places of the granted columns; a heading that stands twice is in none of them."""
    words = [plain(heading) for heading in headings]
    return [place for place, word in enumerate(words) if word in granted and words.count(word) == 1]
