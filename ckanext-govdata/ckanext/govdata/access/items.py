"""A dataset's data items, from its stored fields."""

from __future__ import annotations

import json
from typing import Any

from ckan import model

from .headings import granted_headings


def data_items(package: model.Package) -> list[dict[str, Any]]:
    """The data items as the catalogue keeps them; an empty list where there are none."""
    kept = (package.extras or {}).get("data_items") or "[]"
    found = json.loads(kept) if isinstance(kept, str) else kept
    return [item for item in found if isinstance(item, dict)]


def headings_for(package: model.Package, items: frozenset[str]) -> frozenset[str]:
    """The headings under which a grant's items stand in this dataset's files."""
    return granted_headings(items, data_items(package))
