"""What becomes a searchable token, for every engine alike.

Indexing: NFKC, lower case, traditional characters folded to simplified ones, pairs of neighbouring Han characters and the
last of a run alone. Asking: the shortest words of the dictionary, each a phrase of pairs, all of them wanted; 市, 区 and 县
behind a name may be missing. Other writing becomes words and numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import rjieba
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from .folding import TO_SIMPLIFIED

GAP = "\x1e"
"""Stands between values in the stream of tokens, so that no phrase reaches from one value into the next."""
SPACE = "\x1d"
"""A space inside a part of a name, since tokens are separated by spaces."""

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SYMBOLS = "\u2190-\u2bff\U0001f000-\U0001faff"
_PIECE = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<number>\d+)|(?P<word>[^\W\d_{_HAN}]+)|(?P<symbol>[{_SYMBOLS}])")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019][sS]\b")
_HUMP = re.compile(r"[^\W\d_]+?(?=[A-Z][a-z])|[^\W\d_]+?(?<=[a-z])(?=[A-Z])|[^\W\d_]+")
_SUFFIXES = frozenset("市区县")
_ENGLISH = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()
_LONGEST_VALUE = 2_000
"""Longest string value in characters that is matched exactly; of longer ones the beginning counts."""


@dataclass(frozen=True)
class Words:
    """One thing to look for: tokens in a row, of which the last may be only a beginning."""

    tokens: tuple[str, ...]
    open_end: bool = False


@dataclass(frozen=True)
class Choice:
    """Either of several: each alternative is a list of things that are all wanted."""

    alternatives: tuple[tuple[Words, ...], ...]


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().translate(TO_SIMPLIFIED)


def string_value(text: str) -> str:
    """A value of an exact field as it is indexed and asked for: case and writing count."""
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE]


@lru_cache(maxsize=65_536)
def _word(text: str, english: bool) -> str:
    """One word as its token: lower case, accents off, and English endings off where asked."""
    word = text.lower()
    if not word.isascii():
        word = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
        word = unicodedata.normalize("NFC", word)
    elif english:
        word = "".join(_ENGLISH.analyze(word)) or word
    return word


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _chunks(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(TO_SIMPLIFIED)
    return (_POSSESSIVE.sub("", text) if "'" in text or "\u2019" in text else text).split()


def index_tokens(values: Iterable[str], english: bool) -> list[str]:
    """The stream of tokens of a field's values, in order; GAP parts the values, and joined forms follow at the end."""
    tokens: list[str] = []
    joined: list[str] = []
    for value in values:
        if tokens:
            tokens.append(GAP)
        for chunk in _chunks(value):
            _chunk_tokens(chunk, english, tokens, joined)
    for word in joined:
        tokens += (GAP, word)
    return tokens


def _chunk_tokens(chunk: str, english: bool, tokens: list[str], joined: list[str]) -> None:
    run: list[str] = []
    run_kind = None
    for match in _PIECE.finditer(chunk):
        kind, piece = match.lastgroup, match.group()
        if kind != run_kind:
            _join(run, english, joined)
            run, run_kind = [], kind
        if kind == "han":
            tokens += _pairs(piece)
            tokens.append(piece[-1])
        elif kind == "word":
            humps = _humps(piece)
            tokens += [_word(hump, english) for hump in humps]
            run += humps
        else:
            tokens.append(piece)
            if kind == "number":
                run.append(piece)
    _join(run, english, joined)


def _join(run: list[str], english: bool, joined: list[str]) -> None:
    if len(run) > 1:
        joined.append(_word("".join(run), english))


def _humps(piece: str) -> list[str]:
    """The words of a piece such as `PowerShot`; nearly every piece is one."""
    return [piece] if piece.islower() or piece.isupper() or piece.istitle() else _HUMP.findall(piece)


def part_tokens(values: Iterable[str]) -> list[str]:
    """Pairs of neighbouring characters of whole values, so that any part of a name can be found."""
    tokens: list[str] = []
    for value in values:
        if tokens:
            tokens.append(GAP)
        text = " ".join(fold(value).split()).replace(" ", SPACE)
        tokens += _pairs(text)
        tokens += text[-1:]
    return tokens


def query_parts(text: str) -> list[Words]:
    """What to look for in a field of parts: each word of the text, anywhere in the value."""
    return [_run(word) for word in fold(text).split()]


def _run(run: str) -> Words:
    return Words((run,), open_end=True) if len(run) == 1 else Words(tuple(_pairs(run)))


def query_words(text: str, english: bool) -> list[Choice]:
    """What to look for when somebody typed this without quotes; empty when no token is in it."""
    return [choice for chunk in _chunks(text) for choice in _chunk_choices(chunk, english)]


def _chunk_choices(chunk: str, english: bool) -> Iterator[Choice]:
    for match in _PIECE.finditer(chunk):
        kind, piece = match.lastgroup, match.group()
        if kind == "han":
            yield from (Choice(((_run(word),),)) for word in shortest_words(piece))
        elif kind == "word":
            yield _word_choice(piece, english)
        else:
            yield Choice(((Words((piece,)),),))


def _word_choice(piece: str, english: bool) -> Choice:
    whole = (Words((_word(piece, english),)),)
    humps = _humps(piece)
    if len(humps) == 1:
        return Choice((whole,))
    return Choice((whole, tuple(Words((_word(hump, english),)) for hump in humps)))


def query_phrase(text: str, english: bool) -> Words | None:
    """The tokens of a quoted phrase in the order of the index; None when there is none."""
    pieces = [match for chunk in _chunks(text) for match in _PIECE.finditer(chunk)]
    tokens: list[str] = []
    for match in pieces:
        piece = match.group()
        if match.lastgroup == "han":
            tokens += [*_pairs(piece), piece[-1]]
        elif match.lastgroup == "word":
            tokens += [_word(hump, english) for hump in _humps(piece)]
        else:
            tokens.append(piece)
    if not tokens:
        return None
    last = pieces[-1]
    if last.lastgroup != "han":
        return Words(tuple(tokens))
    # The run may go on in the text, so its last character alone proves nothing.
    return Words(tuple(tokens), open_end=True) if len(last.group()) == 1 else Words(tuple(tokens[:-1]))


def query_prefix(text: str) -> str:
    """The beginning of a word before a `*`, as tokens are written; endings are not folded, since the word is not whole."""
    return fold(text)


def shortest_words(run: str) -> list[str]:
    """The shortest dictionary words that cover a run of Han characters; 市, 区, 县 behind another word are left out."""
    words = [short for word in rjieba.cut(run, False) for short in _cover(_without_suffix(word))]
    return [word for at, word in enumerate(words) if at == 0 or word not in _SUFFIXES]


def _without_suffix(word: str) -> str:
    return word[:-1] if len(word) > 2 and word[-1] in _SUFFIXES else word


@lru_cache(maxsize=16_384)
def _cover(word: str) -> tuple[str, ...]:
    """A dictionary word as two or more shorter ones without a rest, or itself."""
    if len(word) < 4:
        return (word,)
    known = {short for short in rjieba.cut_for_search(word, False) if 1 < len(short) < len(word)}
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(2, len(word) + 1):
        for start in range(end - 1):
            before = best[start]
            if before is not None and word[start:end] in known:
                found = (*before, word[start:end])
                best[end] = max(best[end] or found, found, key=len)
    return best[-1] or (word,)
