"""Trees, proofs and notes checked by Go's transparency log packages."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata.ledger import tree
from ckanext.govdata.ledger.checkpoint import Checkpoint, open_checkpoint, sign
from ckanext.govdata.ledger.note import Signer

ENTRIES = [f'{{"n":{number}}}'.encode() for number in range(40)]
LEAVES = [tree.leaf_hash(entry) for entry in ENTRIES]
SOURCE = Path(__file__).parent / "golang"


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None:
        pytest.skip("no Go compiler on this machine")
    program = tmp_path_factory.mktemp("golang") / "tlogcheck"
    built = subprocess.run(["go", "build", "-o", str(program), "."], cwd=SOURCE, capture_output=True, text=True)
    if built.returncode and "golang.org/x/mod" in built.stderr and "main.go" not in built.stderr:
        pytest.skip(f"golang.org/x/mod cannot be fetched: {built.stderr.strip()[-200:]}")
    assert built.returncode == 0, built.stderr
    return program


def _ask(checker: Path, request: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(checker)], input=json.dumps(request), capture_output=True, text=True)


def _nodes(height: int, index: int) -> bytes:
    return tree.root_of(LEAVES[index << height : (index + 1) << height])


def _texts(proof: list[bytes]) -> list[str]:
    return [_text(step) for step in proof]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _request(signer: Signer) -> dict[str, Any]:
    size = len(ENTRIES)
    pairs = [(low, high) for high in range(1, size + 1) for low in range(1, high + 1)]
    return {
        "Entries": [_text(entry) for entry in ENTRIES],
        "Inclusion": [
            {"Index": low - 1, "Size": high, "Proof": _texts(tree.inclusion_proof(_nodes, low - 1, high))}
            for low, high in pairs
        ],
        "Consistency": [
            {"Old": low, "New": high, "Proof": _texts(tree.consistency_proof(_nodes, low, high))} for low, high in pairs
        ],
        "Note": sign(Checkpoint(signer.name, size, tree.root_of(LEAVES)), signer).encode(),
        "Key": signer.verifier.encode(),
        "Private": signer.encode(),
    }


def test_go_finds_the_same_roots_and_accepts_every_proof_and_note(checker: Path) -> None:
    signer = Signer.generate("data.example.cn/ledger")
    request = _request(signer)
    run = _ask(checker, request)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["Roots"] == [_text(tree.root_of(LEAVES[:size])) for size in range(1, len(LEAVES) + 1)]
    assert answer["Signed"] == request["Note"]
    assert open_checkpoint(answer["Signed"], [signer.verifier]).size == len(LEAVES)


def test_go_refuses_a_proof_of_another_place(checker: Path) -> None:
    request = _request(Signer.generate("data.example.cn/ledger"))
    request["Inclusion"] = [{"Index": 3, "Size": 40, "Proof": _texts(tree.inclusion_proof(_nodes, 4, 40))}]
    assert _ask(checker, request).returncode == 1
