"""The tier of a row, told by its own words. Nothing opens but by a whole cell that the vocabulary opens (LYG-6, LYG-9).

Where several columns speak of the tier the strictest rules; a word that nobody has mapped holds the row for a decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ckanext.govdata.catalogue.domain import OpenTier, strictest

from .columns import ColumnPlan, field_of
from .text import clean, one_line
from .vocabulary import folded, is_placeholder, tier_words, tier_words_of, words

Cells = Mapping[str, Sequence[Any]]
_WORD_LIMIT = 200


@dataclass(frozen=True)
class Reading:
    """What one cell says: a tier, or a word nobody knows, or (both empty) a plain yes; a silent cell gives no reading."""

    column: str
    word: str
    tier: OpenTier | None
    agrees: bool = False
    decided: bool = False


@dataclass(frozen=True)
class TierDecision:
    """The tier of a row, or why it is held; `column` and `word` show what decided, `conditions` is text found beside it.

    `decided` says that a word counted which people decided for this source. `silent` is the word that
    stands for nothing (无, 暂无) in a cell that does not state the tier.
    """

    tier: OpenTier | None
    cause: str = ""
    column: str = ""
    word: str = ""
    conditions: str = ""
    several: bool = False
    silent: str = ""
    decided: bool = False


def read_cell(column: str, value: Any, decided: Mapping[str, str] | None = None) -> list[Reading]:
    """What a cell of a tier column says; several words in one list are several readings."""
    if isinstance(value, (list, tuple)):
        return [reading for held in value for reading in read_cell(column, held, decided)]
    if isinstance(value, bool):
        value = "是" if value else "否"
    if is_placeholder(value):
        return []
    word = folded(value)
    shown = one_line(value)[:_WORD_LIMIT]
    if tier := tier_words_of(column).get(word) or tier_words().get(word):
        return [Reading(column, shown, OpenTier(tier))]
    if decided and (tier := decided.get(word)):
        return [Reading(column, shown, OpenTier(tier), decided=True)]
    if column.lstrip().startswith("是否") or column.lower().startswith("is"):
        if word in words("tiers", "no"):
            return [Reading(column, shown, OpenTier.NOT_OPEN)]
        if word in words("tiers", "yes"):
            return [Reading(column, shown, None, agrees=True)]
    return [Reading(column, shown, None)]


def decide_tier(cells: Cells, plan: ColumnPlan, item_readings: Sequence[Reading] = ()) -> TierDecision:
    """The tier that a row's cells say, or the cause that holds it."""
    main, beside = _speaking_columns(plan)
    own = plan.correction.tiers
    readings = _readings(cells, [column for column in main if not _begins_silent(cells, column)], own)
    # Below a cell that is silent the further rows of an entry speak of their items alone.
    item_readings = [
        *item_readings,
        *_readings(cells, [column for column in main if _begins_silent(cells, column)], own),
    ]
    unknown = [reading for reading in (*readings, *item_readings) if reading.tier is None and not reading.agrees]
    if unknown:
        return TierDecision(None, "tier_unknown", unknown[0].column, _joined([*readings, *unknown]))
    known = [reading for reading in readings if reading.tier]
    stricter, conditions = _beside(cells, beside)
    stricter += [reading for reading in item_readings if reading.tier]
    stricter += [found for found in _readings(cells, plan.hints) if found.tier not in (None, OpenTier.UNCONDITIONAL)]
    decided = _settled(known, stricter, conditions, readings, main)
    if decided.cause == "tier_missing":
        return replace(decided, silent=_silent(cells, main))
    return replace(decided, decided=any(reading.decided for reading in readings))


def _begins_silent(cells: Cells, column: str) -> bool:
    held = cells.get(column, ())
    return len(held) > 1 and is_placeholder(held[0])


def _silent(cells: Cells, columns: Sequence[str]) -> str:
    return next(
        (one_line(value) for column in columns for value in cells.get(column, ()) if value not in (None, "")), ""
    )


def _speaking_columns(plan: ColumnPlan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that name the tier in this list, and those beside them that may hold conditions of use instead."""
    if plan.of("open_tier"):
        return plan.of("open_tier"), (*plan.of("open_conditions"), *plan.of("open_mode"))
    if plan.of("open_conditions"):
        return plan.of("open_conditions"), plan.of("open_mode")
    return plan.of("open_mode"), ()


def _readings(cells: Cells, columns: Sequence[str], decided: Mapping[str, str] | None = None) -> list[Reading]:
    return [
        reading
        for column in columns
        for value in cells.get(column, ())
        for reading in read_cell(column, value, decided)
    ]


def _beside(cells: Cells, columns: Sequence[str]) -> tuple[list[Reading], list[Reading]]:
    """Tier words in the columns beside the tier's own, and the free text there."""
    found = _readings(cells, columns)
    texts = [reading for reading in found if reading.tier is None and not reading.agrees]
    return [reading for reading in found if reading.tier], texts


def _settled(
    known: list[Reading], others: list[Reading], texts: list[Reading], readings: list[Reading], main: Sequence[str]
) -> TierDecision:
    conditions = "\n".join(clean(text.word) for text in texts)
    if not known:
        return _without_own_word(others, conditions, readings, main)
    speaking = [*known, *others]
    tier = strictest(reading.tier for reading in speaking if reading.tier)
    deciding = next(reading for reading in speaking if reading.tier is tier)
    several = len({reading.tier for reading in speaking}) > 1
    restricting = [text for text in texts if folded(text.word) not in words("tiers", "no_condition")]
    if tier is OpenTier.UNCONDITIONAL and _are_conditions(restricting):
        return TierDecision(None, "tier_conflict", restricting[0].column, _joined([*known, *restricting]), conditions)
    return TierDecision(tier, "", deciding.column, deciding.word, conditions, several)


def _are_conditions(texts: list[Reading]) -> bool:
    """Text in a column on conditions contradicts an unconditional tier; in one on the mode of handing out it does not."""
    return any(_names_conditions(text) for text in texts)


def _names_conditions(reading: Reading) -> bool:
    return (field_of(reading.column) or ("",))[0] == "open_conditions"


def _without_own_word(
    others: list[Reading], conditions: str, readings: list[Reading], main: Sequence[str]
) -> TierDecision:
    """The tier's own columns are silent: a stricter word elsewhere counts, an opening one does not."""
    tier = strictest(reading.tier for reading in others if reading.tier)
    if tier not in (None, OpenTier.UNCONDITIONAL):
        deciding = next(reading for reading in others if reading.tier is tier)
        return TierDecision(tier, "", deciding.column, deciding.word, conditions)
    opening = [reading for reading in others if _names_conditions(reading) and reading.tier]
    if readings and opening and not conditions:
        # A plain yes to the question whether it is opened, and the word for it where the conditions stand.
        return TierDecision(OpenTier.UNCONDITIONAL, "", opening[0].column, opening[0].word)
    if readings:
        return TierDecision(None, "tier_unknown", readings[0].column, _joined(readings), conditions)
    return TierDecision(None, "tier_missing", main[0] if main else "", "", conditions)


def _joined(readings: Sequence[Reading]) -> str:
    """The words of a row on its tier, each once, as they stood."""
    return "；".join(dict.fromkeys(reading.word for reading in readings))[:_WORD_LIMIT]
