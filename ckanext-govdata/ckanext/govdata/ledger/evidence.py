"""What a pass over the whole log finds: which entries do not fit chain, tiles or checkpoints. Pure; `findings` judges it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .chain import START, chain_hash
from .checkpoint import Checkpoint
from .tiles import WIDTH, Tile, TileBuilder
from .tree import HASH_SIZE, Frontier, leaf_hash

# seq, prev_hash, hash, entry; in the order of seq.
Row = tuple[int, bytes, bytes, bytes]
# Above this many of a kind only their number is kept.
LIMIT = 4096


@dataclass(frozen=True)
class Mark:
    """A checkpoint that somebody holds: `database`, `anchors` or a witness's name. `fault` says why it is not trusted."""

    source: str
    checkpoint: Checkpoint
    fault: str = ""


@dataclass(frozen=True)
class Link:
    """One row's place in the chain: what it says came before, what it says it is, and its entry's leaf hash."""

    seq: int
    previous: bytes
    hash: bytes
    leaf: bytes


@dataclass
class Evidence:
    """The facts. Sequence numbers count from 0; `gaps` are half open."""

    size: int = 0
    root: bytes = b""
    gaps: list[tuple[int, int]] = field(default_factory=list)
    altered: list[Link] = field(default_factory=list)
    unlinked: list[Link] = field(default_factory=list)
    # By seq: the leaf hash of the entry as it is, and the one that its tile remembers.
    moved: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    damaged_tiles: list[tuple[int, int]] = field(default_factory=list)
    tiles_beyond: int = 0
    right: list[Mark] = field(default_factory=list)
    wrong: list[Mark] = field(default_factory=list)
    beyond: list[Mark] = field(default_factory=list)
    untrusted: list[Mark] = field(default_factory=list)
    # The rows behind the last full tile.
    tail: list[Link] = field(default_factory=list)


def gather(rows: Iterable[Row], tiles: Iterable[Tile], marks: Sequence[Mark]) -> Evidence:
    """Read the whole log once and compare it with its tiles and with the checkpoints that are known of it.

    `tiles` come level 0 first, by index within a level. Memory stays small: one tile, O(log n) hashes, and the evidence.
    """
    return _Pass(tiles, marks).over(rows)


class _Pass:
    def __init__(self, tiles: Iterable[Tile], marks: Sequence[Mark]) -> None:
        self._found = Evidence(untrusted=[mark for mark in marks if mark.fault])
        trusted = (mark for mark in marks if not mark.fault)
        self._marks = sorted(trusted, key=lambda mark: mark.checkpoint.size, reverse=True)
        self._tiles = iter(tiles)
        self._next_tile = next(self._tiles, None)
        self._builder = TileBuilder()
        self._frontier = Frontier()
        self._higher: list[Tile] = []

    def over(self, rows: Iterable[Row]) -> Evidence:
        found, expected, before = self._found, 0, START
        self._meet_marks(0)
        for seq, previous, own, data in rows:
            if seq != expected:
                found.gaps.append((expected, seq))
            leaf = leaf_hash(data)
            link = Link(seq, previous, own, leaf)
            if chain_hash(previous, leaf) != own:
                _keep(found.altered, link)
            if previous != before and seq == expected:
                _keep(found.unlinked, link)
            before, expected = own, seq + 1
            self._grow(link)
        found.size, found.root = expected, self._root()
        found.beyond = list(reversed(self._marks))
        self._compare_higher()
        return found

    def _grow(self, link: Link) -> None:
        found = self._found
        found.tail.append(link)
        for tile in self._builder.append(link.leaf):
            if tile.level:
                self._higher.append(tile)
                continue
            self._frontier.push(tile.root, 8)
            self._compare_leaves(tile)
            found.tail = []
        if not found.gaps and self._marks and self._marks[-1].checkpoint.size == self._builder.size:
            self._meet_marks(self._builder.size)

    def _meet_marks(self, size: int) -> None:
        while self._marks and self._marks[-1].checkpoint.size == size:
            mark = self._marks.pop()
            (self._found.right if mark.checkpoint.root == self._root() else self._found.wrong).append(mark)

    def _root(self) -> bytes:
        frontier = self._frontier.copy()
        for leaf in self._builder.unfinished():
            frontier.append(leaf)
        return frontier.root()

    def _compare_leaves(self, tile: Tile) -> None:
        """Only without gaps do rows and tiles run in step."""
        stored = self._take(0, tile.index)
        if stored is None or self._found.gaps:
            if not self._found.gaps:
                _keep(self._found.damaged_tiles, (0, tile.index))
            return
        if stored.hashes != tile.hashes:
            for at, (is_now, was) in enumerate(zip(_split(tile.hashes), _split(stored.hashes), strict=True)):
                if is_now != was and len(self._found.moved) < LIMIT:
                    self._found.moved[tile.index * WIDTH + at] = (is_now, was)
        elif stored.root != tile.root:
            _keep(self._found.damaged_tiles, (0, tile.index))

    def _take(self, level: int, index: int) -> Tile | None:
        while self._next_tile and (self._next_tile.level, self._next_tile.index) < (level, index):
            self._next_tile = next(self._tiles, None)
        tile = self._next_tile
        if tile is None or (tile.level, tile.index) != (level, index):
            return None
        self._next_tile = next(self._tiles, None)
        return tile

    def _compare_higher(self) -> None:
        """Tiles above level 0 follow from those at level 0: compared only when these are sound."""
        found = self._found
        last = found.size // WIDTH
        while self._next_tile and self._next_tile.level == 0:
            found.tiles_beyond += self._next_tile.index >= last
            self._next_tile = next(self._tiles, None)
        if found.moved or found.gaps:
            return
        for tile in sorted(self._higher, key=lambda tile: (tile.level, tile.index)):
            if self._take(tile.level, tile.index) != tile:
                _keep(found.damaged_tiles, (tile.level, tile.index))


def _keep(kept: list, item: object) -> None:
    if len(kept) < LIMIT:
        kept.append(item)


def _split(hashes: bytes) -> Iterator[bytes]:
    return (hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE))
