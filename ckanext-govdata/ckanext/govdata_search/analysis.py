"""What becomes a searchable token, for every engine alike.

Indexing: NFKC, lower case, traditional characters folded to simplified ones, pairs of neighbouring Han characters and the
last of a run alone. Asking: the shortest words of the dictionary, each a phrase of pairs, all of them wanted; 市, 区 and 县
behind a name may be missing. Other writing becomes words and numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import add

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from .empty import EMPTY, FILLERS, GENERIC, UNSAID, VAGUE
from .folding import fold, normal, simplified
from .segments import PLACES, han_words

GAP = "\x1e"
"""Stands between values in the stream of tokens, so that no phrase reaches from one value into the next."""
BREAK = f" {GAP} "
SPACE = "\x1d"
"""A space inside a part of a name, since tokens are separated by spaces."""

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SYMBOLS = "\u2190-\u2bff\U0001f000-\U0001faff"
_PIECE = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<number>\d+)|(?P<word>[^\W\d_{_HAN}]+)|(?P<symbol>[{_SYMBOLS}])")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019][sS]\b")
_BEFORE_WORD = re.compile(r"(?!^)(?=[A-Z][a-z])")
_AFTER_SMALL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PERHAPS_LATIN = re.compile(r"[^\x00-@\[-`{-\x7f\u2010-\u2027\u3000-\u31ff\u3400-\u9fff\uff00-\uff20]")
"""A letter from A to Z in whatever form; all but a few other characters pass for one, too."""
_OFTEN_READ = 200
"""Longest value in characters whose tokens are kept for the next time it comes."""
_WIDEST = 8
"""The most words that a synonym has."""
_ENGLISH = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()
_SHORT = 3
"""Words of so few letters keep their endings: AED is no A."""
_LONGEST_VALUE = 2_000
"""Longest string value in characters that is matched exactly; of longer ones the beginning counts."""


class Narrower(str):
    """A word for a part of what was typed, as 幼儿园 for 学校: looked for in titles only, for texts mention too many of them."""

    __slots__ = ()


Synonyms = Mapping[str, tuple[str, ...]]
"""What else to look for, by the folded word that was typed."""


@dataclass(frozen=True)
class Words:
    """One thing to look for: tokens in a row, of which the last may be only a beginning."""

    tokens: tuple[str, ...]
    open_end: bool = False


@dataclass(frozen=True)
class Choice:
    """Either of several: each alternative is a list of things that are all wanted."""

    alternatives: tuple[tuple[Words, ...], ...]
    optional: bool = False
    """Whether the rest finds enough without it, as 信息 in 学校信息."""
    narrower: tuple[Words, ...] = ()
    """What may stand in a title instead."""
    replaced: tuple[tuple[Words, ...], ...] = ()
    """Several words that may all stand in a title instead, wherever there: 路面 and 监控 for 道路监控."""
    titled: bool = False
    """Whether only a title says it, as both words of 企业名录."""
    kept: bool = False
    """Whether nothing is meant without it: a place with its 市, 区 or 县, a number, a Latin word, a single character."""


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
    elif english and len(word) > _SHORT:
        word = "".join(_ENGLISH.analyze(word)) or word
    return word


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _chunks(text: str) -> list[str]:
    if not text.isascii():
        text = simplified(normal(text))
    return (_POSSESSIVE.sub("", text) if "'" in text or "\u2019" in text else text).split()


def index_tokens(values: Iterable[str], english: bool) -> list[str]:
    """The stream of tokens of a field's values, in order; GAP parts the runs of `index_runs`."""
    return _parted(index_runs(values, english))


def _parted(runs: list[str]) -> list[str]:
    return BREAK.join(runs).split(" ") if runs else []


def index_runs(values: Iterable[str], english: bool) -> list[str]:
    """The tokens of each of a field's values that has any, in order with spaces between; joined forms follow at the end.

    No phrase reaches from one run into the next.
    """
    runs: list[str] = []
    joined: list[str] = []
    for value in values:
        read = _known_run if len(value) <= _OFTEN_READ else _run_of
        run, also = read(value, english or not _may_be_english(value))
        if run:
            runs.append(run)
        joined += also
    return runs + joined


def _run_of(value: str, english: bool) -> tuple[str, tuple[str, ...]]:
    """The tokens of a value as one text, and the joined forms of its pieces."""
    tokens: list[str] = []
    joined: list[str] = []
    for chunk in _chunks(value):
        _chunk_tokens(chunk, english, tokens, joined)
    return " ".join(tokens), tuple(joined)


