"""Texts as an index holds them to be given back. Half a character of a pair is kept, as it may stand in any document."""

from __future__ import annotations

import zlib


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def packed(text: str) -> bytes:
    return zlib.compress(encoded(text), 1)


def unpacked(data: bytes) -> str:
    return decoded(zlib.decompress(data))
