"""Which charset a file is in, told by its bytes: BOM, UTF-8, then the Chinese charsets by what the header says in each."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator

from charset_normalizer import from_bytes

from .errors import ListError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("gb18030", "big5", "cp932", "utf-16-le", "utf-16-be")
_SAMPLE = 1 << 16


def charset_of(pieces: Callable[[], Iterable[bytes]], knows: Callable[[str], int]) -> str:
    """The charset of these bytes; `knows` counts the known column names in a text, to tell GB18030 from Big5.

    GB18030 is the default for what is not UTF-8. Raises ListError where no charset fits the whole file.
    """
    head = b"".join(_first(pieces(), _SAMPLE))
    if not head.strip():
        raise ListError("list_empty")
    for bom, name in _BOMS:
        if head.startswith(bom):
            return _whole(pieces, name) or _unknown()
    if b"\x00" not in head and (found := _whole(pieces, "utf-8")):
        return found
    ranked = sorted(_CANDIDATES, key=lambda name: -knows(head.decode(name, "replace")))
    for name in ranked:
        if (b"\x00" in head) == name.startswith("utf-16") and (found := _whole(pieces, name)):
            return found
    guess = from_bytes(head).best()
    if guess and knows(str(guess)) and (found := _whole(pieces, guess.encoding)):
        return found
    return _unknown()


def decoded(pieces: Iterable[bytes], charset: str) -> Iterator[str]:
    """The text piece by piece, without NUL characters. Raises ListError where half a character ends it."""
    decoder = codecs.getincrementaldecoder(charset)("strict")
    for piece in pieces:
        yield decoder.decode(piece).replace("\x00", "")
    try:
        yield decoder.decode(b"", final=True).replace("\x00", "")
    except UnicodeError:
        raise ListError("text_cut_short") from None


def _first(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return


def _whole(pieces: Callable[[], Iterable[bytes]], charset: str) -> str | None:
    try:
        for _ in decoded(pieces(), charset):
            pass
    except UnicodeError:
        return None
    except ListError as error:
        # Half a character at the very end is a cut file in this charset, not another charset.
        return charset if error.cause == "text_cut_short" else _raise(error)
    return charset


def _raise(error: ListError) -> None:
    raise error


def _unknown() -> str:
    raise ListError("charset_unknown")
