"""The path of a request for data, and how two requests are found to be alike. Pure."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

from ...workflow.domain import BEFORE, Apart, Machine, Needs, State, Transition


def N_(message: str) -> str:
    """Marks a message for translation, under the name that collectors look for; whoever shows it translates it."""
    return message


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


def _t(
    begin: str, command: str, end: str, roles: Iterable[str], needs: Needs = Needs.NONE, apart: Apart = Apart.OPENER
) -> Transition:
    return Transition(begin, command, end, frozenset(roles), needs, apart)


REQUEST = Machine(
    name=MACHINE,
    version=1,
    title=N_("Request for data"),
    source="YZ-28 GY-c5 LYG-18",
    states=(
        State("filed", N_("waits to be shown")),
        State("shown", N_("with the agency")),
        State("agreed", N_("agreed, will be opened")),
        State("fulfilled", N_("fulfilled"), final=True),
        State("refused", N_("refused by the agency"), final=True),
        State("not_shown", N_("not shown"), final=True),
        State("joined", N_("joined to another request"), final=True),
        State("taken_back", N_("taken back"), final=True),
    ),
    roles={
        ASKER: N_("whoever asks"),
        AGENCY: N_("the agency asked"),
        OPERATOR: N_("the operator"),
        AUTHORITY: N_("the authority"),
    },
    commands={
        "file": N_("Ask"),
        "show": N_("Show it and send it to the agency"),
        "turn-away": N_("Do not show it"),
        "join": N_("Join it to another request"),
        "pass-on": N_("Pass it on to another agency"),
        "agree": N_("Agree to open the data"),
        "postpone": N_("Name another date"),
        "refuse": N_("Refuse to open it"),
        "fulfil": N_("Answer it with a dataset"),
        "take-back": N_("Take it back"),
    },
    transitions=(
        _t(BEFORE, "file", "filed", {ASKER}, apart=Apart.NONE),
        _t("filed", "show", "shown", {OPERATOR}),
        _t("filed", "turn-away", "not_shown", {OPERATOR}, Needs.REASON),
        *(_t(state, "join", "joined", {OPERATOR, AUTHORITY}) for state in ("filed", "shown")),
        *(_t(state, "take-back", "taken_back", {ASKER}, apart=Apart.NONE) for state in ("filed", "shown")),
        # An agency that does not have the data says who has it; the request and its term go there.
        _t("shown", "pass-on", "shown", {AGENCY, OPERATOR, AUTHORITY}, Needs.REASON),
        _t("shown", "agree", "agreed", {AGENCY}),
        _t("agreed", "postpone", "agreed", {AGENCY}, Needs.REASON),
        *(_t(state, "refuse", "refused", {AGENCY}, Needs.REASON) for state in ("shown", "agreed")),
        *(_t(state, "fulfil", "fulfilled", {AGENCY}) for state in ("shown", "agreed")),
    ),
)

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
