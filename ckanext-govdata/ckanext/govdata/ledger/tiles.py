"""The tree cut into tiles of 256 hashes (C2SP tlog-tiles), as it is stored and published. Pure.

The hashes of a tile at level L are the roots of 256**L entries each; a tile's root is one hash of the level above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .tree import HASH_SIZE, Frontier, Nodes, node_hash

WIDTH = 256
_BITS = 8
MAX_LEVEL = 63

# Gives a tile's bytes by level, index and width (1 to 256 hashes).
ReadTile = Callable[[int, int, int], bytes]


@dataclass(frozen=True)
class Tile:
    """A full tile: where it stands, its 256 hashes in a row, and their root."""

    level: int
    index: int
    hashes: bytes
    root: bytes


class TileBuilder:
    """Grows the tree leaf by leaf and hands out each tile the moment it is full.

    `partials[level]` holds the hashes of the last, unfinished tile of that level, lowest level first.
    """

    def __init__(self, partials: Sequence[Sequence[bytes]] = (), size: int = 0) -> None:
        self.size = size
        self._partials = [list(hashes) for hashes in partials]
        if size != sum(len(hashes) << (_BITS * level) for level, hashes in enumerate(self._partials)):
            raise ValueError("the unfinished tiles do not make up a tree of this size")

    def append(self, leaf: bytes) -> list[Tile]:
        """Add a leaf's hash; returns the tiles that it completes, lowest first."""
        self.size += 1
        full: list[Tile] = []
        level, found = 0, leaf
        while True:
            if level == len(self._partials):
                self._partials.append([])
            hashes = self._partials[level]
            hashes.append(found)
            if len(hashes) < WIDTH:
                return full
            tile = Tile(level, (self.size >> (_BITS * (level + 1))) - 1, b"".join(hashes), complete_root(hashes))
            hashes.clear()
            full.append(tile)
            level, found = level + 1, tile.root

    def unfinished(self) -> list[bytes]:
        """The leaves behind the last full tile."""
        return list(self._partials[0]) if self._partials else []

    def root(self) -> bytes:
        """The root of the whole tree."""
        frontier = Frontier()
        for level in reversed(range(len(self._partials))):
            for found in self._partials[level]:
                frontier.push(found, _BITS * level)
        return frontier.root()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    found = list(hashes)
    while len(found) > 1:
        found = [node_hash(found[at], found[at + 1]) for at in range(0, len(found), 2)]
    return found[0]


def split_hashes(data: bytes) -> list[bytes]:
    """A tile's bytes as hashes."""
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes this tile has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> (_BITS * level)) - index * WIDTH))


def nodes_of_tiles(read: ReadTile, size: int) -> Nodes:
    """The complete subtrees of a tree of `size` leaves, found in its tiles; each tile is read once."""
    seen: dict[tuple[int, int], list[bytes]] = {}

    def node(height: int, index: int) -> bytes:
        level, rest = divmod(height, _BITS)
        first = index << rest
        tile = first // WIDTH
        if (level, tile) not in seen:
            seen[level, tile] = split_hashes(read(level, tile, tile_width(level, tile, size)))
        offset = first % WIDTH
        found = seen[level, tile][offset : offset + (1 << rest)]
        if len(found) != 1 << rest:
            raise LookupError(f"tile {tile} of level {level} is shorter than a tree of {size} leaves needs")
        return complete_root(found)

    return node


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The tile's path below the log's address, such as `tile/0/x001/067.p/12`."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def parse_tile_path(path: str) -> tuple[int, int, int] | None:
    """Level, index and width of a path that `tile_path` could have made; None for any other."""
    head, _, partial = path.removeprefix("tile/").partition(".p/")
    level_text, _, index_text = head.partition("/")
    digits = index_text.replace("x", "").replace("/", "")
    numbers = (level_text, digits, partial or str(WIDTH))
    if not all(text.isascii() and text.isdigit() and len(text) < 20 for text in numbers):
        return None
    level, index, width = (int(text) for text in numbers)
    known = level <= MAX_LEVEL and 1 <= width <= WIDTH and tile_path(level, index, width) == path
    return (level, index, width) if known else None
