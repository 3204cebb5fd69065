"""Takes typed values out of a mapping that was read with its lines, and reports what does not fit."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from enum import Enum
from typing import TypeVar

from ckanext.govdata.rules.domain import MonthDay
from ckanext.govdata.rules.errors import (
    MissingKeyProblem,
    Problem,
    UnknownKeyProblem,
    UnknownValueProblem,
    WrongTypeProblem,
)
from ckanext.govdata.rules.located import Located, Mapping, Reader, Scalar, Sequence

Choice = TypeVar("Choice", bound=Enum)


class Fields:
    """The fields of one mapping. Each getter answers None after it has reported what is wrong at that line."""

    def __init__(self, reader: Reader, mapping: Mapping, where: str = "") -> None:
        self.reader, self.mapping, self.where = reader, mapping, where

    def report(self, kind: type[Problem], at: str | None = None, /, **facts: object) -> None:
        """Report at the key's line, or at the mapping's where the key is absent."""
        self.reader.report(kind, self.line(at), self.where, **facts)

    def line(self, key: str | None = None) -> int:
        return self.mapping.keys.get(key or "", self.mapping.line)

    def has(self, key: str) -> bool:
        return key in self.mapping.entries

    def only(self, known: Collection[str]) -> None:
        """Report each key that is not among the known ones."""
        for key in self.mapping.entries.keys() - set(known):
            self.report(UnknownKeyProblem, key, key=key, known=known)

    def text(self, key: str, required: bool = True) -> str | None:
        value = self._scalar(key, required)
        if value is None:
            return None
        if isinstance(value.value, str) and value.value.strip():
            return value.value.strip()
        return self._wrong(key, value.written, "a text", "文字")

    def whole(self, key: str, required: bool = True) -> int | None:
        """A whole number from 1 on."""
        value = self._scalar(key, required)
        if value is None:
            return None
        if isinstance(value.value, int) and not isinstance(value.value, bool) and value.value > 0:
            return value.value
        return self._wrong(key, value.written, "a whole number from 1 on", "大于零的整数")

    def day(self, key: str) -> date | None:
        """A calendar day such as 2020-01-01; the key may be absent."""
        value = self._scalar(key, required=False)
        if value is None:
            return None
        if type(value.value) is date:
            return value.value
        return self._wrong(key, value.written, "a day such as 2020-01-01", "日期，如 2020-01-01")

    def month_day(self, key: str) -> MonthDay | None:
        """A day of every year, written 06-30."""
        value = self._scalar(key, required=True)
        if value is None:
            return None
        matched = re.fullmatch(r"(\d\d)-(\d\d)", value.written)
        if matched and _is_day(int(matched[1]), int(matched[2])):
            return MonthDay(int(matched[1]), int(matched[2]))
        return self._wrong(key, value.written, "a day of the year such as 06-30", "月日，如 06-30")

    def choice(self, key: str, kinds: type[Choice], unknown: type[Problem] = UnknownValueProblem) -> Choice | None:
        word = self.text(key)
        if word is None:
            return None
        known = [kind.value for kind in kinds]
        if word in known:
            return kinds(word)
        self.report(unknown, key, key=key, value=word, known=known)
        return None

    def words(self, key: str, known: Collection[str], several: bool) -> tuple[str, ...]:
        """One word out of the known ones, or a list of them where several may stand."""
        node = self.mapping.entries[key]
        items = node.items if several and isinstance(node, Sequence) else (node,)
        words = tuple(item.value for item in items if isinstance(item, Scalar) and isinstance(item.value, str))
        if len(words) != len(items) or not words:
            expected = ("a list of words", "词的列表") if several else ("one word", "一个词")
            self._wrong(key, _written(node), *expected)
        for word in words:
            if word not in known:
                self.report(UnknownValueProblem, key, key=key, value=word, known=known)
        return words

    def sub(self, key: str, required: bool = True) -> Mapping | None:
        """A mapping under the key."""
        node = self._node(key, required)
        if node is None or isinstance(node, Mapping):
            return node
        return self._wrong(key, _written(node), "a mapping", "键值结构")

    def items(self, key: str, required: bool = True) -> tuple[Located, ...]:
        """The items of a list under the key."""
        node = self._node(key, required)
        if node is None:
            return ()
        if isinstance(node, Sequence):
            return node.items
        self._wrong(key, _written(node), "a list", "列表")
        return ()

    def _node(self, key: str, required: bool) -> Located | None:
        node = self.mapping.entries.get(key)
        if node is None and required:
            self.report(MissingKeyProblem, key=key)
        return node

    def _scalar(self, key: str, required: bool) -> Scalar | None:
        node = self._node(key, required)
        if node is None or isinstance(node, Scalar):
            return node
        return self._wrong(key, _written(node), "a single value", "单个值")

    def _wrong(self, key: str, written: str, expected: str, expected_zh: str) -> None:
        self.report(WrongTypeProblem, key, key=key, value=written, expected=expected, expected_zh=expected_zh)


def _is_day(month: int, day: int) -> bool:
    try:
        return bool(date(2023, month, day))
    except ValueError:
        return False


def _written(node: Located) -> str:
    if isinstance(node, Scalar):
        return node.written
    return "[…]" if isinstance(node, Sequence) else "{…}"
