"""The files that a row names as its data: by address, or by name beside the list. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from .links import links_of
from .text import one_line

_MOST = 50
_BETWEEN = re.compile(r"[\n\r、;；|]+")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def files_named(values: Sequence[Any], links: Sequence[Any]) -> tuple[list[dict[str, str]], list[str]]:
    """The files with `address` or `file` (and `title`, `format`), each once; and the words that lead out of the list's place."""
    found: dict[str, dict[str, str]] = {}
    outside: list[str] = []
    for link in links_of(links):
        found[link["url"]] = {
            "address": link["url"],
            "title": link.get("name", ""),
            "format": link.get("format", ""),
        }
    for value in values:
        for word in _BETWEEN.split(str(value)) if isinstance(value, str) else []:
            named = _one(one_line(word))
            if named is None and one_line(word):
                outside.append(one_line(word))
            elif named is not None:
                found.setdefault(named.get("address") or named["file"], named)
    return [{key: text for key, text in one.items() if text} for one in list(found.values())[:_MOST]], outside


def _one(word: str) -> dict[str, str] | None:
    if _ADDRESS.match(word):
        return {"address": word} if len(word) <= 2_000 and " " not in word else None
    inside = inside_path(word)
    return {"file": inside} if inside else None


def inside_path(given: str) -> str:
    """A name as a path that stays where it begins; an empty text where it does not, or is none."""
    plain = unicodedata.normalize("NFC", given).strip()
    parts = plain.replace("\\", "/").split("/")
    parts = parts[1:] if parts[:1] == ["."] else parts
    bad = any(part in ("", ".", "..") or part.startswith(".") or not part.isprintable() for part in parts)
    if bad or ":" in plain or len(plain) > 400 or any(len(part) > 200 for part in parts):
        return ""
    return "/".join(parts)


def plain_files(entry: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """The files of a mapped entry."""
    return tuple(dict(one) for one in entry.get("data_files") or ())
