"""JSON as a stream: the elements of an array one by one, values after one another, and JSON Lines with a bad line among good."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ListError

_LINES_LOOKED_AT = 50
# Stands for the value of a key that is walked into.
ENTERED = object()
_MOST_WRAPPING = 3
# The longest single value, in characters: a row, or a number or text in the object around the rows.
_LONGEST_VALUE = 1 << 26


class Pairs(list):  # type: ignore[type-arg]
    """A JSON object as its pairs in order, so that a key given twice is seen twice (its stricter value has to count)."""


@dataclass(frozen=True)
class Unreadable:
    """A line of JSON Lines that is no JSON."""

    line: int


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


_DECODER = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=_integer, parse_constant=lambda _: None)


class Buffer:
    """Text that is read on as needed, with the number of the line at which it begins."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self.text, self.place, self.line, self.ended = "", 0, 1, False

    def more(self) -> bool:
        """Read on, at least doubling what waits, so that one huge value costs no square of its size."""
        rest, parts, size = self.text[self.place :], [], 0
        self.line += self.text.count("\n", 0, self.place)
        while size <= len(rest):
            piece = next(self._pieces, None)
            if piece is None:
                self.ended = True
                break
            parts.append(piece)
            size += len(piece)
        self.text, self.place = rest + "".join(parts), 0
        return size > 0

    def peek(self) -> str:
        """The next character that is no white space, or an empty text at the end."""
        while True:
            while self.place < len(self.text) and self.text[self.place] in " \t\r\n\x1e\ufeff":
                self.place += 1
            if self.place < len(self.text):
                return self.text[self.place]
            if not self.more() and self.ended:
                return ""

    def take(self, *expected: str) -> str:
        """The next character, which has to be one of these."""
        found = self.peek()
        if found not in expected:
            raise ListError("json_broken" if found else "json_cut_short", self.here())
        self.place += 1
        return found

    def here(self) -> int:
        return self.line + self.text.count("\n", 0, self.place)

    def value(self) -> Any:
        """The next JSON value, reading on while it is not complete."""
        while True:
            start = self.place
            try:
                found, end = _DECODER.raw_decode(self.text, start)
            except RecursionError:
                raise ListError("json_too_deep", self.here()) from None
            except json.JSONDecodeError as error:
                if len(self.text) - start > _LONGEST_VALUE:
                    raise ListError("json_value_too_long", self.here()) from None
                if not self.more():
                    raise self._broken(error.msg, error.pos - start) from None
                continue
            # A number may go on beyond the text that was read so far.
            if end < len(self.text) or not self.more():
                self.place += end - start
                return found

    def _broken(self, message: str, offset: int) -> ListError:
        cut = offset >= len(self.text) or message.startswith("Unterminated")
        return ListError("json_cut_short" if cut else "json_broken", self.line + self.text.count("\n", 0, offset))


def json_values(pieces: Iterable[str], path: tuple[str, ...] = ()) -> Iterator[Any]:
    """The rows of a JSON text: elements of its arrays, or objects after one another.

    `path` leads from each object at the top to the array that holds its rows; without it such an object is a row itself.
    """
    buffer = Buffer(pieces)
    while char := buffer.peek():
        if char == "[":
            buffer.place += 1
            yield from _elements(buffer)
        elif char == "{" and path:
            yield from (value for found, value in walk(buffer) if found == path and value is not ENTERED)
        elif char == "{":
            yield buffer.value()
        else:
            raise ListError("json_broken", buffer.here())


def _elements(buffer: Buffer) -> Iterator[Any]:
    if buffer.peek() == "]":
        buffer.place += 1
        return
    while True:
        if not buffer.peek():
            raise ListError("json_cut_short", buffer.here())
        yield buffer.value()
        if buffer.take(",", "]") == "]":
            return


def walk(buffer: Buffer, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The inside of the object that begins here: each plain value with the keys that lead to it, each element of its arrays.

    Objects are walked into, three deep; deeper ones are values.
    """
    buffer.take("{")
    if buffer.peek() == "}":
        buffer.place += 1
        return
    while True:
        if buffer.peek() != '"':
            raise ListError("json_broken" if buffer.peek() else "json_cut_short", buffer.here())
        inner = (*path, str(buffer.value()))
        buffer.take(":")
        char = buffer.peek()
        if char == "{" and len(inner) < _MOST_WRAPPING:
            yield inner, ENTERED
            yield from walk(buffer, inner)
        elif char == "[":
            buffer.place += 1
            yield inner, ENTERED
            yield from ((inner, element) for element in _elements(buffer))
        else:
            yield inner, buffer.value()
        if buffer.take(",", "}") == "}":
            return


def is_json_lines(head: str) -> bool:
    """Whether whole objects stand on lines of their own, several of them."""
    lines = [line for line in head.splitlines() if line.strip()]
    for line in lines[:_LINES_LOOKED_AT] if len(lines) > 1 else ():
        try:
            if isinstance(_DECODER.decode(line.strip()), Pairs):
                return True
        except (json.JSONDecodeError, RecursionError):
            continue
    return False


def json_lines(lines: Iterable[str]) -> Iterator[Any]:
    """The value of each line that is not blank; a line that is no JSON is one bad row and does not stop the list."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _DECODER.decode(line.strip().lstrip("\ufeff"))
        except (json.JSONDecodeError, RecursionError):
            yield Unreadable(number)
