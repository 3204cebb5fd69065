"""The path of a request for data, and how two requests are found to be alike. Pure."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

MACHINE = "data-request"
ASKER, AGENCY, OPERATOR, AUTHORITY = "asker", "agency", "operator", "authority"
# States in which everybody sees a request. Before, the operator has not read it yet.
PUBLIC = ("shown", "agreed", "fulfilled", "refused")
OPEN_IN = ("filed", "shown", "agreed")
# While it stands in one of these, others can add their voice.
SUPPORTED_IN = ("shown", "agreed")


class Order(str, Enum):
    """How a list is ordered: by voices, by age, or by the date that the agency named."""

    VOICES = "voices"
    NEWEST = "newest"
    PROMISED = "promised"


# Words that nearly every request has say nothing of what it asks for.
_COMMON = frozenset(
    [
        "数据",
        "信息",
        "公共",
        "全市",
        "本市",
        "我市",
        "希望",
        "提供",
        "开放",
        "请求",
        "申请",
        "名单",
        "情况",
        "the",
        "of",
        "and",
        "for",
        "in",
        "data",
        "all",
        "open",
    ]
)
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_MOST_GRAMS = 200


def grams(text: str) -> list[str]:
    """What two requests are compared by: pairs of neighbouring Han characters, and whole words of other letters."""
    found: dict[str, None] = {}
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text).lower()):
        pieces = ["".join(pair) for pair in itertools.pairwise(run)] if run > "\u33ff" else [run]
        found.update(dict.fromkeys(piece for piece in pieces if piece not in _COMMON))
    return list(found)[:_MOST_GRAMS]


def likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """From 0, nothing in common, to 1, the shorter one whole in the longer one."""
    left, right = set(one), set(other)
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0
