"""Themes, formats, cycles and tags out of the words of a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from .text import values_in
from .vocabulary import folded, is_placeholder, keys, words

# CKAN's own rule for tags: letters, digits, blank, dash, underscore, dot; 2 to 100 characters.
_NOT_IN_TAGS = re.compile(r"[^\w \-.]+")
_TAG_LIMITS = (2, 100)
_MOST_TAGS = 30
_FORMAT_PARTS = re.compile(r"[-:：/]")
_REMARK = re.compile(r"[(（].*")


def tags_of(cells: Iterable[Any]) -> tuple[list[str], int]:
    """The keywords, each once and in order, and how many words CKAN takes no tag from were dropped."""
    found: dict[str, str] = {}
    dropped = 0
    for word in (word for cell in cells for word in _tag_words(cell)):
        tag = " ".join(_NOT_IN_TAGS.sub(" ", word).split())
        if is_placeholder(word) or not tag.strip("-_. "):
            continue
        if not _TAG_LIMITS[0] <= len(tag) <= _TAG_LIMITS[1]:
            dropped += 1
        else:
            found.setdefault(tag.lower(), tag)
    return list(found.values())[:_MOST_TAGS], dropped


def _tag_words(cell: Any) -> list[str]:
    """Words by lines where the cell has lines (an industry's name has commas of its own), else by separators.

    A name such as 农、林、牧、渔业 whose parts are single characters is kept together.
    """
    lines = re.split(r"[\r\n\t]+", cell) if isinstance(cell, str) and re.search(r"[\r\n\t]", cell.strip()) else [cell]
    found: list[str] = []
    for line in lines:
        parts = values_in(line)
        if len(parts) == 1 and " " in parts[0] and re.search("[\u4e00-\u9fff] [\u4e00-\u9fff]", parts[0]):
            parts = parts[0].split(" ")
        single = len(lines) > 1 and any(len(part) < _TAG_LIMITS[0] for part in parts)
        found += ["".join(parts)] if single else parts
    return found


def themes_of(cells: Sequence[Any]) -> tuple[str, list[str]]:
    """The key of the first theme that is known (a general one only if no other is), and the words that are not known."""
    table = keys("words", "theme")
    found: list[str] = []
    unknown: list[str] = []
    for cell in cells:
        whole = [cell] if isinstance(cell, str) and folded(cell) in table else values_in(cell)
        for word in whole:
            key = table.get(folded(word))
            if key:
                found.append(key)
            elif not is_placeholder(word):
                unknown.append(word)
    special = [key for key in found if key != "other"]
    return (special or found or [""])[0], unknown


def cycle_of(cells: Sequence[Any]) -> tuple[str, str]:
    """The key of the update cycle, remarks in brackets left aside, and the word if it is not known."""
    for cell in cells:
        if is_placeholder(cell):
            continue
        word = folded(cell)
        key = keys("words", "update_cycle").get(word) or keys("words", "update_cycle").get(
            _REMARK.sub("", word).strip()
        )
        return (key, "") if key else ("", str(cell))
    return "", ""


def formats_of(cells: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The formats named, upper case, sorted, each once; and the words that name none we know."""
    found: set[str] = set()
    unknown: list[str] = []
    for word in (word for cell in cells for word in values_in(cell)):
        parts = [folded(part).lstrip(".") for part in (word, *reversed(_FORMAT_PARTS.split(word)))]
        key = next((keys("words", "formats")[part] for part in parts if part in keys("words", "formats")), "")
        if key:
            found.add(key)
        elif not is_placeholder(word) and not any(part in words("words", "no_format") for part in parts):
            unknown.append(word)
    return sorted(found), unknown


def key_of(topic: str, cells: Sequence[Any]) -> tuple[str, str]:
    """The key of a word in a plain vocabulary (grading, sharing, exception), and the word if it is not known."""
    for cell in cells:
        if not is_placeholder(cell) and not isinstance(cell, (list, dict)):
            key = keys("words", topic).get(folded(cell), "")
            return (key, "") if key else ("", str(cell))
    return "", ""
