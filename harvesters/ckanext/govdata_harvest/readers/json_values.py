"""JSON as a stream: the elements of an array one by one, values after one another, and JSON Lines with a bad line among good."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ListError

_LINES_LOOKED_AT = 50


class Pairs(list):  # type: ignore[type-arg]
    """A JSON object as its pairs in order, so that a key given twice is seen twice (its stricter value has to count)."""


@dataclass(frozen=True)
class Unreadable:
    """A line of JSON Lines that is no JSON."""

    line: int


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


_DECODER = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=_integer, parse_constant=lambda _: None)


class _Buffer:
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


def json_values(pieces: Iterable[str]) -> Iterator[Any]:
    """The rows of a JSON text: elements of its arrays, or objects after one another; a wrapping object is looked into."""
    buffer = _Buffer(pieces)
    while char := buffer.peek():
        if char == "[":
            buffer.place += 1
            yield from _elements(buffer)
        elif char == "{":
            yield from _unwrapped(buffer.value())
        else:
            raise ListError("json_broken", buffer.here())


def _elements(buffer: _Buffer) -> Iterator[Any]:
    if buffer.peek() == "]":
        buffer.place += 1
        return
    while True:
        if not buffer.peek():
            raise ListError("json_cut_short", buffer.here())
        yield buffer.value()
        separator = buffer.peek()
        if separator not in (",", "]"):
            raise ListError("json_broken" if separator else "json_cut_short", buffer.here())
        buffer.place += 1
        if separator == "]":
            return


def _unwrapped(value: Any) -> Iterator[Any]:
    """An object that only wraps one list of objects gives that list's rows; any other is a row itself."""
    inner = value
    for _ in range(3):
        lists = [held for _, held in inner if isinstance(held, list) and any(isinstance(row, Pairs) for row in held)]
        rows = [held for held in lists if not isinstance(held, Pairs)]
        if len(rows) == 1 and not _is_row(inner):
            yield from rows[0]
            return
        nested = [held for _, held in inner if isinstance(held, Pairs)]
        if len(nested) != 1 or _is_row(inner):
            break
        inner = nested[0]
    yield value


def _is_row(pairs: Pairs) -> bool:
    """A catalogue entry with its data items inside has Chinese keys or more text than a wrapper has."""
    texts = [key for key, held in pairs if isinstance(held, str)]
    return len(texts) > 4 or any(any("\u4e00" <= char <= "\u9fff" for char in key) for key in texts)


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
