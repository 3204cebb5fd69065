"""What CKAN's Atom feeds say of objections: a category for programs, and a sentence before the description for readers.

An entry carries the mark while its data is doubted, and for some months says that it was corrected. The correction moves the
entry's date, so that a reader's program shows it as news.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit as tk
from ckan.views.feed import CKANFeed
from flask import g

from . import corrections
from .marks import FIELD

UNDER_OBJECTION, CORRECTED = "under-objection", "corrected"
_FIELD = "govdata_said"


@dataclass(frozen=True)
class Said:
    """What an entry says beside its description; `at` is when it became news."""

    category: str
    words: str
    at: datetime.datetime


class MarkedFeed(CKANFeed):
    """CKAN's feed, whose entries can say that their data is doubted or was corrected."""

    def add_item(self, **kwargs: Any) -> None:
        said: list[Said] = kwargs.pop(_FIELD, [])
        kwargs["categories"] = [*kwargs.get("categories", []), *(one.category for one in said)]
        texts = [*(one.words for one in said), kwargs.get("description") or ""]
        kwargs["description"] = "\n\n".join(text for text in texts if text)
        kwargs["updated"] = max([kwargs["updated"], *(one.at for one in said if one.category == CORRECTED)])
        super().add_item(**kwargs)


def fields_of(entry: dict[str, Any]) -> dict[str, Any]:
    """What an entry's item has beside CKAN's own."""
    return {_FIELD: [*_doubted(entry), *_corrected(entry)]}


def _doubted(entry: dict[str, Any]) -> list[Said]:
    if not entry.get(FIELD):
        return []
    since = datetime.datetime.fromisoformat(str(entry[FIELD]).removesuffix("Z"))
    words = tk._("An objection to this data is being verified since {day}.").format(day=since.date().isoformat())
    return [Said(UNDER_OBJECTION, words, since)]


def _corrected(entry: dict[str, Any]) -> list[Said]:
    # Asked once a feed, not once an entry.
    if "govdata_corrected" not in g:
        g.govdata_corrected = corrections.lately()
    at = g.govdata_corrected.get(str(entry.get("id")))
    if at is None:
        return []
    words = tk._("Corrected on {day} after an objection. Whoever has an older version should take the new one.")
    return [Said(CORRECTED, words.format(day=at.date().isoformat()), at)]
