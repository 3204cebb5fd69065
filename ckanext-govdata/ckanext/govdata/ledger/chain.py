"""The hash chain: each entry's hash covers the one before it, so a change is found at the entry where it was made. Pure."""

from __future__ import annotations

from hashlib import sha256

from .tree import HASH_SIZE

# What the first entry's `prev_hash` is.
START = bytes(HASH_SIZE)


def chain_hash(previous: bytes, leaf: bytes) -> bytes:
    """The hash of an entry in the chain: SHA-256 over 0x02, the hash before it, and its leaf hash in the tree.

    The first byte keeps it apart from the tree's leaves (0x00) and nodes (0x01).
    """
    return sha256(b"\x02" + previous + leaf).digest()
