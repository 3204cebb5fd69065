"""The vocabularies, loaded once: columns, tier words, words of the other columns, marks of secrecy."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
# Lists repeat short words thousands of times; what is made of them is kept.
_SHORT = 100


def folded(word: object) -> str:
    """A word as vocabularies compare it: NFKC, lower case, without the white space around it."""
    text = str(word)
    return _folded(text) if len(text) <= _SHORT else _folded.__wrapped__(text)


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


@cache
def raw(name: str) -> dict[str, Any]:
    """One vocabulary file as it stands; every word is text, so that no `no`, date or number changes on the way."""
    return yaml.load((_HERE / f"{name}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes text only


@cache
def words(file: str, topic: str) -> frozenset[str]:
    """The folded words of a topic that is a plain list, such as the placeholders."""
    return frozenset(folded(word) for word in raw(file)[topic])


@cache
def keys(file: str, topic: str) -> dict[str, str]:
    """The folded words of a topic, each with the key it stands for, such as 每年 -> annual; a key stands for itself."""
    return {folded(word): key for key, listed in raw(file)[topic].items() for word in (key, *listed)}


@cache
def tier_words() -> dict[str, str]:
    """The folded tier words with their tier; where a word stood under two, the stricter would count."""
    found: dict[str, str] = {}
    for tier in ("unconditional", "conditional", "not_open"):
        found.update({folded(word): tier for word in raw("tiers")[tier]})
    return found


@cache
def tier_words_of(column: str) -> dict[str, str]:
    """The folded words that a standard defines for this column alone, with their tier."""
    listed = raw("tiers")["by_column"].get(column, {})
    return {folded(word): tier for tier, words_of_it in listed.items() for word in words_of_it}


def is_placeholder(value: object) -> bool:
    """Whether a cell says nothing: empty, or one of the words that lists write for nothing (暂无, 无, null)."""
    if value is None or value in ([], {}, ()):
        return True
    if not isinstance(value, str):
        return False
    return _says_nothing(value) if len(value) <= _SHORT else _says_nothing.__wrapped__(value)


@lru_cache(maxsize=8192)
def _says_nothing(value: str) -> bool:
    bare = folded(value)
    text = bare.strip("()（）【】[]\"' ")
    return not text or text in words("words", "placeholders") or bare in words("words", "placeholders")
