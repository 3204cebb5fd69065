"""Which parts of a text answer a query: what the result page marks. Pure."""

from __future__ import annotations

import re
import unicodedata

_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")


def spans(text: str, query: str) -> list[tuple[int, int]]:
    """The parts of the text to mark, as half-open ranges in order, none overlapping.

    A word of the query is marked where it stands whole; a run of Han characters that does not stand whole is marked by
    its pairs of characters, because the search finds it by its words.
    """
    folded = _fold(text)
    found = [span for word in _fold(query).split() for span in _word_spans(folded, word)]
    return _merged(sorted(found))


def pieces(text: str, query: str) -> list[tuple[str, bool]]:
    """The text cut at the marks: each piece with whether it is marked."""
    cut: list[tuple[str, bool]] = []
    end = 0
    for start, stop in spans(text, query):
        cut += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return [piece for piece in (*cut, (text[end:], False)) if piece[0]]


def _fold(text: str) -> str:
    """Lower case and full-width forms folded, character by character, so that places stay the same."""
    folded = []
    for character in text:
        plain = unicodedata.normalize("NFKC", character).lower()
        folded.append(plain if len(plain) == 1 else character)
    return "".join(folded)


def _word_spans(text: str, word: str) -> list[tuple[int, int]]:
    word = word.strip('"“”+-()（）')
    whole = _places(text, word)
    if whole or not word:
        return whole
    pairs = {run[i : i + 2] for run in _HAN_RUN.findall(word) for i in range(len(run) - 1)}
    return [span for pair in pairs for span in _places(text, pair)]


def _places(text: str, word: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(re.escape(word), text)] if word else []


def _merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
