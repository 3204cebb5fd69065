"""Words that mean the same: read from files that a city edits, used when a query is read, so that no index knows them.

A line `公交 = 公共交通` lets each find the other; `教师 > 名师, 班主任` lets the left word find titles with one of those on
the right as well, and so do words that mean the same as it; `! 公交` takes back what stood before about a word. `#` begins a
comment.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from .analysis import Narrower, Synonyms
from .errors import BadSynonyms
from .folding import fold

logger = logging.getLogger(__name__)

BUILT_IN = Path(__file__).with_name("synonyms.txt")
_LONGEST = 40


def read(lines: Iterable[str], source: str = "") -> Synonyms:
    """The synonyms that the lines list, in order. Raises BadSynonyms with the number of the line that cannot be read."""
    return _closed({}, ((source, lines),))


def _closed(also: dict[str, dict[str, None]], sources: Iterable[tuple[str, Iterable[str]]]) -> Synonyms:
    for source, lines in sources:
        for number, line in enumerate(lines, 1):
            text = line.split("#", 1)[0].strip().lstrip("\ufeff")
            if text:
                _take(also, text, f"{source}:{number}")
    return {word: (*others, *_of_equals(also, word)) for word, others in also.items() if others}


def _of_equals(also: dict[str, dict[str, None]], word: str) -> list[str]:
    """The narrower words of those that mean the same: 地铁, which 公共交通 finds, is found by 公交 too."""
    found = (
        narrower
        for equal in also[word]
        if not isinstance(equal, Narrower)
        for narrower in also.get(equal, ())
        if isinstance(narrower, Narrower) and narrower != word and narrower not in also[word]
    )
    return list(dict.fromkeys(found))


def _take(also: dict[str, dict[str, None]], text: str, where: str) -> None:
    if text[0] in "!！":
        _forget(also, fold(text[1:].strip()))
        return
    left, arrow, right = (part.strip() for part in re.sub("[＝]", "=", text).replace("＞", ">").partition(">"))
    if arrow:
        for word in _words([left], where):
            others = also.setdefault(word, {})
            others.update(
                {Narrower(other): None for other in _words(re.split("[,，、]", right), where) if other not in others}
            )
        return
    group = _words(left.split("="), where)
    if len(group) < 2:
        raise BadSynonyms(where, text)
    for word in group:
        others = {other: None for other in group if other != word}
        # A word that was only a part of this one now means the same.
        also[word] = {known: None for known in also.get(word, {}) if known not in others} | others


def _words(parts: Iterable[str], where: str) -> list[str]:
    words = [" ".join(fold(part).split()) for part in parts]
    if not all(0 < len(word) <= _LONGEST for word in words):
        raise BadSynonyms(where, " / ".join(words))
    return words


def _forget(also: dict[str, dict[str, None]], word: str) -> None:
    also.pop(word, None)
    for others in also.values():
        others.pop(word, None)


def current(own: Path | None) -> Synonyms:
    """The words that come with the plugin and, behind them, those of the city's file; a file that changed is read again.

    Raises BadSynonyms where the city's file is missing or wrong.
    """
    files = ((BUILT_IN, 0),)
    try:
        found = _read_files(*files) if own is None else _read_files(*files, (own, own.stat().st_mtime_ns))
    except OSError as error:
        advice = "Name a file that the portal's processes may read in govdata.search.synonyms_file, or leave it empty"
        raise BadSynonyms(str(own), error.strerror or str(error), advice) from error
    if isinstance(found, BadSynonyms):
        raise found.with_traceback(None)
    return found


def in_force(own: Path | None) -> Synonyms:
    """As `current`; where the city's file is missing or wrong the log says so, and the words of the plugin serve alone."""
    try:
        found = current(own)
    except BadSynonyms as error:
        _say(str(error))
        return current(None)
    _say.cache_clear()
    return found


@lru_cache(maxsize=16)
def _say(problem: str) -> None:
    """Once for each problem, not once for each search."""
    logger.error("%s. Until then only the synonyms of the plugin are used", problem)


@lru_cache(maxsize=4)
def _read_files(*files: tuple[Path, int]) -> Synonyms | BadSynonyms:
    """What the files say, or why it cannot be read: that is known, too, until a file changes."""
    try:
        return _closed({}, [(path.name, _lines(path)) for path, _stamp in files])
    except BadSynonyms as error:
        return error


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadSynonyms(str(path), str(error), "Save it as UTF-8") from error
