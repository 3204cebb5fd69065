"""Tiles: built leaf by leaf, read back as nodes, named as C2SP names them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.govdata.ledger import tiles, tree

LEAVES = [tree.leaf_hash(str(number).encode()) for number in range(70_000)]


class Shelf:
    """Full tiles as the builder hands them out, and unfinished ones cut from the level below."""

    def __init__(self, size: int) -> None:
        self.builder = tiles.TileBuilder()
        self.full: dict[tuple[int, int], tiles.Tile] = {}
        for leaf in LEAVES[:size]:
            for tile in self.builder.append(leaf):
                self.full[tile.level, tile.index] = tile
        self.size = size

    def read(self, level: int, index: int, width: int) -> bytes:
        if (level, index) in self.full:
            return self.full[level, index].hashes[: width * 32]
        first = index * tiles.WIDTH
        if level == 0:
            return b"".join(LEAVES[first : first + width])
        return b"".join(self.full[level - 1, at].root for at in range(first, first + width))


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(len(LEAVES))


def test_the_builder_and_the_frontier_agree_on_the_root(shelf: Shelf) -> None:
    assert shelf.builder.root() == tree.root_of(LEAVES)
    assert sorted(shelf.full) == [(0, index) for index in range(273)] + [(1, 0)]


def test_the_widths_are_those_of_the_specification() -> None:
    assert [tiles.tile_width(0, 272, 70_000), tiles.tile_width(0, 273, 70_000)] == [256, 112]
    assert [tiles.tile_width(1, 0, 70_000), tiles.tile_width(1, 1, 70_000)] == [256, 17]
    assert [tiles.tile_width(2, 0, 70_000), tiles.tile_width(2, 1, 70_000)] == [1, 0]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_proofs_made_from_tiles_hold_for_any_earlier_size(shelf: Shelf, data: st.DataObject) -> None:
    sizes = sorted(data.draw(st.lists(st.integers(1, len(LEAVES)), min_size=2, max_size=4, unique=True)))
    for old, new in pairwise(sizes):
        nodes = tiles.nodes_of_tiles(shelf.read, new)
        roots = tree.root_of(LEAVES[:old]), tree.root_of(LEAVES[:new])
        tree.verify_consistency(old, new, *roots, tree.consistency_proof(nodes, old, new))
        tree.verify_inclusion(LEAVES[old - 1], old - 1, new, tree.inclusion_proof(nodes, old - 1, new), roots[1])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537])
def test_a_builder_taken_up_again_goes_on_where_it_stood(shelf: Shelf, size: int) -> None:
    partials = []
    for level in range(3):
        width = tiles.tile_width(level, (size >> (8 * level)) // 256, size)
        partials.append(tiles.split_hashes(shelf.read(level, (size >> (8 * level)) // 256, width)) if width else [])
    builder = tiles.TileBuilder(partials, size)
    assert builder.root() == tree.root_of(LEAVES[:size])
    for leaf in LEAVES[size : size + 300]:
        builder.append(leaf)
    assert builder.root() == tree.root_of(LEAVES[: size + 300])


def test_unfinished_tiles_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="do not make up"):
        tiles.TileBuilder([[LEAVES[0]]], 2)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("tile/0/000", (0, 0, 256)),
        ("tile/0/x001/x234/067.p/12", (0, 1_234_067, 12)),
        ("tile/2/x001/000", (2, 1000, 256)),
    ],
)
def test_paths_are_those_of_the_specification(path: str, place: tuple[int, int, int]) -> None:
    assert tiles.tile_path(*place) == path
    assert tiles.parse_tile_path(path) == place


@pytest.mark.parametrize(
    "path",
    [
        *(
            "tile/0/0",
            "tile/00/000",
            "tile/64/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/001/000",
            "tile/-1/000",
        ),
        *("tile/0/x000/001", "tile/entries/000", "tile/0/000.p/012", "tile//", "tile/0/٠٠٠", "tile/0/000.p/", "0/000"),
    ],
)
def test_other_spellings_of_a_path_are_unknown(path: str) -> None:
    assert tiles.parse_tile_path(path) is None
