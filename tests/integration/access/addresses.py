"""Every address that the portal answers at, with its parts filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .stage import Dataset


def rules(app: Any, method: str = "GET", of: str = "") -> Iterator[str]:
    """Every address of the portal, or of blueprints whose names begin so, that is asked by a method; its parts in braces."""
    for rule in app.flask_app.url_map.iter_rules():
        if not rule.endpoint.startswith(of):
            continue
        if method in (rule.methods or ()) and not rule.rule.startswith(("/testing", "/base/", "/user/_logout")):
            yield re.sub(r"<(?:[a-z]+(?:\([^>]*\))?:)?([a-z_]+)>", r"{\1}", rule.rule)


def filled(rule: str, other: Dataset) -> str:
    known = {"resource_id": other.file, "view_id": other.view, "lang": "en", "ver": "3", "filename": "f.csv"}
    return re.sub(r"\{([a-z_]+)\}", lambda found: known.get(found.group(1), other.id), rule)
