"""The mark in CKAN's Atom feeds: a category for programs, and a sentence before the description for readers."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.views.feed import CKANFeed

from .marks import FIELD

CATEGORY = "under-objection"
_FIELD = "govdata_under_objection"


class MarkedFeed(CKANFeed):
    """CKAN's feed, whose entries can carry the mark."""

    def add_item(self, **kwargs: Any) -> None:
        words = kwargs.pop(_FIELD, "")
        if words:
            kwargs["categories"] = [*kwargs.get("categories", []), CATEGORY]
            kwargs["description"] = f"{words}\n\n{kwargs.get('description') or ''}".strip()
        super().add_item(**kwargs)


def fields_of(entry: dict[str, Any]) -> dict[str, Any]:
    """What an entry's item has beside CKAN's own: the mark's words, where it carries the mark."""
    if not entry.get(FIELD):
        return {}
    words = tk._("An objection to this data is being verified since {day}.")
    return {_FIELD: words.format(day=str(entry[FIELD])[:10])}
