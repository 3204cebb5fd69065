"""How Chinese words are spelled in Latin letters: for autocompletion by pinyin or initials, and for words that sound alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import rjieba

from .folding import fold

SPELLED = "|"
"""Between a word and its pinyin, in the values of `suggest_words`."""

_WORD = re.compile(r"[\u3400-\u9fff]+|[a-z0-9][a-z0-9.\-]*")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_TITLE = 120
_MOST_WORDS = 60
_LONGEST_WORD = 12
# What southern tongues do not tell apart, and typing by sound confuses.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("l", "n"), ("v", "u"))


@lru_cache(maxsize=65_536)
def syllables(word: str) -> tuple[str, ...]:
    """The pinyin of each character of a Chinese word, without tones; the word decides between several readings."""
    # Its tables take half a second to load, and only writing and correcting need them.
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(word))


def sound(word: str) -> str:
    """The pinyin of a word with the syllables that many confuse written alike."""
    return "|".join(_alike(syllable) for syllable in syllables(word))


@lru_cache(maxsize=4096)
def _alike(syllable: str) -> str:
    for one, other in _ALIKE:
        syllable = syllable.replace(one, other)
    return syllable


def spellings(title: str) -> list[str]:
    """A title in pinyin and in initials, such as daolujiaotong and dljt; none for a title without Chinese."""
    words = list(_words(title[:_LONGEST_TITLE]))
    if not any(_HAN.match(word) for word in words):
        return []
    parts = [syllables(word) if _HAN.match(word) else (word,) for word in words]
    whole = "".join(syllable for part in parts for syllable in part)
    initials = "".join(syllable[:1] for part in parts for syllable in part)
    return [whole, initials]


def known_words(texts: Iterable[str]) -> list[str]:
    """The words of titles and tags that a correction may propose, each with its pinyin behind SPELLED."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _words(text[:_LONGEST_TITLE], rjieba.cut_for_search):
            if 2 <= len(word) <= _LONGEST_WORD and not word.isdigit():
                spelled = "".join(syllables(word)) if _HAN.match(word) else ""
                found.setdefault(f"{word}{SPELLED}{spelled}")
    return list(found)[:_MOST_WORDS]


def _words(text: str, cut: Callable[[str, bool], list[str]] = rjieba.cut) -> Iterator[str]:
    for match in _WORD.finditer(fold(text)):
        yield from cut(match.group(), False) if _HAN.match(match.group()) else (match.group(),)
