"""The Merkle tree of RFC 6962 (RFC 9162 section 2.1) over SHA-256: roots, inclusion proofs, consistency proofs. Pure.

A tree's complete subtrees are named by height and index: `(0, 5)` is the hash of leaf 5, `(3, 1)` that of leaves 8 to 15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from .errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

# Gives the hash of a complete subtree by height and index.
Nodes = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf; the first byte keeps leaves and inner nodes apart."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree that remembers only the roots of its largest complete subtrees: O(log n) hashes."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf's hash."""
        self.push(leaf, 0)

    def push(self, found: bytes, height: int) -> None:
        """Add a complete subtree. It must not be larger than the smallest one there, or the tree would have a hole."""
        peaks = self._peaks
        if self.size & ((1 << height) - 1):
            raise ValueError(f"a subtree of height {height} does not fit behind {self.size} leaves")
        self.size += 1 << height
        while peaks and peaks[-1][0] == height:
            found = sha256(b"\x01" + peaks.pop()[1] + found).digest()
            height += 1
        peaks.append((height, found))

    def copy(self) -> Frontier:
        """The same tree, to grow apart from this one."""
        other = Frontier()
        other.size, other._peaks = self.size, list(self._peaks)
        return other

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self._peaks:
            return EMPTY_ROOT
        found = self._peaks[-1][1]
        for _height, peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def root_at(nodes: Nodes, size: int) -> bytes:
    """The root that the tree had when it had this many leaves."""
    return _range_hash(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree of `size` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return _path(nodes, index, 0, size)


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """The hashes that show that the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} cannot begin with {old} leaves")
    return [] if old in (0, new) else _subproof(nodes, old, 0, new, whole=True)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the leaf stands at `index` of the tree with this root; else raise ProofError (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"Entry {index} lies outside of a log of {size} entries.")
    position, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("The inclusion proof is longer than the tree is high.")
        if position & 1 or position == last:
            found = node_hash(step, found)
            position, last = _up_to_right_child(position, last)
        else:
            found = node_hash(found, step)
        position, last = position >> 1, last >> 1
    if last != 0 or found != root:
        raise ProofError(f"The inclusion proof of entry {index} does not lead to the signed root.")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the tree of `new` leaves begins with that of `old` leaves; else raise ProofError (RFC 9162 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofError(f"A log of {new} entries cannot begin with {old}.")
    if old in (0, new):
        expected = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != expected:
            raise ProofError(f"Two different roots are given for a log of {old} entries.")
        return
    found_old, found_new = _fold_consistency(old, new, old_root, list(proof))
    if found_old != old_root or found_new != new_root:
        raise ProofError(f"The log of {new} entries does not begin with the {old} entries that were signed before.")


def _fold_consistency(old: int, new: int, old_root: bytes, proof: list[bytes]) -> tuple[bytes, bytes]:
    path = [old_root, *proof] if old & (old - 1) == 0 else proof
    if not path:
        raise ProofError("The consistency proof is empty.")
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    found_old = found_new = path[0]
    for step in path[1:]:
        if last == 0:
            raise ProofError("The consistency proof is longer than the tree is high.")
        if position & 1 or position == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            position, last = _up_to_right_child(position, last)
        else:
            found_new = node_hash(found_new, step)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise ProofError("The consistency proof is too short.")
    return found_old, found_new


def _up_to_right_child(position: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the last node has no sibling and is taken over unchanged."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_hash(nodes: Nodes, start: int, end: int) -> bytes:
    count = end - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return nodes(height, start >> height)
    middle = start + _split(count)
    return node_hash(_range_hash(nodes, start, middle), _range_hash(nodes, middle, end))


def _path(nodes: Nodes, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(nodes, index, start, middle), _range_hash(nodes, middle, end)]
    return [*_path(nodes, index, middle, end), _range_hash(nodes, start, middle)]


def _subproof(nodes: Nodes, old: int, start: int, end: int, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [_range_hash(nodes, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(nodes, old, start, middle, whole), _range_hash(nodes, middle, end)]
    return [*_subproof(nodes, old, middle, end, whole=False), _range_hash(nodes, start, middle)]
