"""Decoded text as bytes in UTF-8, for parsers that read bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable


class TextBytes(io.RawIOBase):
    """A file of the text's bytes, read on piece by piece."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, or all that is left."""
        parts = [self._rest]
        held = len(self._rest)
        while size < 0 or held < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece.encode("utf-8", "replace"))
            held += len(parts[-1])
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._rest = whole[cut:]
        return whole[:cut]
