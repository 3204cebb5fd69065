"""What words a run of Han characters is read as when somebody typed it: the shortest ones of the dictionary. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import rjieba

from .empty import FILLERS, PARTICLES

PLACES = frozenset("市区县")
_LEFT_OUT = PLACES | {"户"}
_PERSONS = frozenset("户者员人")
"""Behind a word they say who has to do with it, as in 低保户."""
_BEFORE = frozenset("非可小大新老公红黑无未不多总副高低超再反")
"""They belong to the word behind them, as in 小餐饮."""

# fmt: off
_AREAS = frozenset(
    (
        "服务", "保护", "开发", "示范", "试验", "实验", "工业", "产业", "经济", "贸易", "保税", "免税", "风景",
        "名胜", "旅游", "度假", "观光", "游览", "生态", "住宅", "居住", "居民", "生活", "商业", "办公", "教学",
        "文教", "作业", "生产", "仓库", "物流", "养殖", "种植", "放牧", "禁渔", "禁航", "禁放", "禁飞", "功能",
        "核心", "集中", "聚集", "集聚", "缓冲", "管制", "管控", "管理", "防护", "保留", "建成", "规划", "敏感",
        "污染", "灌溉", "蓄洪", "滞洪", "泄洪", "休息", "棚户", "别墅", "休闲", "娱乐", "吸烟", "自治", "行政",
        "试点", "控制", "采空", "受水", "汇水", "高发", "多发", "重灾", "干旱",
    )
)
"""With 区 behind them they name a kind of area: 服务区 is not 服务, as 柯城区 is 柯城."""
# fmt: on


class Segment(NamedTuple):
    """One word of a run: where it begins and ends, a suffix that may be missing included, and what is looked for."""

    start: int
    end: int
    word: str


def shortest_words(run: str) -> list[str]:
    """The shortest dictionary words that cover a run of Han characters; 市, 区, 县 behind another word are left out."""
    return [segment.word for segment in han_words(run)]


def han_words(run: str) -> list[Segment]:
    """The shortest words of a run with their places; characters that no dictionary joins are looked for as they stand."""
    words: list[Segment] = []
    at = 0
    for word in rjieba.cut(run, False):
        if words and (word in PLACES or (word in _PERSONS and len(words[-1].word) > 1)):
            words[-1] = _suffixed(words[-1], word)
        else:
            words += _placed(at, word)
        at += len(word)
    return _attached(_joined_singles(words))


def is_word(text: str) -> bool:
    """Whether a dictionary has it as one word."""
    return rjieba.cut(text, False) == [text]


def _placed(at: int, word: str) -> list[Segment]:
    placed: list[Segment] = []
    start = at
    for short in _cover(_without_suffix(word)):
        placed.append(Segment(start, start + len(short), short))
        start += len(short)
    placed[-1] = placed[-1]._replace(end=at + len(word))
    return placed


def _joined_singles(words: list[Segment]) -> list[Segment]:
    """Neighbouring characters that are no words become one: apart they would be found nearly anywhere.

    So do those of a place that no dictionary knows, before its suffix: 柯 and 桥 of 柯桥区.
    """
    joined: list[Segment] = []
    loose = False
    for word in words:
        if loose and len(word.word) == 1 and word.word not in PARTICLES:
            joined[-1] = _one(joined[-1], word)
        else:
            joined.append(word)
        loose = _is_single(word)
    return joined


def _attached(words: list[Segment]) -> list[Segment]:
    """A single character stands with its neighbour: 小 with what follows, the last one with what stands before.

    Words for the form of a dataset may still follow, as in 司法所名单.
    """
    attached: list[Segment] = []
    last = max((number for number, word in enumerate(words) if word.word not in FILLERS), default=-1)
    for number, word in enumerate(words):
        before = attached[-1] if attached else None
        if before and _is_single(before) and before.end == word.start and _belongs(before.word, word.word):
            attached[-1] = _named(before, word)
        elif before and number == last and _is_single(word) and _is_whole(before):
            attached[-1] = _one(before, word)
        else:
            attached.append(word)
    return attached


def _is_whole(word: Segment) -> bool:
    return len(word.word) == word.end - word.start and word.word not in PARTICLES


def _is_single(word: Segment) -> bool:
    return len(word.word) == 1 == word.end - word.start and word.word not in PARTICLES


def _belongs(single: str, following: str) -> bool:
    """Whether a character is part of what follows: 小 of 小餐饮, and 横 of 横州市, of which the dictionary knows only 州市."""
    return (single in _BEFORE and following not in PARTICLES) or (len(following) == 2 and following[-1] in PLACES)


def _named(first: Segment, second: Segment) -> Segment:
    return Segment(first.start, second.end, _without_suffix(first.word + second.word))


def _one(first: Segment, second: Segment) -> Segment:
    return Segment(first.start, second.end, first.word + second.word)


def _without_suffix(word: str) -> str:
    return word[:-1] if len(word) > 2 and word[-1] in _LEFT_OUT and not is_area(word) else word


def _suffixed(word: Segment, suffix: str) -> Segment:
    whole = word.word + suffix
    return Segment(word.start, word.end + len(suffix), whole if is_area(whole) else word.word)


def is_area(word: str) -> bool:
    """Whether a word names a kind of area, such as 服务区, and not a place."""
    return word[-1] == "区" and word[-3:-1] in _AREAS


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
