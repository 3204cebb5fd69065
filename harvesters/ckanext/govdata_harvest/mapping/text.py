"""Cleaning of text: HTML to text, control characters, white space, full-width letters, several words in one cell."""

from __future__ import annotations

import ast
import re
import unicodedata
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b-\u200f\u2028-\u202e\u2060\ufffe\uffff]"
)
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"})
_HIDDEN = frozenset({"script", "style", "head", "title"})
_FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for code in range(ord(first), ord(last) + 1)
}
# Lists repeat short words thousands of times; what is made of them is kept.
_SHORT = 100
_SEPARATORS = re.compile(r"[\r\n\t,，、;；|]+")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def html_to_text(value: str) -> str:
    """The readable text of a cell that holds HTML; other text unchanged, `a < b` included."""
    if _MARKUP.search(value):
        parser = _Text()
        parser.feed(value)
        parser.close()
        return "".join(parser.parts)
    return unescape(value) if _ENTITY.search(value) else value


def clean(value: object) -> str:
    """Text over several lines: no HTML, no control characters, blanks joined, at most one blank line in a row."""
    if value is None:
        return ""
    text = str(value)
    return _cleaned(text) if len(text) <= _SHORT else _cleaned.__wrapped__(text)


@lru_cache(maxsize=8192)
def _cleaned(value: str) -> str:
    text = html_to_text(value.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text)).translate(_FULL_WIDTH)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(value: object) -> str:
    """Text on one line."""
    return " ".join(clean(value).split())


def values_in(cell: Any) -> list[str]:
    """The words in a cell: of a list, of Python's notation for one (`"['xls', 'csv']"`), or of separated text."""
    if cell is None:
        return []
    if isinstance(cell, (list, tuple)):
        return [word for held in cell for word in values_in(held)]
    text = str(cell).strip()
    if text.startswith("[") and text.endswith("]") and (held := _listed(text)) is not None:
        return [word for inner in held for word in values_in(inner)]
    return [word for part in _SEPARATORS.split(clean(text)) if (word := part.strip())]


def _listed(text: str) -> list[Any] | None:
    try:
        held = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return held if isinstance(held, list) else None


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters, the cut marked."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
