"""The Merkle tree against RFC 6962's published vectors and against its own recursive definition."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.govdata.ledger import tree
from ckanext.govdata.ledger.errors import ProofError

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
LEAVES = [tree.leaf_hash(entry) for entry in INPUTS]


def nodes_over(leaves: list[bytes]) -> tree.Nodes:
    def node(height: int, index: int) -> bytes:
        return tree.root_of(leaves[index << height : (index + 1) << height])

    return node


@pytest.mark.parametrize(("size", "root"), enumerate(ROOTS))
def test_roots_are_those_of_the_published_vectors(size: int, root: str) -> None:
    assert tree.root_of(LEAVES[:size]).hex() == root
    assert tree.root_at(nodes_over(LEAVES), size).hex() == root


@pytest.mark.parametrize(
    ("index", "size", "proof"), [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, ROOTS[4]]), (2, 3, [ROOTS[2]])]
)
def test_inclusion_proofs_are_those_of_the_published_vectors(index: int, size: int, proof: list[str]) -> None:
    assert [step.hex() for step in tree.inclusion_proof(nodes_over(LEAVES), index, size)] == proof


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])],
)
def test_consistency_proofs_are_those_of_the_published_vectors(old: int, new: int, proof: list[str]) -> None:
    assert [step.hex() for step in tree.consistency_proof(nodes_over(LEAVES), old, new)] == proof


@cache
def _leaf(number: int) -> bytes:
    return tree.leaf_hash(str(number).encode())


def _leaves(size: int) -> list[bytes]:
    return [_leaf(number) for number in range(size)]


def _defined_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + _defined_root(leaves[:k]) + _defined_root(leaves[k:])).digest()


@given(st.integers(0, 300))
def test_a_growing_frontier_has_the_defined_root(size: int) -> None:
    assert tree.root_of(_leaves(size)) == _defined_root(_leaves(size))


@given(st.data())
def test_every_inclusion_proof_leads_to_the_root_and_to_no_other_leaf_or_place(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = _leaves(size)
    root, proof = tree.root_of(leaves), tree.inclusion_proof(nodes_over(leaves), index, size)
    tree.verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda at: at != index)) if size > 1 else None
    with pytest.raises(ProofError):
        tree.verify_inclusion(tree.leaf_hash(b"another"), index, size, proof, root)
    if other is not None:
        with pytest.raises(ProofError):
            tree.verify_inclusion(leaves[index], other, size, proof, root)
    with pytest.raises(ProofError):
        tree.verify_inclusion(leaves[index], index, size, [*proof, root], root)


@given(st.data())
def test_every_consistency_proof_holds_and_no_other_history_passes(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 300))
    old = data.draw(st.integers(1, new))
    leaves = _leaves(new)
    roots = tree.root_of(leaves[:old]), tree.root_of(leaves)
    proof = tree.consistency_proof(nodes_over(leaves), old, new)
    tree.verify_consistency(old, new, *roots, proof)
    changed = data.draw(st.integers(0, old - 1))
    forged = [*leaves[:changed], tree.leaf_hash(b"another"), *leaves[changed + 1 :]]
    forged_proof = tree.consistency_proof(nodes_over(forged), old, new)
    with pytest.raises(ProofError):
        tree.verify_consistency(old, new, roots[0], tree.root_of(forged), forged_proof)
    with pytest.raises(ProofError):
        tree.verify_consistency(old, new, *roots, [*proof, roots[0]])


def test_a_log_cannot_shrink() -> None:
    with pytest.raises(ProofError):
        tree.verify_consistency(3, 2, LEAVES[0], LEAVES[1], [])
    with pytest.raises(ValueError, match="cannot begin"):
        tree.consistency_proof(nodes_over(LEAVES), 3, 2)


def test_a_subtree_is_not_put_where_it_would_leave_a_hole() -> None:
    frontier = tree.Frontier()
    frontier.append(LEAVES[0])
    with pytest.raises(ValueError, match="does not fit"):
        frontier.push(LEAVES[1], 1)
