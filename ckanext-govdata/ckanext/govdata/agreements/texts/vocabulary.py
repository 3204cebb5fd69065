"""Use codes: conditions of use as data, read from vocabulary.yaml. Pure.

A dataset carries conditions as `code` or `code:value`, such as `report_use:6`; each becomes a clause of its agreements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ...msgids import N_
from ..errors import ConditionUnknown

LANGUAGES = ("zh_Hans_CN", "en")
Words = Mapping[str, str]


class Value(str, Enum):
    """What a code's value is: nothing, a count of months, days or hours, a level of protection 1-5, a short text."""

    NONE = ""
    MONTHS = "months"
    DAYS = "days"
    HOURS = "hours"
    LEVEL = "level"
    TEXT = "text"


_MOST = {Value.MONTHS: 600, Value.DAYS: 3650, Value.HOURS: 720, Value.LEVEL: 5}
_TEXT_LENGTH = 100


@dataclass(frozen=True)
class UseCode:
    """A condition of use: its words in both languages and the rules behind it."""

    code: str
    rules: tuple[str, ...]
    value: Value
    label: Words
    plain: Words
    clause: Words


@dataclass(frozen=True)
class Condition:
    """A use code with its value, empty for codes that take none."""

    code: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.code}:{self.value}" if self.value else self.code


@cache
def vocabulary() -> Mapping[str, UseCode]:
    """All use codes, in the order in which their clauses stand."""
    told = yaml.safe_load((Path(__file__).parent / "vocabulary.yaml").read_text(encoding="utf-8"))
    return {one["code"]: _code(one) for one in told["codes"]}


def _code(one: Mapping[str, Any]) -> UseCode:
    rules, value = tuple(one["rules"]), Value(one.get("value", ""))
    return UseCode(one["code"], rules, value, *(dict(one[part]) for part in ("label", "plain", "clause")))


def read_condition(text: str) -> Condition:
    """A condition as a dataset carries it. Raises ConditionUnknown, which says what is wrong with it."""
    code, _, value = (part.strip() for part in text.partition(":"))
    known = vocabulary().get(code)
    if known is None:
        raise ConditionUnknown("use_codes", N_("{code} is no use code. Choose from the vocabulary."), code=code)
    if known.value is Value.NONE and value:
        raise ConditionUnknown("use_codes", N_("{code} takes no value. Write it alone."), code=code)
    return Condition(code, _checked(known, value))


def _checked(known: UseCode, value: str) -> str:
    if known.value is Value.NONE:
        return ""
    if known.value is Value.TEXT:
        if not 0 < len(value) <= _TEXT_LENGTH:
            message = N_("{code} needs a text of 1 to {most} characters, as in {code}:text.")
            raise ConditionUnknown("use_codes", message, code=known.code, most=_TEXT_LENGTH)
        return value
    most = _MOST[known.value]
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value) or int(value) > most:
        message = N_("{code} needs a number from 1 to {most}, as in {code}:{most}.")
        raise ConditionUnknown("use_codes", message, code=known.code, most=most)
    return value


def read_conditions(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Conditions in the vocabulary's order, each code once. Raises ConditionUnknown."""
    found = {condition.code: condition for condition in map(read_condition, texts)}
    return tuple(found[code] for code in vocabulary() if code in found)


def words(condition: Condition, part: str) -> dict[str, str]:
    """`label`, `plain` or `clause` of a condition in each language, its value filled in."""
    found: Words = getattr(vocabulary()[condition.code], part)
    return {language: found[language].replace("{value}", condition.value) for language in LANGUAGES}
