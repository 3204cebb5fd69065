"""Other words for a query that finds nothing: what sounds alike, is spelled alike, or has a word too many. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .folding import fold
from .pinyin import SPELLED, sound, syllables
from .query import edits
from .segments import shortest_words

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z]{2,40}")
_LONGEST = 60
"""Longest query in characters that is corrected."""
_WIDEST = 6
_MOST = 12


@dataclass
class Vocabulary:
    """The words that the asker may see, with how many of his datasets have them."""

    counts: dict[str, int] = field(default_factory=dict)
    by_pinyin: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_length: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, values: Mapping[str, int]) -> Vocabulary:
        """From the counts of a facet over `suggest_words`."""
        known = cls()
        for value, count in values.items():
            word, _, pinyin = value.partition(SPELLED)
            known.counts[word] = count
            known.by_length[len(word)].append(word)
            if pinyin:
                known.by_pinyin[pinyin].append(word)
        return known

    def best(self, words: Iterable[str]) -> list[str]:
        return sorted(words, key=lambda word: (-self.counts.get(word, 0), word))


def proposals(typed: str, vocabulary: Vocabulary) -> list[str]:
    """Queries to try in place of the typed one, the likeliest first; none of them need find anything."""
    text = " ".join(fold(typed[: _LONGEST + 1]).split())
    if not text or len(typed) > _LONGEST or len(text) > _LONGEST:
        return []
    found: dict[str, None] = {}
    chunks = text.split(" ")
    for at, chunk in enumerate(chunks):
        for other in _others(chunk, vocabulary):
            found.setdefault(" ".join((*chunks[:at], other, *chunks[at + 1 :])))
    for shorter in _with_a_word_less(chunks):
        found.setdefault(shorter)
    found.pop(text, None)
    return list(found)[:_MOST]


def _others(chunk: str, vocabulary: Vocabulary) -> Iterator[str]:
    if _LATIN.fullmatch(chunk):
        yield from _spelled_out(chunk, vocabulary)
        yield from _misspelled(chunk, vocabulary)
        return
    for run in _HAN.finditer(chunk):
        for start, end, word in _heard_alike(run.group(), vocabulary):
            yield chunk[: run.start() + start] + word + chunk[run.start() + end :]
        for start, end, word in _written_alike(run.group(), vocabulary):
            yield chunk[: run.start() + start] + word + chunk[run.start() + end :]


def _spelled_out(chunk: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Pinyin typed without a converter: jiaotong, or several words of it in a row."""
    best: list[list[str] | None] = [[], *([None] * len(chunk))]
    for end in range(2, len(chunk) + 1):
        for start in range(end - 1):
            before, words = best[start], vocabulary.by_pinyin.get(chunk[start:end])
            if before is None or not words:
                continue
            found = [*before, vocabulary.best(words)[0]]
            kept = best[end]
            if kept is None or len(found) < len(kept):
                best[end] = found
    if best[-1]:
        yield "".join(best[-1])
    yield from vocabulary.best(vocabulary.by_pinyin.get(chunk, ()))


def _misspelled(chunk: str, vocabulary: Vocabulary) -> Iterator[str]:
    allowed = 2 if len(chunk) > 5 else 1
    lengths = range(max(2, len(chunk) - allowed), len(chunk) + allowed + 1)
    near = [(edits(word, chunk), word) for length in lengths for word in vocabulary.by_length[length] if word.isascii()]
    yield from (word for distance, word in sorted(near) if 0 < distance <= allowed)


def _windows(run: str) -> Iterator[tuple[int, int]]:
    """Parts of a run of characters, the longest first."""
    for length in range(min(len(run), _WIDEST), 1, -1):
        for start in range(len(run) - length + 1):
            yield start, start + length


def _heard_alike(run: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, str]]:
    """Words that sound like a part of the run."""
    spelled = syllables(run)
    if len(spelled) != len(run):
        return
    alike = _by_sound(vocabulary, {sound(run[start:end]) for start, end in _windows(run)})
    for start, end in _windows(run):
        same = vocabulary.by_pinyin.get("".join(spelled[start:end]), [])
        near = alike.get(sound(run[start:end]), [])
        for word in dict.fromkeys((*vocabulary.best(same), *vocabulary.best(near))):
            if word != run[start:end] and len(word) == end - start:
                yield start, end, word


def _by_sound(vocabulary: Vocabulary, sounds: set[str]) -> dict[str, list[str]]:
    lengths = {wanted.count("|") + 1 for wanted in sounds}
    found: dict[str, list[str]] = defaultdict(list)
    for length in lengths:
        for word in vocabulary.by_length[length]:
            if not word.isascii() and (heard := sound(word)) in sounds:
                found[heard].append(word)
    return found


def _written_alike(run: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int, str]]:
    """Words of three and more characters that differ in one from a part of the run."""
    for start, end in _windows(run):
        part = run[start:end]
        if len(part) < 3 or part in vocabulary.counts:
            continue
        chars = set(part)
        for length in (len(part), len(part) + 1, len(part) - 1):
            near = [word for word in vocabulary.by_length[length] if len(word) > 2 and len(chars & set(word)) >= 2]
            yield from ((start, end, word) for word in vocabulary.best(near) if edits(word, part) == 1)


def _with_a_word_less(chunks: list[str]) -> Iterator[str]:
    """The query without one of its words."""
    words = [word for chunk in chunks for word in (shortest_words(chunk) if _HAN.fullmatch(chunk) else [chunk])]
    if len(words) > 1:
        for at in reversed(range(len(words))):
            yield " ".join(words[:at] + words[at + 1 :])
