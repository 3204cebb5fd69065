"""The entry as search sees it: facets by tier, theme, cycle, grading and format, and the words of its data items."""

from __future__ import annotations

import json
from typing import Any

FACETS = ("open_tier", "theme", "update_cycle", "grading", "base_register", "publication", "sharing_tier")


def _list_in(value: object) -> list[Any]:
    """A list that the entry stores as JSON text, or has as a list already; anything else counts as empty."""
    if isinstance(value, list):
        return value
    try:
        found = json.loads(value) if isinstance(value, str) and value else []
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def index_entry(document: dict[str, Any]) -> dict[str, Any]:
    """Prepare CKAN's index document in place of its raw extras; returns the same document.

    Formats named by the list count like those of files, so that an entry without files yet is found by its format.
    """
    items = [item for item in _list_in(document.pop("data_items", None)) if isinstance(item, dict)]
    formats = [str(name).upper() for name in _list_in(document.pop("declared_formats", None))]
    causes = _list_in(document.pop("hold_causes", None))
    document["extras_data_item_words"] = " ".join(
        str(item[key]) for item in items for key in ("title", "name") if item.get(key)
    )
    document["hold_causes"] = [str(cause) for cause in causes]
    document["res_format"] = sorted({*(document.get("res_format") or []), *formats})
    for field in ("extras_data_items", "extras_declared_formats", "extras_hold_causes"):
        document.pop(field, None)
    return document


def count_what_is_there(query: dict[str, Any]) -> dict[str, Any]:
    """Keep facets to values that the answer has: with a count of nought they name every hidden entry's values too."""
    for name in [key for key in query if key.endswith("facet.mincount")]:
        query[name] = max(1, int(query[name])) if str(query[name]).isdigit() else 1
    return query
