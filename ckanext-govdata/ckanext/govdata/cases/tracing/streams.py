"""The secret numbers behind a delivery's marks: one row, one number, out of a key and nothing else. Pure."""

from __future__ import annotations

import hashlib
import hmac
import sys
from array import array
from collections.abc import Sequence

SCHEME = "rows-1"
_WORD = 8


def mark_key(portal_key: bytes, source_sha256: str, holder: str) -> bytes:
    """The key of one holder's marks in one version of a file; repeats of a delivery have the same.

    `holder` is the grant under which it goes out. Without the portal's key nobody can tell any of its numbers.
    """
    return hmac.new(portal_key, f"{SCHEME}\0{source_sha256}\0{holder}".encode(), "sha256").digest()


def numbers(key: bytes, purpose: str, count: int) -> Sequence[int]:
    """One number of 64 bits for each row, evenly spread and independent for whoever has not the key (SHAKE-256)."""
    found = array("Q")
    found.frombytes(hashlib.shake_256(key + purpose.encode()).digest(_WORD * count))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def bits(key: bytes, purpose: str, count: int) -> bytes:
    """One bit for each row, each in a byte of its own."""
    return bytes(byte & 1 for byte in hashlib.shake_256(key + purpose.encode()).digest(count))


def row_order(key: bytes, count: int) -> list[int]:
    """In which order the rows of the source stand in this holder's file."""
    drawn = numbers(key, ORDER, count)
    return sorted(range(count), key=drawn.__getitem__)


ORDER = "order"
FORMAT = "format"
DIGITS = "digits:"
