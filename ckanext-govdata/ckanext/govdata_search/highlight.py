"""Which parts of a text answer a query: from the query's tree and the text alone, so that every engine marks alike."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import analysis
from .document import Document, values_of
from .fields import Kind, is_stored, kind_of
from .folding import TO_SIMPLIFIED
from .query import Best, Boost, Combine, Constant, Fuzzy, Pattern, Phrase, Query, Term, regex_of

_WORDED = (Kind.TEXT, Kind.GENERAL)
_FRAGMENT = 100


@dataclass(frozen=True)
class Sought:
    """Tokens in a row; `pattern` where one token need only fit."""

    tokens: tuple[str, ...] = ()
    open_end: bool = False
    slop: int = 0
    pattern: re.Pattern[str] | None = None


def sought(query: Query) -> frozenset[Sought]:
    """What a query looks for in words; what it excludes is not among it."""
    return frozenset(_sought(query))


def _sought(query: Query) -> Iterator[Sought]:
    if isinstance(query, Combine):
        for part in (*query.must, *query.should):
            yield from _sought(part)
    elif isinstance(query, Best):
        for part in query.choices:
            yield from _sought(part)
    elif isinstance(query, (Boost, Constant)):
        yield from _sought(query.query)
    elif isinstance(query, (Term, Phrase, Pattern, Fuzzy)) and kind_of(query.field) in _WORDED:
        yield _leaf(query)


def _leaf(query: Term | Phrase | Pattern | Fuzzy) -> Sought:
    if isinstance(query, Phrase):
        return Sought(query.tokens, query.open_end, query.slop)
    if isinstance(query, Pattern):
        return Sought(pattern=re.compile(regex_of(query.parts), re.DOTALL))
    return Sought((query.token,))


def pieces(text: str, wanted: Iterable[Sought]) -> list[tuple[str, bool]]:
    """The text cut at the marks: each piece with whether it is marked; joined they are the text."""
    cut: list[tuple[str, bool]] = []
    end = 0
    for start, stop in spans(text, wanted):
        cut += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return [piece for piece in (*cut, (text[end:], False)) if piece[0]]


def spans(text: str, wanted: Iterable[Sought]) -> list[tuple[int, int]]:
    """The parts to mark as half-open ranges in order, none touching another."""
    placed = _placed(text)
    found = sorted(span for one in wanted for span in _found(placed, one))
    merged: list[tuple[int, int]] = []
    for start, stop in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


Placed = Sequence[tuple[str, int, int]]


def _placed(text: str) -> Placed:
    """The tokens of a text with their places in it, in the order of the index."""
    folded, origin = _folded(text)
    return [(token, origin[start], origin[end - 1] + 1) for token, start, end in analysis.placed_tokens(folded)]


def _folded(text: str) -> tuple[str, list[int]]:
    """The text in the writing of the index (case kept, it parts words), and where each of its characters came from."""
    chars: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        plain = unicodedata.normalize("NFKC", char).translate(TO_SIMPLIFIED)
        chars.append(plain)
        origin += [at] * len(plain)
    return "".join(chars), origin


def _found(placed: Placed, wanted: Sought) -> Iterator[tuple[int, int]]:
    for at, (token, start, end) in enumerate(placed):
        if wanted.pattern is not None:
            if wanted.pattern.fullmatch(token):
                yield start, _end_of_one(wanted.pattern, token, start, end)
            continue
        last = _follows(placed, at, wanted)
        if last is not None:
            yield start, last


def _end_of_one(pattern: re.Pattern[str], token: str, start: int, end: int) -> int:
    """A single Han character finds the pairs that begin with it, and is itself what was looked for."""
    alone = pattern.pattern.removesuffix(".*")
    return start + 1 if len(alone) == 1 and token[:1] == alone and not alone.isascii() else end


def _follows(placed: Placed, at: int, wanted: Sought) -> int | None:
    """Where the row of tokens ends that begins at a place; None when it does not begin there."""
    spare = wanted.slop
    end = 0
    for number, token in enumerate(wanted.tokens):
        open_end = wanted.open_end and number == len(wanted.tokens) - 1
        while at < len(placed) and not _is(placed[at][0], token, open_end):
            if number == 0 or not spare:
                return None
            spare, at = spare - 1, at + 1
        if at >= len(placed):
            return None
        end = placed[at][1] + 1 if open_end and len(token) == 1 else placed[at][2]
        at += 1
    return end


def _is(token: str, wanted: str, open_end: bool) -> bool:
    return token.startswith(wanted) if open_end else token == wanted


@dataclass(frozen=True)
class Highlighting:
    """Solr's `hl` parameters that are kept: which fields, how many fragments of which length, and what stands around marks."""

    fields: tuple[str, ...]
    fragments: int = 1
    length: int = _FRAGMENT
    before: str = "<em>"
    after: str = "</em>"
    escaped: bool = False

    def of(self, document: Document, wanted: frozenset[Sought]) -> dict[str, list[str]]:
        """The fragments by field, of stored fields only; a field without a mark is left out."""
        names = [name for name in self.fields if is_stored(name) and kind_of(name) is not Kind.BLOB]
        marked = {name: self._fragments(values_of(document, name), wanted) for name in names}
        return {name: fragments for name, fragments in marked.items() if fragments}

    def _fragments(self, values: Iterable[str], wanted: frozenset[Sought]) -> list[str]:
        fragments: list[str] = []
        for value in values:
            marks = spans(value, wanted)
            while marks and len(fragments) < self.fragments:
                start, stop = self._window(value, marks[0])
                within = [mark for mark in marks if mark[1] <= stop]
                fragments.append(self._written(value, within or marks[:1], start, stop))
                marks = marks[max(1, len(within)) :]
        return fragments

    def _window(self, value: str, mark: tuple[int, int]) -> tuple[int, int]:
        if not self.length:
            return 0, len(value)
        start = max(0, mark[0] - self.length // 3)
        return start, max(mark[1], min(len(value), start + self.length))

    def _written(self, value: str, marks: list[tuple[int, int]], start: int, stop: int) -> str:
        plain = html.escape if self.escaped else str
        out: list[str] = []
        for first, last in marks:
            out += [plain(value[start:first]), self.before, plain(value[first:last]), self.after]
            start = last
        return "".join((*out, plain(value[start:stop])))


def read_highlighting(parameters: Mapping[str, Any], whole: Any) -> Highlighting | None:
    """The `hl` parameters; None when nothing is to be marked. `whole` reads a whole number out of the parameters."""
    if str(parameters.get("hl", "false")).lower() not in ("true", "on", "1"):
        return None
    given = parameters.get("hl.fl") or "title,notes"
    names = [str(name) for name in given] if isinstance(given, (list, tuple)) else re.split(r"[\s,]+", str(given))
    return Highlighting(
        tuple(name for name in names if name),
        whole(parameters, "hl.snippets", 1),
        whole(parameters, "hl.fragsize", _FRAGMENT),
        str(parameters.get("hl.simple.pre") or "<em>"),
        str(parameters.get("hl.simple.post") or "</em>"),
        str(parameters.get("hl.encoder") or "") == "html",
    )
