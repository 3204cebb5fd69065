"""Texts as an index holds them to be given back. Half a character of a pair is kept, as it may stand in any document.

Packed as zlib packs, by a library that takes half the time.
"""

from __future__ import annotations

from isal import isal_zlib


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def packed(text: str) -> bytes:
    return isal_zlib.compress(encoded(text), 1)


def unpacked(data: bytes) -> str:
    return decoded(isal_zlib.decompress(data))
