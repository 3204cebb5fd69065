"""What the search page says beside its results: marks, excerpts around them, and other words where nothing was found."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from ckan.plugins import toolkit as tk

from . import marking

_LEAD = 24
"""How many characters stand before the first mark of an excerpt."""


def pieces(text: str, query: str) -> list[tuple[str, bool]]:
    """The text cut at what answers the query; the engine's own view of it where the portal's search is on."""
    if "govdata_search_pieces" in tk.h:
        return [(str(part), bool(marked)) for part, marked in tk.h.govdata_search_pieces(text, query)]
    return marking.pieces(text, query)


def govdata_excerpt(text: str, query: str, length: int) -> str:
    """So many characters of a text: its beginning, or where the words of the query first stand behind that."""
    plain = html.unescape(str(tk.h.markdown_extract(text, extract_length=0)))
    if len(plain) <= length:
        return plain
    start = _first_mark(plain, query) if query else 0
    if start + _LEAD <= length:
        return f"{plain[:length].rstrip()}…"
    begin = min(start - _LEAD, len(plain) - length)
    end = begin + length
    return f"…{plain[begin:end].strip()}{'…' if end < len(plain) else ''}"


def _first_mark(text: str, query: str) -> int:
    at = 0
    for part, marked in pieces(text, query):
        if marked:
            return at
        at += len(part)
    return 0


def govdata_suggests() -> bool:
    """Whether the search behind the page knows suggestions."""
    return bool(tk.h.plugin_loaded("govdata_search"))


def govdata_nearest(query: str) -> bool:
    """Whether no dataset has all words of a query, and what the page lists comes nearest."""
    return govdata_suggests() and bool(tk.h.govdata_search_nearest(query))


def govdata_did_you_mean(query: str, fields: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Other words for a query that found nothing within the chosen filters: `q` and `count`; empty where there are none."""
    if not query or not govdata_suggests():
        return []
    filters = " ".join('+{}:"{}"'.format(key, value.replace("\\", "\\\\").replace('"', '\\"')) for key, value in fields)
    given = {"q": query, "fq": f"+dataset_type:dataset {filters}".strip()}
    return list(tk.get_action("govdata_search_did_you_mean")({}, given))
