"""The files that a row names by address, as the catalogue's linked resources. Only of what is open without conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .keywords import formats_of
from .text import clipped, one_line

_MOST = 200
_LIMITS = {"name": 200, "description": 1_000}


def links_of(values: Sequence[Any]) -> list[dict[str, str]]:
    """The distributions with an address, each once, in the order of their addresses."""
    found: dict[str, dict[str, str]] = {}
    for held in (inner for value in values for inner in (value if isinstance(value, list) else [value])):
        if isinstance(held, Mapping) and (url := _address(held)):
            texts = {"name": one_line(held.get("title")), "description": one_line(held.get("description"))}
            named, _ = formats_of([held.get("format") or held.get("mediaType")])
            link = {"url": url, **{key: clipped(text, _LIMITS[key]) for key, text in texts.items() if text}}
            found.setdefault(url, {**link, **({"format": named[0]} if named else {})})
    return [found[url] for url in sorted(found)][:_MOST]


def _address(held: Mapping[str, Any]) -> str:
    for name in ("downloadURL", "accessURL"):
        url = one_line(held.get(name))
        if url.lower().startswith(("http://", "https://")) and len(url) <= 2_000:
            return url
    return ""