# A value is read for its own field and for `text`, and many datasets have the same formats, agencies and licences.
_known_run = lru_cache(maxsize=8192)(_run_of)


def _may_be_english(value: str) -> bool:
    """Whether it makes a difference: other writing has no such endings, and is the same in any field."""
    return _PERHAPS_LATIN.search(value) is not None


def _chunk_tokens(chunk: str, english: bool, tokens: list[str], joined: list[str]) -> None:
    words: list[str] = []
    numbers: list[str] = []
    for han, number, word, symbol in _PIECE.findall(chunk):
        if words and not word:
            _join(words, english, joined)
            words = []
        if numbers and not number:
            _join(numbers, english, joined)
            numbers = []
        if han:
            tokens += map(add, han, han[1:])
            tokens.append(han[-1])
        elif word:
            humps = _humps(word)
            tokens += [_word(hump, english) for hump in humps]
            words += humps
        else:
            tokens.append(number or symbol)
            if number:
                numbers.append(number)
    _join(words or numbers, english, joined)


def _join(run: list[str], english: bool, joined: list[str]) -> None:
    if len(run) > 1:
        joined.append(_word("".join(run), english))


def _humps(piece: str) -> list[str]:
    """The words of a piece such as `PowerShot`; nearly every piece is one."""
    if piece.islower() or piece.isupper() or piece.istitle():
        return [piece]
    cuts = [match.start() for match in _BEFORE_WORD.finditer(piece)]
    last = cuts[-1] if cuts else 0
    # Behind the last capital that begins a word, a small letter before a capital ends one.
    cuts += [match.start() for match in _AFTER_SMALL.finditer(piece, last) if match.start() > last]
    return [piece[start:end] for start, end in zip([0, *cuts], [*cuts, len(piece)], strict=True)]


def placed_tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """The tokens of a text that is folded but for its case, each with where it begins and ends, in the order of the index.

    English endings are off as in a text field; a piece such as Wi-Fi also gives its joined form.
    """
    for chunk in re.finditer(r"\S+", text):
        run: list[re.Match[str]] = []
        for match in _PIECE.finditer(chunk.group()):
            if run and match.lastgroup != run[-1].lastgroup:
                yield from _placed_join(run, chunk.start())
                run = []
            yield from _placed_piece(match, chunk.start())
            run.append(match)
        yield from _placed_join(run, chunk.start())


def _placed_piece(match: re.Match[str], offset: int) -> Iterator[tuple[str, int, int]]:
    start, piece = offset + match.start(), match.group()
    if match.lastgroup == "han":
        for at in range(len(piece)):
            yield piece[at : at + 2], start + at, start + min(at + 2, len(piece))
    elif match.lastgroup == "word":
        at = 0
        for hump in _humps(piece):
            at = piece.index(hump, at)
            yield _word(hump, True), start + at, start + at + len(hump)
            at += len(hump)
    else:
        yield piece, start, start + len(piece)


def _placed_join(run: list[re.Match[str]], offset: int) -> Iterator[tuple[str, int, int]]:
    humps = [
        hump for match in run for hump in (_humps(match.group()) if match.lastgroup == "word" else [match.group()])
    ]
    if len(humps) > 1 and run[0].lastgroup in ("word", "number"):
        yield _word("".join(humps), True), offset + run[0].start(), offset + run[-1].end()


def part_tokens(values: Iterable[str]) -> list[str]:
    """The stream of tokens of a field of parts, in order; GAP parts the runs of `part_runs`."""
    return _parted(part_runs(values))


def part_runs(values: Iterable[str]) -> list[str]:
    """Pairs of neighbouring characters of whole values, those of each value with spaces between, so that any part of a name
    can be found.
    """
    texts = (" ".join(fold(value).split()).replace(" ", SPACE) for value in values)
    return [" ".join([*map(add, text, text[1:]), text[-1]]) for text in texts if text]


def query_parts(text: str) -> list[Words]:
    """What to look for in a field of parts: each word of the text, anywhere in the value."""
    return [_run(word) for word in fold(text).split()]


def _run(run: str) -> Words:
    return Words((run,), open_end=True) if len(run) == 1 else Words(tuple(_pairs(run)))


def query_words(text: str, english: bool, synonyms: Synonyms | None = None, widest: int = _WIDEST) -> list[Choice]:
    """What to look for when somebody typed this without quotes; empty when no token is in it.

    With synonyms it is read as people mean it, which leaves out words that name nothing; without (None) to the letter.
    `widest` is the most words that are looked up together.
    """
    return [choice for chunk in _chunks(text) for choice in _chunk_choices(chunk, english, synonyms, widest)]


def han_only(text: str) -> list[str]:
    """The dictionary's words of a text; empty where anything else than Chinese stands in it."""
    chunks = _chunks(text)
    pieces = [match for chunk in chunks for match in _PIECE.finditer(chunk)]
    if any(match.lastgroup != "han" for match in pieces):
        return []
    return [word for match in pieces for _begin, _end, word in han_words(match.group())]


@dataclass(frozen=True)
class _Item:
    """One word of a chunk, and where it stands there; `core` is its end without a suffix that may be missing."""

    start: int
    end: int
    choice: Choice
    core: int


def _chunk_choices(chunk: str, english: bool, synonyms: Synonyms | None, widest: int) -> list[Choice]:
    items = list(_items(chunk, english))
    if synonyms is None or not items:
        return [item.choice for item in items]
    words = [chunk[item.start : item.core].lower() for item in items]
    named = [at for at, word in enumerate(words) if word not in EMPTY] or [0, len(items) - 1]
    titled = _only_titles(words, named)
    choices: list[Choice] = []
    at = 0
    while at < len(items):
        known = _synonym_at(chunk, items[: at + widest], at, synonyms, english)
        found, until = known or (items[at].choice, at + 1)
        if words[at] not in UNSAID or until > at + 1 or at in named:
            wanted = (named[0] < until and at <= named[-1]) or at in titled
            choices.append(replace(found, optional=not wanted, titled=bool(titled) and wanted))
        at = until
    return choices


def _only_titles(words: list[str], named: list[int]) -> list[int]:
    """The words for the form of a dataset that are demanded, because what they stand with is as good as no word."""
    if not {words[at] for at in named} <= GENERIC:
        return []
    return [at for at, word in enumerate(words) if word in FILLERS - VAGUE]


def _items(chunk: str, english: bool) -> Iterator[_Item]:
    for match in _PIECE.finditer(chunk):
        kind, piece, start = match.lastgroup, match.group(), match.start()
        if kind == "han":
            for begin, end, word in han_words(piece):
                core = begin + len(word)
                kept = len(word) == 1 or (core < end and piece[end - 1] in PLACES)
                yield _Item(start + begin, start + end, Choice(((_run(word),),), kept=kept), start + core)
        elif kind == "word":
            yield _Item(start, match.end(), replace(_word_choice(piece, english), kept=True), match.end())
        else:
            yield _Item(start, match.end(), Choice(((Words((piece,)),),), kept=True), match.end())


def _synonym_at(
    chunk: str, items: list[_Item], at: int, synonyms: Synonyms, english: bool
) -> tuple[Choice, int] | None:
    """The longest word with synonyms that begins at an item and ends with one, and the item behind it."""
    folded = chunk.lower()
    for until in range(len(items), at, -1):
        start, last = items[at].start, items[until - 1]
        others = synonyms.get(folded[start : last.end]) or synonyms.get(folded[start : last.core])
        if others:
            own = tuple(words for item in items[at:until] for words in item.choice.alternatives[0])
            others = (*others, *_reworded(folded, items[at:until], synonyms))
            also = [(other, words) for other in others if (words := query_phrase(other, english))]
            equal = ((words,) for other, words in also if not isinstance(other, Narrower))
            narrower = tuple(words for other, words in also if isinstance(other, Narrower))
            kept = all(item.choice.kept for item in items[at:until])
            replaced = tuple(_replaced(folded, items[at:until], synonyms, english))
            return Choice((own, *equal), narrower=narrower, replaced=replaced, kept=kept), until
    return None


def _reworded(folded: str, items: list[_Item], synonyms: Synonyms) -> Iterator[str]:
    """A word of several with one of them replaced: 高龄补助 for 高龄补贴."""
    if len(items) > 1:
        for item in items:
            for other in synonyms.get(folded[item.start : item.core], ()):
                if not isinstance(other, Narrower):
                    yield folded[items[0].start : item.start] + other + folded[item.core : items[-1].end]


def _replaced(folded: str, items: list[_Item], synonyms: Synonyms, english: bool) -> Iterator[tuple[Words, ...]]:
    """The words with one of them replaced, narrower ones too; what only names the form of a dataset stays."""
    if len(items) < 2:
        return
    for at, item in enumerate(items):
        word = folded[item.start : item.core]
        rest = tuple(words for other in (*items[:at], *items[at + 1 :]) for words in other.choice.alternatives[0])
        for other in () if word in FILLERS else synonyms.get(word, ()):
            if words := query_phrase(other, english):
                yield (*rest, words)


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
